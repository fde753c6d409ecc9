package samples

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/mocks"
)

// TestEveryFakeHasASample sends the write of each sample twice and its read, as its principal and with an unknown
// credential.
func TestEveryFakeHasASample(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			s, err := Of(def.Name)
			if err != nil {
				t.Fatal(err)
			}
			checkSample(t, def, s)
		})
	}
}

func checkSample(t *testing.T, def *fake.Def, s *Sample) {
	srv := fake.NewServer(t, def)
	seeded := checkPrincipals(t, def, s, srv.State, "default")
	checkPrincipals(t, def, s, fake.NewServer(t, def, fake.WithSeed("empty")).State, "empty")
	ask := func(method, path, body, credential string) (int, string) {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		name, value, _ := strings.Cut(s.CredentialHeader(credential), ": ")
		r.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {"tests"}}
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		srv.App.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	texts := []string{"one", `<b>é \"quoted\" %d`}
	for _, text := range texts {
		status, answer := ask("POST", s.Write, s.BodyOf(text), seeded)
		if status >= 300 || strings.Count(answer, `"`+text+`"`) > 1 {
			t.Errorf("x-sample: POST %s with %s answers %d %s; expected success, and the text at most once", s.Write,
				s.BodyOf(text), status, answer)
		}
	}
	status, answer := ask("GET", s.Read, "", seeded)
	if status != http.StatusOK || !strings.Contains(answer, `"one"`) {
		t.Errorf("x-sample: GET %s answers %d %s; expected the rows that were written", s.Read, status, answer)
	}
	for _, method := range []string{"GET", "POST"} {
		path, body := s.Read, ""
		if method == "POST" {
			path, body = s.Write, s.BodyOf("unknown")
		}
		if status, answer := ask(method, path, body, "unknown"); status != s.Unknown ||
			!strings.Contains(answer, s.Rejection) {
			t.Errorf("x-sample: %s %s with an unknown credential answers %d %s; expected %d with %s", method, path,
				status, answer, s.Unknown, s.Rejection)
		}
	}
	checkRows(t, s, srv.State.Dump(s.Table), texts)
}

// checkPrincipals requires that the principal has a valid credential among those that Def.Known finds in a seed, which
// it returns, and among those that Def.Credentials makes for a new world.
func checkPrincipals(t *testing.T, def *fake.Def, s *Sample, state *fake.State, seed string) (credential string) {
	var known, made []fake.Credential
	state.View(func() { known = def.Known(state) })
	if err := state.Change(func() error { made = def.Credentials(state, ""); return nil }); err != nil {
		t.Fatal(err)
	}
	ofSample := func(c fake.Credential) bool { return c.Principal == s.Principal && c.State == "valid" }
	n := slices.IndexFunc(known, ofSample)
	if n < 0 {
		t.Fatalf("x-sample: principal: Def.Known finds no valid credential of %q in the seed %s; it finds %+v",
			s.Principal, seed, known)
	}
	if !slices.ContainsFunc(made, ofSample) {
		t.Errorf("x-sample: principal: Def.Credentials makes none for %q, which the seed %s has; it makes %+v",
			s.Principal, seed, made)
	}
	return known[n].Value
}

// checkRows requires that the last rows of the sample's table have the texts in its field.
func checkRows(t *testing.T, s *Sample, rows []json.RawMessage, texts []string) {
	for i, text := range texts {
		var want string
		if err := json.Unmarshal([]byte(`"`+text+`"`), &want); err != nil {
			t.Fatal(err)
		}
		var row any
		if i += len(rows) - len(texts); i < 0 || json.Unmarshal(rows[i], &row) != nil {
			t.Fatalf("x-sample: the table %q has %d rows after two writes; is its name right?", s.Table, len(rows))
		}
		for key := range strings.SplitSeq(s.Field, ".") {
			object, _ := row.(map[string]any)
			row = object[key]
		}
		if row != want {
			t.Errorf("x-sample: the field %s of a row of %s is %v; expected %q: %s", s.Field, s.Table, row, want,
				rows[i])
		}
	}
}

func TestBodiesOfASampleDiffer(t *testing.T) {
	t.Parallel()
	s := Sample{Body: `{"name":"%s","email":"{fresh}@example.com","isbn":"978{fresh:10}"}`}
	var one, two struct{ Name, Email, ISBN string }
	if err := json.Unmarshal([]byte(s.BodyOf(`a \"quoted\" %d`)), &one); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(s.BodyOf("")), &two); err != nil {
		t.Fatal(err)
	}
	if one.Name != `a "quoted" %d` || one.Email == two.Email || one.ISBN == two.ISBN || len(one.ISBN) != 13 {
		t.Errorf("%+v, then %+v", one, two)
	}
}

// TestASampleThatIsIncomplete names the key and the file.
func TestASampleThatIsIncomplete(t *testing.T) {
	t.Parallel()
	const rest = `"openapi":"3.0.3","info":{"title":"Notes","version":"1"},"paths":{}}`
	const sample = `{"principal":"ada","write":"/a","body":{"text":"%s"},"read":"/a","table":"notes","field":"text",` +
		`"unknown":401,"rejection":"no"}`
	for _, test := range []struct{ old, new, want string }{
		{`"table":"notes",`, ``, "it lacks table"},
		{`"unknown":401`, `"unknown":0`, "it lacks unknown"},
		{`"%s"`, `"a %s"`, `"%s" once`},
		{`"body":{"text":"%s"},`, ``, `"%s" once`},
		{`"table"`, `"tabel"`, `unknown field "tabel"`},
		{sample, ``, "it is missing"},
	} {
		key := `"x-sample":` + strings.Replace(sample, test.old, test.new, 1) + ","
		if test.new == "" && test.old == sample {
			key = ""
		}
		spec, err := openapi.Load([]byte("{" + key + rest))
		if err != nil {
			t.Fatal(err)
		}
		_, err = read(&fake.Def{Name: "jotter", Spec: spec,
			Example: "curl -H 'Authorization: Bearer {credential}' {url}/a"})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(),
			"mocks/jotter/openapi.yaml: x-sample: ") {
			t.Errorf("%s: %v, want %s", key, err, test.want)
		}
	}
}
