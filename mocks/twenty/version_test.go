package twenty

import (
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Each version answers as its part of the changelog says.
func TestVersions(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	newer := fake.Settings{Seeds: map[string]string{"twenty": "empty"},
		Texts: map[string]string{schema.VersionSetting: "2.43"}}
	if _, err := srv.Server.NewWorld("newer", newer, nil); err != nil {
		t.Fatal(err)
	}
	const id = "c0000000-0000-4000-8000-000000000001"
	query := func(document string) string { return `{"query":"` + document + `"}` }
	for _, w := range []string{"", "/__world/newer"} {
		if status, got := ask(t, srv, Key, "POST "+w+"/rest/companies",
			`{"id":"`+id+`","name":"Acme"}`); status != 201 {
			t.Fatal(got)
		}
		ask(t, srv, Key, "DELETE "+w+"/rest/companies/"+id+"?soft_delete=true", "")
	}
	sync := `mutation { syncApplication(manifest: {application: {universalIdentifier: \"` + appID +
		`\", requiredServerVersionRange: \">=2.43.0\"}}) { actions } }`
	for _, c := range []struct {
		name, method, path, body string
		older, newer             string
	}{
		{"restore of many", "PATCH", `/rest/companies/restore?filter=id%5Beq%5D:"` + id + `"`, "{}",
			"object 'companiesore' not found", `"restoreCompanies":[{`},
		{"restore of one", "PATCH", "/rest/companies/" + id + "/restore", "{}",
			"'" + id + "ore' is not a valid UUID", `"restoreCompany":{`},
		{"the older restore", "PATCH", `/rest/restore/companies?filter=id%5Beq%5D:"` + id + `"`, "{}",
			`"restoreCompanies":[`, "'companies' is not a valid UUID"},
		{"chosen fields", "GET", "/rest/companies/" + id + "?fields=name", "", `"deletedAt":null`,
			`{"data":{"company":{"name":"Acme"}}}`},
		{"the version", "GET", "/client-config", "", `{"billing":`, `{"appVersion":"2.43.0","billing":`},
		{"the schema of records", "POST", "/metadata", query("{ applicationCoreGraphqlSchema }"),
			"Cannot query field", "type Company "},
		{"what is gone", "POST", "/metadata",
			query(`mutation { generateApplicationToken(applicationId: \"` + id +
				`\") { applicationAccessToken { token } } }`),
			"not found", "Cannot query field"},
		{"what is new", "POST", "/metadata", query("{ usageLimits { id } }"), "Cannot query field",
			"NOT_IN_THIS_FAKE"},
		{"an application for newer servers", "POST", "/metadata", query(sync), "WORKSPACE_VERSION_INCOMPATIBLE",
			"not found"},
	} {
		if _, got := ask(t, srv, Key, c.method+" "+c.path, c.body); !strings.Contains(got, c.older) {
			t.Errorf("%s, older: %.300s", c.name, got)
		}
		if _, got := ask(t, srv, Key, c.method+" /__world/newer"+c.path, c.body); !strings.Contains(got, c.newer) {
			t.Errorf("%s, newer: %.300s", c.name, got)
		}
	}
}

func TestEveryChangeHasItsEvidence(t *testing.T) {
	t.Parallel()
	for _, c := range schema.Changelog {
		if schema.CheckVersion(c.In) != nil || c.What == "" || c.Source == "" {
			t.Errorf("%+v", c)
		}
		for _, f := range c.Fields {
			if !regexp.MustCompile(`^([-?](query|mutation) \w+|\+(query|mutation) .+: .+)$`).MatchString(f) {
				t.Errorf("%s: %s", c.Change, f)
			}
		}
	}
	if schema.CheckVersion("3") == nil {
		t.Error("version 3 is none")
	}
}
