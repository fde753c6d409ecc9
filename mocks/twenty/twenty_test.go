package twenty

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// ask sends "METHOD path" with the well-known key and returns status and body.
func ask(tb testing.TB, srv *fake.TestServer, token, line, body string) (int, string) {
	tb.Helper()
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestEveryRelationOfTheStandardMetadataHasItsOtherSide(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	if err := srv.State.Change(func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	srv.State.View(func() {
		objects, fields := fake.TableOf[schema.Object](srv.State, "objects"), fake.TableOf[schema.Field](srv.State, "fields")
		if objects.Len() != 28 || fields.Len() != 454 {
			t.Errorf("%d objects, %d fields", objects.Len(), fields.Len())
		}
		for f := range fields.All() {
			if f.TargetFieldID == "" {
				continue
			}
			other, ok := fields.Find(f.TargetFieldID)
			if !ok || other.TargetFieldID != f.ID || other.ObjectMetadataID != f.TargetObjectID {
				t.Errorf("field %s %s: other side %+v", f.ID, f.Name, other)
			}
		}
	})
}

func TestNoTableIsInTheStandardMetadataAndInASeed(t *testing.T) {
	t.Parallel()
	tables := func(name string) (out map[string]json.RawMessage) {
		text, err := files.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(text, &out)
		}
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	base := tables(standard)
	for _, name := range []string{"empty", "prefilled", "default"} {
		for table := range tables("seeds/" + name + ".json") {
			if base[table] != nil {
				t.Errorf("%s of seed %s is in %s, too", table, name, standard)
			}
		}
	}
}
