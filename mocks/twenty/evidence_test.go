package twenty

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/evidence"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// TestDocumentedMessages checks that a message can be found by its template, and that its source names a file.
func TestDocumentedMessages(t *testing.T) {
	t.Parallel()
	for template, source := range messages().Documented {
		if again := evidence.Template(template, func(string) bool { return false }); again != template {
			t.Errorf("no message has the template %q: its own is %q", template, again)
		}
		if project, file, ok := strings.Cut(source, " "); !ok || project == "" || !strings.Contains(file, ".") {
			t.Errorf("%q: the source %q is no file of a project", template, source)
		}
	}
}

func TestUnrecordedRootFieldsAreInferred(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for _, tt := range []struct{ path, body, want string }{
		{"/metadata", `{"query":"{ objects { edges { node { id } } } }"}`, "recorded"},
		{"/metadata", `{"query":"{ minimalMetadata { views { id } } }"}`, "inferred"},
		{"/metadata", `{"query":"{ objects { edges { node { id } } } minimalMetadata { views { id } } }"}`, "inferred"},
		{"/graphql", `{"query":"{ people { totalCount } }"}`, "recorded"},
		{"/metadata", `{"query":"{ objects { nope } }"}`, "recorded"},
		{"/metadata", `{"query":"query A($a: Int) { objects { edges { node { id } } } }"}`, "documented"},
	} {
		got := send(t, srv, "POST "+tt.path, "application/json", tt.body)
		if mark := got.Header.Get("Mockserver-Evidence"); mark != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.path, tt.body, mark, tt.want)
		}
	}
}

// TestWordsOfThePublicSource checks messages and hints that no recording shows. Sources: documented.json.
func TestWordsOfThePublicSource(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	const nobody = "ffffffff-ffff-4fff-8fff-ffffffffffff"
	role := ""
	srv.State.View(func() {
		for r := range fake.TableOf[schema.Role](srv.State, "roles").All() {
			if r.IsEditable {
				role = r.ID
			}
		}
	})
	for _, tt := range []struct{ path, query, want string }{
		{"/graphql", `{ people(filter: {jobTitle: {in: "a"}}) { totalCount } }`,
			`Invalid filter: \"in\" operator requires an array`},
		{"/graphql", `mutation { mergeTasks(ids: [], conflictPriorityIndex: 0) { id } }`,
			`This type of record cannot be merged.`},
		{"/metadata", `mutation { upsertObjectPermissions(upsertObjectPermissionsInput: {roleId: "` + role +
			`", objectPermissions: [{objectMetadataId: "` + nobody + `"}]}) { objectMetadataId } }`,
			`Object metadata id not found`},
		{"/metadata", `mutation { upsertFieldPermissions(upsertFieldPermissionsInput: {roleId: "` + role +
			`", fieldPermissions: [{objectMetadataId: "` + nobody + `", fieldMetadataId: "` + nobody +
			`", canReadFieldValue: false}]}) { id } }`, `The object you are trying to set permissions for`},
		{"/metadata", `mutation { upsertPermissionFlags(upsertPermissionFlagsInput: {roleId: "` + role +
			`", permissionFlagKeys: ["A", "B"]}) { id } }`, `Invalid permission setting (unknown value): A, B`},
	} {
		body, err := json.Marshal(map[string]string{"query": tt.query})
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, srv, "POST "+tt.path, "application/json", string(body))
		text, err := io.ReadAll(got.Body)
		if err != nil || !strings.Contains(string(text), tt.want) {
			t.Errorf("%s: want %q in %s, %v", tt.query, tt.want, text, err)
		}
	}
}
