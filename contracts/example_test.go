package contracts_test

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/mocks"
)

// recordings are the folders of a repository's recordings; usually os.DirFS("fixtures").
var recordings = fstest.MapFS{
	"kickflow/unknown-user/case.yaml": {Data: []byte("about: A user that does not exist.\nsource: documented\n")},
	"kickflow/unknown-user/steps.yaml": {Data: []byte(`headers: {Authorization: "Bearer {{credential:admin}}"}
steps:
  - request: {url: /v1/users/none}
    response: {status: 404, body: {code: not_found, message: Not found}}
`)},
}

// TestRun replays every recording of a file system as a sub-test.
func TestRun(t *testing.T) {
	t.Parallel()
	target, err := contracts.InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	contracts.Run(t, target, recordings)
}

// In a Go test, Run replays every recording as a sub-test.
func ExampleRun() {
	TestContracts := func(t *testing.T) {
		target, err := contracts.InProcess(mocks.All()...)
		if err != nil {
			t.Fatal(err)
		}
		contracts.Run(t, target, os.DirFS("fixtures")) // fixtures/<fake>/<case>/case.yaml and cassette.yaml
	}
	_ = TestContracts // go test runs it
}
