package twenty

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/evidence"
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
