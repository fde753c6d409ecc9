package twenty

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// TestWhatTheFakeLacksAnswers501 sends a request for each entry that GET /__admin/fidelity lists as missing.
func TestWhatTheFakeLacksAnswers501(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	documents := rootDocuments(t, srv, "/metadata")
	parameter := regexp.MustCompile(`\{[^}]*\}`)
	for _, m := range unimplemented() {
		method, path := http.MethodPost, m.Name
		endpoint := m.Kind[strings.LastIndexByte(m.Kind, ' ')+1:]
		body, want := "", `{"code":"NOT_IN_THIS_FAKE","error":"path `+m.Name+` is not in this fake; the vendor has it"}`
		if m.Kind == "path" {
			if before, after, ok := strings.Cut(m.Name, " "); ok {
				method, path = before, after
			}
			path = parameter.ReplaceAllString(path, "x")
		} else {
			kind, _, _ := strings.Cut(m.Kind, " ")
			body, path = `{"query":"`+cmp.Or(documents[kind+" "+m.Name], kind+`{`+m.Name+`(a:1){b}}`)+`"}`, endpoint
			want = `{"errors":[{"message":"The ` + kind + ` ` + m.Name +
				` is not in this fake.","extensions":{"code":"NOT_IN_THIS_FAKE"}}]}`
		}
		status, got := sendMissing(t, srv, method, path, body)
		if status != http.StatusNotImplemented || got != want {
			t.Errorf("%s %s %s: %d %s; want 501 %s", method, path, body, status, got, want)
		}
		entries, _ := srv.Journal.Entries()
		rule := m.Kind + " " + m.Name + " is not in this fake"
		if last := entries[len(entries)-1]; last.Rejection == nil || last.Rejection.Rule != rule {
			t.Errorf("%s %s: the journal says %+v, want the rule %q", method, path, last.Rejection, rule)
		}
	}
	if n := len(unimplemented()); n < 100 {
		t.Errorf("only %d entries", n)
	}
}

// rootDocuments returns a valid document for each root field of an endpoint, under its kind and name. Its variables
// have no values: the 501 comes before the vendor's server would validate them.
func rootDocuments(t *testing.T, srv *fake.TestServer, endpoint string) map[string]string {
	t.Helper()
	const types = `kind name ofType{kind name ofType{kind name ofType{kind name ofType{kind name}}}}`
	const fields = `{fields{name args{name type{` + types + `}} type{` + types + `}}}`
	_, text := sendMissing(t, srv, http.MethodPost, endpoint,
		`{"query":"{__schema{queryType`+fields+` mutationType`+fields+`}}"}`)
	var answer struct {
		Data struct {
			Schema struct{ QueryType, MutationType introspected } `json:"__schema"`
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for kind, root := range map[string]introspected{"query": answer.Data.Schema.QueryType,
		"mutation": answer.Data.Schema.MutationType} {
		for _, f := range root.Fields {
			out[kind+" "+f.Name] = f.document(kind)
		}
	}
	return out
}

func (f introspectedMember) document(kind string) string {
	var variables, arguments []string
	for _, a := range f.Args {
		if a.Type.Kind == "NON_NULL" {
			variables = append(variables, "$"+a.Name+":"+a.Type.String())
			arguments = append(arguments, a.Name+":$"+a.Name)
		}
	}
	join := func(list []string) string {
		if len(list) == 0 {
			return ""
		}
		return "(" + strings.Join(list, ",") + ")"
	}
	leaf := f.Type
	for leaf.OfType != nil {
		leaf = leaf.OfType
	}
	selection := ""
	if leaf.Kind != "SCALAR" && leaf.Kind != "ENUM" {
		selection = "{__typename}"
	}
	return kind + join(variables) + "{" + f.Name + join(arguments) + selection + "}"
}

// TestWhatTheVendorLacksLooksDifferent uses names similar to those of missing features.
func TestWhatTheVendorLacksLooksDifferent(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/client-config", "", 404,
			`{"message":"Cannot POST /client-config","error":"Not Found","statusCode":404}`},
		{"GET", "/.well-known/nope", "", 404,
			`{"message":"Cannot GET /.well-known/nope","error":"Not Found","statusCode":404}`},
		{"GET", "/files/x", "", 404, `{"message":"Cannot GET /files/x","error":"Not Found","statusCode":404}`},
		{"OPTIONS", "/client-config", "", 204, ""},
		// validated as recorded, though it is missing
		{"POST", "/metadata", `{"query":"mutation{runAgent(nope:1){x}}"}`, 200, ""},
		{"POST", "/metadata", `{"query":"mutation{signOut}"}`, 200,
			`{"errors":[{"message":"Cannot query field \"signOut\" on type \"Mutation\". Did you mean \"signUp\" ` +
				`or \"signIn\"?","locations":[{"line":1,"column":10}]}]}`},
	} {
		status, got := sendMissing(t, srv, c.method, c.path, c.body)
		if status != c.status {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, status, c.status)
		}
		if diff := gocmp.Diff(c.want, got); diff != "" && c.want != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.method, c.path, diff)
		}
	}
}

func sendMissing(t *testing.T, srv *fake.TestServer, method, path, body string) (status int, text string) {
	t.Helper()
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+Key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil && !errors.Is(err, io.EOF) { // an empty answer
		t.Fatal(err)
	}
	return res.StatusCode, string(out)
}

// TestMissingPathsMatchInAnyCase, as the vendor's framework matches all paths.
func TestMissingPathsMatchInAnyCase(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for _, path := range []string{"/oauth/token", "/OAUTH/Token", "/OAuth/Token"} {
		if status, got := sendMissing(t, srv, http.MethodPost, path, ""); status != http.StatusNotImplemented {
			t.Errorf("POST %s answers %d %s", path, status, got)
		}
	}
	if status, got := sendMissing(t, srv, http.MethodPost, "/oauth/tokens", ""); status == http.StatusNotImplemented {
		t.Errorf("POST /oauth/tokens answers %d %s", status, got)
	}
}
