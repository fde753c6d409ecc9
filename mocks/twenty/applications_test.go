package twenty

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

const appID = "a1000000-0000-4000-8000-0000000000c1"

// manifest is one of an application with an object of one field, and more.
func manifest(object, more string) string {
	return fmt.Sprintf(`{application: {universalIdentifier: "%s",
		defaultRoleUniversalIdentifier: "a1000000-0000-4000-8000-0000000000c2"}
		objects: [{universalIdentifier: "a1000000-0000-4000-8000-0000000000d1", nameSingular: "crate",
		namePlural: "crates", labelSingular: "Crate", labelPlural: "Crates", %s}],
		roles: [{universalIdentifier: "a1000000-0000-4000-8000-0000000000c2", label: "R",
		canReadAllObjectRecords: true}] %s}`, appID, object, more)
}

const oneField = `fields: [{universalIdentifier: "a1000000-0000-4000-8000-0000000000d2", type: "TEXT",
	name: "code", label: "Code"}]`

func TestSyncOfApplications(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	sync := func(m string) string { return `mutation { syncApplication(manifest: ` + m + `) { actions } }` }
	develop := `mutation { createDevelopmentApplication(universalIdentifier: "` + appID + `", name: "A") { id } }`
	for _, c := range []struct{ name, do, want string }{
		{"an application that is not there", sync(manifest(oneField, "")), "not found"},
		{"it is made", develop, `"id"`},
		{"a relation", sync(manifest(`fields: [{type: "RELATION", name: "a", label: "A"}]`, "")),
			"with a field of type RELATION is not in this fake"},
		{"a name that is none", sync(manifest(`fields: [{type: "TEXT", name: "a-b", label: "A"}]`, "")),
			"that is not valid"},
		{"views", sync(manifest(oneField, `views: [{}]`)), "syncApplication with views is not in this fake"},
		{"its object and role", sync(manifest(oneField, "")), `"metadataName":"role"`},
		{"nothing to do", sync(manifest(oneField, "")), `"actions":[]`},
		{"another name", sync(strings.Replace(manifest(oneField, ""), "Crates", "Boxes", 1)),
			"that changes an object is not in this fake"},
		{"another type", sync(manifest(strings.Replace(oneField, "TEXT", "NUMBER", 1), "")),
			"more of a field than its texts"},
		{"another role", sync(strings.Replace(manifest(oneField, ""), `"R"`, `"S"`, 1)),
			"that changes a role is not in this fake"},
		{"what is no manifest", sync(`"x"`), "Cannot read properties of undefined"},
		{"lists that are none",
			sync(`{application: {universalIdentifier: "` + appID + `"}, objects: 1, roles: [1]}`), "not in this fake"},
	} {
		if got := metadata(t, srv, Key, c.do); !strings.Contains(got, c.want) {
			t.Errorf("%s: %.400s", c.name, got)
		}
	}
}

// The token of an application has the application's role; once it is uninstalled neither the token nor the
// object is there.
func TestTokensOfApplications(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	made := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(metadata(t, srv, Key,
		`mutation { createDevelopmentApplication(universalIdentifier: "`+appID+`", name: "A") { id } }`))
	if made == nil {
		t.Fatal("no application")
	}
	metadata(t, srv, Key, `mutation { syncApplication(manifest: `+manifest(oneField, "")+`) { actions } }`)
	token := tokenInAnswer.FindStringSubmatch(metadata(t, srv, Key,
		`mutation { generateApplicationToken(applicationId: "`+made[1]+
			`") { applicationAccessToken { token } } }`))
	if token == nil {
		t.Fatal("no token")
	}
	for _, c := range []struct {
		line, body string
		want       int
	}{{"GET /rest/crates", "", 200}, {"POST /rest/crates", `{"code":"x"}`, 400}} {
		if status, got := ask(t, srv, token[1], c.line, c.body); status != c.want {
			t.Errorf("%s: %d %s", c.line, status, got)
		}
	}
	metadata(t, srv, Key, `mutation { uninstallApplication(universalIdentifier: "`+appID+`") }`)
	if status, got := ask(t, srv, token[1], "GET /rest/companies", ""); status != 401 {
		t.Errorf("after the application is gone: %d %s", status, got)
	}
	if status, got := ask(t, srv, Key, "GET /rest/crates", ""); status != 400 {
		t.Errorf("its object: %d %s", status, got)
	}
}
