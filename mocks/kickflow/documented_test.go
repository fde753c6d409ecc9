package kickflow_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/openapi"
)

// asDocumented lists the calls of a client with the vendor's schemas in the default seed.
func asDocumented() []call {
	const ticket = "/v1/tickets/70000000-0000-4000-8000-00000000000"
	var calls []call
	for _, route := range []string{"purchase-route", "expense-route"} {
		calls = append(calls, call{do: "GET /v1/routes/" + route})
	}
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		calls = append(calls, call{as: suzuki, do: "GET " + ticket + n})
	}
	const form = `{"inputs": [{"formFieldCode": "purpose", "value": "x"}]}`
	return append(calls,
		call{as: suzuki, do: "POST /v1/tickets", body: purchaseForm("draft", "700")},
		call{as: suzuki, do: "PATCH " + ticket + "7", body: purchaseForm("draft", "700")},
		call{as: suzuki, do: "PATCH " + ticket + "7/form", body: form},
		call{as: suzuki, do: "POST " + ticket + "4/archive"},
		call{as: sato, do: "POST " + ticket + "5/reject", body: `{"to": 1}`},
		call{as: tanaka, do: "POST " + ticket + "5/approve"},
		call{as: suzuki, do: "POST " + ticket + "6/withdraw"},
		call{as: suzuki, do: "PATCH " + ticket + "6", body: `{"status": "in_progress"}`},
		call{as: tanaka, do: "POST " + ticket + "6/deny"},
	)
}

// TestAnswersFitTheDefinitionAsDocumented reads all tickets and routes of the default seed with the
// schemas of the vendor's definition. Without the feature each of the ten operations shows keys
// that these do not allow.
func TestAnswersFitTheDefinitionAsDocumented(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/definition.json")
	if err != nil {
		t.Fatal(err)
	}
	definition, err := openapi.Load(text)
	if err != nil {
		t.Fatal(err)
	}
	documented, asObserved := newServer(t, fake.WithFeature("as-documented", true)), newServer(t)
	operations, broken := map[string]bool{}, map[string]bool{}
	for _, c := range asDocumented() {
		op := operationOf(t, definition, c.do)
		operations[op.ID] = true
		if err := answerError(t, op, check(t, documented, c)); err != nil {
			t.Errorf("%s: %v", c.do, err)
		}
		if answerError(t, op, check(t, asObserved, c)) != nil {
			broken[op.ID] = true
		}
	}
	if len(operations) != 10 || len(broken) != 10 {
		t.Errorf("%d operations, of which %d break the definition without the switch; want 10 and 10", len(operations),
			len(broken))
	}
}

func answerError(t *testing.T, op *openapi.Operation, got answer) error {
	t.Helper()
	req, err := http.NewRequest(op.Method, "http://localhost"+op.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return op.CheckAnswer(&openapi.Input{HTTP: req}, got.status, got.header, []byte(got.body))
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

func operationOf(t *testing.T, spec *openapi.Spec, do string) *openapi.Operation {
	t.Helper()
	method, path, _ := strings.Cut(do, " ")
	for _, op := range spec.Operations() {
		pattern := "^" + pathParameter.ReplaceAllString(op.Path, `[^/]+`) + "$"
		if op.Method == method && regexp.MustCompile(pattern).MatchString(path) {
			return op
		}
	}
	t.Fatalf("no operation for %s", do)
	return nil
}
