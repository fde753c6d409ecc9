package openapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// TestHeadersOfAnAnswer checks that an answer has the headers of its status or else of its class, whether they stand
// in the operation or in a component that it refers to, and that default stands for no status.
func TestHeadersOfAnAnswer(t *testing.T) {
	t.Parallel()
	spec, err := openapi.Load([]byte(`{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/a":{
 "get":{"operationId":"a","x-evidence":"inferred","x-source":"test","responses":{
  "200":{"description":"","headers":{"Total":{"schema":{"type":"integer"}},"Link":{"$ref":"#/components/headers/L"}}},
  "404":{"$ref":"#/components/responses/Missing"},
  "4XX":{"description":"","headers":{"Class":{"schema":{"type":"string"}}}},
  "default":{"description":"","headers":{"Any":{"schema":{"type":"string"}}}}}}}},
 "components":{"headers":{"L":{"schema":{"type":"string"}}},"responses":{
  "Missing":{"$ref":"#/components/responses/Gone"},
  "Gone":{"description":"","headers":{"Gone":{"schema":{"type":"string"}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for status, want := range map[int][]string{
		200: {"Link", "Total"}, 404: {"Gone"}, 410: {"Class"}, 500: nil, 0: nil,
	} {
		if diff := cmp.Diff(want, spec.Operations()[0].Headers(status)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", status, diff)
		}
	}
}
