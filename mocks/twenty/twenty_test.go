package twenty

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
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
		objects, fields := fake.TableOf[schema.Object](srv.State, "objects"),
			fake.TableOf[schema.Field](srv.State, "fields")
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

func TestNamedFaultsHaveTheShapeOfTheirFace(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for _, c := range []struct{ fault, line, want string }{
		{"limit", "GET /rest/companies",
			`429 {"statusCode":429,"error":"HttpException","messages":["Limit reached (100 tokens per 60000 ms)"]}`},
		{"limit", "POST /graphql",
			`200 {"data":null,"errors":[{"message":"Limit reached (100 tokens per 60000 ms)",` +
				`"extensions":{"subCode":"LIMIT_REACHED",` +
				`"userFriendlyMessage":"Rate limit reached. Please try again later.","code":"BAD_USER_INPUT"}}]}`},
		{"expired", "POST /metadata",
			`200 {"data":null,"errors":[{"message":"Token has expired.","extensions":{` +
				`"userFriendlyMessage":{"id":"z+7x/s",` +
				`"message":"You must be authenticated to perform this action."},"code":"UNAUTHENTICATED"}}]}`},
		{"expired", "GET /rest/companies",
			`401 {"statusCode":401,"messages":["Token has expired."],"error":"UNAUTHENTICATED"}`},
		{"internal", "POST /graphql",
			`200 {"data":null,"errors":[{"message":"Data validation error.",` +
				`"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`},
	} {
		method, _, _ := strings.Cut(c.line, " ")
		req, err := http.NewRequest(method, srv.URL+c.line[len(method)+1:],
			strings.NewReader(`{"query":"{ companies { totalCount } }"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Authorization": {"Bearer " + Key}, "Content-Type": {"application/json"},
			"Prefer": {"fault=" + c.fault}}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if got := fmt.Sprintf("%d %s", res.StatusCode, text); got != c.want || err != nil {
			t.Errorf("%s at %s: %s", c.fault, c.line, got)
		}
	}
}
