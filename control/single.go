package control

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"go/format"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/explain"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/journal"
)

// requestChanges answers with the rows that a request changed, before and after.
func (c *call) requestChanges() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	changes, err := w.ChangesBy(e.ID)
	if err != nil {
		return nil, newProblem(http.StatusConflict, "%v", err)
	}
	for i := range changes {
		m := c.maskOf(e)
		changes[i].Before, changes[i].After = m.row(changes[i].Before), m.row(changes[i].After)
	}
	if changes == nil {
		changes = []fake.Difference{}
	}
	return map[string]any{"world": w.Name, "id": e.ID, "changes": changes}, nil
}

// exportRequest answers with one request in a form to copy.
func (c *call) exportRequest() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	forms := []string{"curl", "har", "go", "case"}
	form := c.r.FormValue("format")
	if e.Fake == "" && (form == "go" || form == "case") {
		return nil, newProblem(http.StatusConflict, "no fake has the path of this request; curl and har are left")
	}
	switch form {
	case "curl":
		return c.curl([]*fake.Entry{e})
	case "har":
		return c.har([]*fake.Entry{e})
	case "go":
		return c.goTest(w, e)
	case "case":
		return c.caseOf(w, c.plane.srv.Def(e.Fake), []*fake.Entry{e}, 0)
	default:
		return nil, badRequest("format=%s%s; formats: %s", form, fake.Hint(form, forms), strings.Join(forms, ", "))
	}
}

// goTest answers with a Go test that sends the request to a new fake and expects the recorded status.
func (c *call) goTest(w *fake.World, e *fake.Entry) (any, error) {
	m := c.maskOf(e)
	body := "nil"
	if text := m.body(e.Header, e.Body); len(text) > 0 {
		body = "strings.NewReader(" + literal(text) + ")"
	}
	imports := []string{"net/http", "testing"}
	if body != "nil" {
		imports = append(imports, "strings")
	}
	slices.Sort(imports)
	var out strings.Builder
	fmt.Fprintf(&out, "package %s_test\n\nimport (\n", e.Fake)
	for _, name := range imports {
		fmt.Fprintf(&out, "\t%q\n", name)
	}
	fmt.Fprintf(&out, "\n\t\"github.com/afba07b5/mockserver/mocks/%s\"\n)\n\n", e.Fake)
	fmt.Fprintf(&out, "// %s\nfunc TestRequest%s(t *testing.T) {\n\tsrv := %s.NewServer(t)\n",
		strings.ReplaceAll(m.secrets.Replace(printable(explain.Cause(c.plane.srv, w, e).Because)), "\n", " "),
		e.ID, e.Fake)
	credential := c.credentialIn(w, e)
	if credential.Value != "" {
		fmt.Fprintf(&out, "\tcredential := \"\"\n\tfor _, c := range %s.Def().Known(srv.State) {\n\t\tif "+
			"c.Principal == %q && c.State == \"valid\" {\n\t\t\tcredential = c.Value\n\t\t}\n\t}\n", e.Fake,
			credential.Principal)
	}
	fmt.Fprintf(&out, "\treq, err := http.NewRequest(%q, srv.URL+%q, %s)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n",
		e.Method, journal.Rooted(e.Fake, m.url(e.URL)), body)
	for _, h := range pairs(e.Header) {
		if !sentByClients[h.Name] {
			fmt.Fprintf(&out, "\treq.Header.Add(%q, %s)\n", h.Name, goValue(h, m, credential))
		}
	}
	fmt.Fprintf(&out, "\tres, err := http.DefaultClient.Do(req)\n\tif err != nil {\n\t\tt.Fatal(err)\n\t}\n\tdefer "+
		"res.Body.Close()\n\tif res.StatusCode != %d {\n\t\tt.Errorf(\"status %%d\", "+
		"res.StatusCode)\n\t}\n}\n", e.Status)
	text, err := format.Source([]byte(out.String()))
	if err != nil {
		return nil, err
	}
	return &reply{media: "text/x-go; charset=utf-8", text: text}, nil
}

// sentByClients are headers that HTTP clients set themselves.
var sentByClients = map[string]bool{"Content-Length": true, "Accept-Encoding": true, "Connection": true,
	"Mockserver-World": true, sentAgain: true}

// goValue is a header's value as a Go expression: secrets masked, the credential by name.
func goValue(h pair, m mask, credential fake.Credential) string {
	if before, after, ok := strings.Cut(h.Value, credential.Value); ok && credential.Value != "" {
		value := "credential"
		if before != "" {
			value = strconv.Quote(before) + "+" + value
		}
		if after != "" {
			value += "+" + strconv.Quote(after)
		}
		return value
	}
	return strconv.Quote(m.secrets.Replace(m.header(h.Name, h.Value)))
}

// literal is a text as a Go string, raw where it can be.
func literal(text []byte) string {
	if utf8.Valid(text) && strconv.CanBackquote(string(text)) {
		return "`" + string(text) + "`"
	}
	return strconv.Quote(string(text))
}

// credentialIn returns the well-known credential that a request carries, or the first valid one of the fake in place of
// one that is not well known; without a Value if the request carries none.
func (c *call) credentialIn(w *fake.World, e *fake.Entry) fake.Credential {
	def := c.plane.srv.Def(e.Fake)
	if def == nil || def.Credential == nil || def.Known == nil {
		return fake.Credential{}
	}
	asked, err := url.Parse(e.URL)
	if err != nil {
		return fake.Credential{}
	}
	sent := strings.Fields(def.Credential(&http.Request{Method: e.Method, URL: asked, Header: e.Header.Clone()}))
	s, err := w.State(e.Fake)
	if err != nil || len(sent) == 0 {
		return fake.Credential{}
	}
	var first fake.Credential
	s.View(func() {
		for _, one := range slices.Backward(def.Known(s)) {
			if one.State == "valid" && (first.Principal == "" || !slices.Contains(sent, first.Value)) ||
				slices.Contains(sent, one.Value) {
				first = one
			}
		}
	})
	first.Value = sent[0]
	return first
}

// sentAgain marks a request that the control plane repeated: the id of the first, and a unique number.
const sentAgain = "Mockserver-Sent-Again"

// resend sends a request of the journal once more, to the same world, as it came then.
func (c *call) resend() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	if len(e.Body) >= journal.KeptBody {
		return nil, newProblem(http.StatusConflict,
			"the journal keeps %d bytes of a body, and this one has more", journal.KeptBody)
	}
	again, err := http.NewRequestWithContext(c.r.Context(), e.Method,
		originOf(e.URL)+journal.Rooted(e.Fake, e.URL), bytes.NewReader(e.Body))
	if err != nil {
		return nil, badRequest("%v", err)
	}
	mark := e.ID + " " + rand.Text()
	again.Header = e.Header.Clone()
	again.Header.Set("Mockserver-World", w.Name)
	again.Header.Set(sentAgain, mark)
	again.RemoteAddr = c.r.RemoteAddr
	again.RequestURI = again.URL.RequestURI()
	handler := c.plane.srv.Edge()
	if e.Fake != "" {
		handler = c.plane.srv.Handler(e.Fake)
	}
	handler.ServeHTTP(&discarded{header: http.Header{}}, again)
	kept, _ := w.Journal.Entries()
	for _, one := range slices.Backward(kept) {
		if one.Header.Get(sentAgain) == mark {
			return c.plane.line(w.Name, one), nil
		}
	}
	return nil, newProblem(http.StatusConflict, "the request was sent, and the journal has lost it already")
}

// originOf is scheme and host of an absolute URL.
func originOf(address string) string {
	scheme, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// discarded is a ResponseWriter for an answer that the journal keeps.
type discarded struct{ header http.Header }

func (d *discarded) Header() http.Header         { return d.header }
func (d *discarded) Write(p []byte) (int, error) { return len(p), nil }
func (d *discarded) WriteHeader(int)             {}

// clockDue answers with the jobs that wait for the clock, the next first.
func (c *call) clockDue() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	due, err := w.Due()
	if err != nil {
		return nil, err
	}
	total := len(due)
	return map[string]any{"world": w.Name, "now": w.Clock.Now(), "total": total,
		"due": append([]fake.Job{}, due[:min(total, shown)]...)}, nil
}

// redeliver sends a webhook delivery again.
func (c *call) redeliver() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	id := c.r.PathValue("id")
	for _, name := range c.fakes() {
		s, err := w.State(name)
		if err != nil {
			return nil, err
		}
		known := slices.ContainsFunc(s.Deliveries(), func(d fake.Delivery) bool { return d.ID == id })
		if !known {
			continue
		}
		d, err := s.Redeliver(id)
		if err != nil {
			return nil, newProblem(http.StatusConflict, "%v", err)
		}
		return &reply{status: http.StatusAccepted, value: c.mask(name).delivery(d)}, nil
	}
	return nil, newProblem(http.StatusNotFound,
		"world %q has no delivery %q; its log has the newest thousand of each fake", w.Name, id)
}
