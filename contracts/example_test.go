package contracts_test

import (
	"fmt"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/mocks"
)

// The folders of a repository's recordings; usually os.DirFS("fixtures").
var recordings = fstest.MapFS{
	"kickflow/unknown-user/case.yaml": {Data: []byte("about: A user that does not exist.\nsource: documented\n")},
	"kickflow/unknown-user/steps.yaml": {Data: []byte(`headers: {Authorization: "Bearer {{credential:admin}}"}
steps:
  - request: {url: /v1/users/none}
    response: {status: 404, body: {code: not_found, message: Not found}}
`)},
}

// In a Go test, Run replays every recording as a sub-test:
//
//	func TestContracts(t *testing.T) {
//		target, err := contracts.InProcess(mocks.All()...)
//		if err != nil {
//			t.Fatal(err)
//		}
//		contracts.Run(t, target, os.DirFS("fixtures")) // fixtures/<fake>/<case>/case.yaml and cassette.yaml
//	}
func ExampleRun() {
	passed := testing.RunTests(func(_, _ string) (bool, error) { return true, nil }, []testing.InternalTest{{
		Name: "TestContracts",
		F: func(t *testing.T) {
			target, err := contracts.InProcess(mocks.All()...)
			if err != nil {
				t.Fatal(err)
			}
			contracts.Run(t, target, recordings)
		},
	}})
	fmt.Println("passed:", passed)
	// Output: passed: true
}
