package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// TestTheAuditIsOfOneWorld breaks a rule in each of two worlds, by each of two operations.
func TestTheAuditIsOfOneWorld(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	g.must("POST /__admin/worlds", `{"name":"t1"}`)
	for _, prefix := range []string{"", "/__world/t1"} {
		for _, path := range []string{"categories", "folders"} {
			g.must("POST "+prefix+"/kickflow/v1/"+path, `{"name":"New","colour":"red"}`,
				"Authorization: Bearer kickflow-admin-token")
		}
	}
	for _, path := range []string{"/__admin/audit", "/__admin/worlds/t1/audit"} {
		all := g.must("GET "+path, "")
		findings := all["findings"].([]any)
		if len(findings) != 2 || all["dropped"] != 0.0 || all["rules"].(map[string]any)["fields-ignored"] != 2.0 {
			t.Fatalf("%s: %v", path, all)
		}
		first := findings[0].(map[string]any)
		requests := first["requests"].([]any)
		if first["client"] != "admin" || first["fake"] != "kickflow" ||
			!strings.HasPrefix(first["source"].(string), "https://developer.kickflow.com/") ||
			len(requests) != 1 || requests[0].(map[string]any)["operation"] != "createCategory" {
			t.Errorf("%s: %v", path, first)
		}
	}
	if page := g.must("GET /__admin/audit?limit=1&offset=1", ""); len(page["findings"].([]any)) != 1 {
		t.Errorf("a page: %v", page)
	}
	for query, want := range map[string]int{"client=admin": 2, "client=nobody": 0, "rule=same-again": 0,
		"silence=fields-ignored=later": 0} {
		if got := g.must("GET /__admin/audit?"+query, "")["meta"].(map[string]any)["total"]; got != float64(want) {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
	for query, want := range map[string]string{"rule=same": "rules: ", "silence=same-again": "needs a reason",
		"silence=samr-again%3Dx": `nearest: \"same-again\"`} {
		status, text := g.ask("GET /__admin/audit?"+query, "")
		if status != http.StatusBadRequest || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", query, status, text)
		}
	}
}

// TestTheAuditShowsNoSecret has a client that sends a credential in every place where one may be.
func TestTheAuditShowsNoSecret(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for range 6 {
		g.ask("GET /kickflow/v1/grades?token=very-secret-value", "", "Authorization: Bearer kickflow-admin-token")
		g.ask("GET /flexcrm/flex/api/v1/user?api_key=very-secret-value", "",
			"X-FlexCRM-API-KEY: FlexDemoCustomerTableOnlyKey0002")
	}
	_, text := g.ask("GET /__admin/audit", "")
	for _, secret := range []string{"very-secret-value", "kickflow-admin-token", "FlexDemoCustomerTableOnlyKey0002"} {
		if strings.Contains(text, secret) {
			t.Errorf("the audit shows %s: %s", secret, text)
		}
	}
	if !strings.Contains(text, "same-again") {
		t.Errorf("nothing to look at: %s", text)
	}
}

func TestOptionsSilenceRules(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{Silences: []audit.Silence{{Rule: "same-again",
		Reason: "a test that repeats itself"}}})
	for range 6 {
		g.must("GET /alpha/notes", "")
	}
	all := g.must("GET /__admin/audit", "")
	silenced := all["silenced"].([]any)
	if len(all["findings"].([]any)) != 0 || len(silenced) != 1 || silenced[0].(map[string]any)["findings"] != 1.0 {
		t.Errorf("%v", all)
	}
}
