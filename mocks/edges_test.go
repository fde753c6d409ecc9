package mocks_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

var deformed = flag.Int("deformed", 40, "send one in so many of the deformed requests")

// statuses are all statuses that a fake may answer to a deformed request, where its document does not say so: those of
// the vendor's page and, of Flosum, 401, 403 and 404, which every API of its kind has. Twenty's framework answers 500
// to bodies that it cannot decode and to values that its database refuses.
var statuses = map[string][]int{
	"flexcrm":  {200, 201, 400, 401, 403, 405},
	"flosum":   {200, 201, 302, 400, 401, 403, 404},
	"kickflow": {200, 201, 204, 400, 401, 403, 404, 405, 406, 413, 415, 422},
	"twenty":   {200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 413, 415, 422, 500, 501},
}

// TestEveryFakeHasAFault: the page and the tools for agents offer faults of each fake.
func TestEveryFakeHasAFault(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		if len(def.Faults) == 0 {
			t.Errorf("%s has no fault that a client can ask for: Def.Faults needs one, see step 2 of CONTRIBUTING.md",
				def.Name)
		}
	}
}

// TestDeformedRequests takes one answered request of every operation that a case touches, deforms its query, path,
// method, headers and body in every way of deformations, and sends the results. No answer has a text of a Go error
// or a status that the vendor does not have, and no rejected request changes the world.
//
//	go test ./mocks -run DeformedRequests -deformed 1 -timeout 1h -v
func TestDeformedRequests(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			deformRequests(t, def)
		})
	}
}

// deformer sends deformed requests of one fake to copies of a world.
type deformer struct {
	t       *testing.T
	def     *fake.Def
	srv     *fake.Server
	world   *fake.World
	scratch *fake.World
	version uint64
	seen    map[string]bool // operations
	made    int
	sent    int
}

func deformRequests(t *testing.T, def *fake.Def) {
	cases := race.Cases("../fixtures")
	paths, err := fs.Glob(cases, def.Name+"/*/case.yaml")
	if err != nil {
		t.Fatal(err)
	}
	paths = slices.DeleteFunc(paths, func(p string) bool { // hundreds of requests each, for operations that others have
		return strings.HasPrefix(p, "twenty/corpus_") || strings.HasPrefix(p, "twenty/kind_")
	})
	for n, p := range paths {
		paths[n] = path.Dir(p)
	}
	suite, err := contracts.Load(cases, contracts.Config{Fakes: []string{def.Name}, Defs: mocks.All()}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	inProcess, err := contracts.InProcess(def)
	if err != nil {
		t.Fatal(err)
	}
	d := &deformer{t: t, def: def, seen: map[string]bool{}}
	d.srv = inProcess.(interface{ Server() *fake.Server }).Server()
	target := contracts.WrapHandler(inProcess, func(w *fake.World, own http.Handler) http.Handler {
		d.world, d.scratch = w, nil
		return own
	})
	for _, c := range suite.Cases {
		var skipped *contracts.Skip
		err := suite.Watch(context.Background(), target, c, func(*contracts.Exchange) bool {
			d.deform()
			return true
		})
		if err != nil && !errors.As(err, &skipped) {
			t.Logf("%s: %v", c.Name, err)
		}
	}
	t.Logf("%d deformed requests of %d operations", d.sent, len(d.seen))
	if !race.Enabled && len(d.seen) < len(def.Spec.Operations())*3/5 {
		t.Errorf("only %d of %d operations were deformed", len(d.seen), len(def.Spec.Operations()))
	}
}

// deform deforms the newest request of the journal, if it is the first that its operation answered.
func (d *deformer) deform() {
	entries, _ := d.world.Journal.Entries()
	if len(entries) == 0 {
		return
	}
	e := entries[len(entries)-1]
	if e.Status >= 400 || e.Rejection != nil || e.Operation == "" || d.seen[e.Operation] || len(e.Body) >= 32<<10 {
		return
	}
	d.seen[e.Operation] = true
	d.scratch = nil
	for name, r := range deformations(e) {
		if d.made++; d.made%*deformed == 0 {
			d.send(e, name, r)
		}
	}
}

// mayAnswer reports whether the fake may give an answer: by statuses or, if that has no line of it, by its document.
func (d *deformer) mayAnswer(operation, method string, status int, h http.Header, body []byte) bool {
	if all, ok := statuses[d.def.Name]; ok {
		return slices.Contains(all, status)
	}
	return slices.ContainsFunc(d.def.Spec.Operations(), func(op *fake.Operation) bool {
		if status < 400 {
			return op.Status == status
		}
		in := &openapi.Input{HTTP: &http.Request{Method: method, Header: http.Header{}}}
		return op.ID == operation && status < 500 && op.CheckAnswer(in, status, h, body) == nil
	})
}

func (d *deformer) send(e *fake.Entry, name string, m *sample) {
	if d.scratch == nil || d.scratch.Version() != d.version {
		c, _, err := d.world.Scratch(e.Fake, e)
		if err != nil {
			d.t.Fatal(err)
		}
		d.scratch, d.version = c, c.Version()
	}
	path, err := url.PathUnescape(m.path)
	if err != nil {
		path = m.path
	}
	r := &http.Request{Method: m.method, Host: e.Host, Header: m.header, RemoteAddr: e.Remote, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, URL: &url.URL{Path: path, RawPath: m.path, RawQuery: m.query},
		Body: io.NopCloser(bytes.NewReader(m.body)), ContentLength: int64(len(m.body))}
	if len(m.body) == 0 {
		r.Body = http.NoBody
	}
	if m.breaks {
		r.Body, r.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(m.body), brokenReader{})), -1
	}
	r.RequestURI = r.URL.RequestURI()
	d.sent++
	got, _ := d.srv.Try(d.scratch, e.Fake, r, e.Base)
	what := fmt.Sprintf("%s of %s: %s %s?%s %.200q", name, e.Operation, m.method, m.path, m.query, m.body)
	if !d.mayAnswer(e.Operation, m.method, got.Status, got.Answered, got.Answer) {
		d.t.Errorf("%s answers %d: %.300s", what, got.Status, got.Answer)
	}
	if got.Status >= 400 && !marked(got.Rejection) {
		d.t.Errorf("%s answers %d by a rule without evidence, or with another than its source: %+v", what, got.Status,
			got.Rejection)
	}
	sent := string(m.body) + m.query + m.path + fmt.Sprint(m.header)
	if found := inWordsOfGo(string(got.Answer), sent); found != "" {
		d.t.Errorf("%s answers in the words of Go, %q: %.300s", what, found, got.Answer)
	}
	// Twenty's GraphQL server looks for a form of the answer after it has executed the document.
	if got.Status >= 400 && got.Status != http.StatusNotAcceptable && d.scratch.Version() != d.version {
		d.t.Errorf("%s answers %d and changes the world: %.300s", what, got.Status, got.Answer)
	}
	kind := got.Answered.Get("Content-Type")
	if strings.HasPrefix(kind, "application/json") && m.method != http.MethodHead && len(got.Answer) < 32<<10 &&
		!json.Valid(got.Answer) {
		d.t.Errorf("%s answers %d with broken JSON: %.300q", what, got.Status, got.Answer)
	}
}

// marked reports whether a rule that rejected a request says what is known of it, and whether its source does not
// contradict that.
func marked(r *fake.Rejection) bool {
	if r == nil || r.Rule == "" || r.Source == "" || r.Source == "no evidence is noted for this rule" {
		return false
	}
	doubtful := strings.HasPrefix(r.Source, "inferred") || strings.HasPrefix(r.Source, "assumed")
	switch r.Evidence {
	case fake.Recorded, fake.Documented:
		return !doubtful
	}
	return r.Evidence == fake.Inferred
}

// brokenReader is the rest of a body whose connection has broken.
type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// sample is a request taken apart.
type sample struct {
	method, path, query string
	header              http.Header
	body                []byte
	breaks              bool // the body ends with an error
}

func (m sample) with(change func(*sample)) *sample {
	m.header = m.header.Clone()
	change(&m)
	return &m
}

// deformations yields the deformed forms of a journal entry, each with its name.
func deformations(e *fake.Entry) iter.Seq2[string, *sample] {
	path, query, _ := strings.Cut(strings.TrimPrefix(e.URL, e.Base), "?")
	whole := sample{e.Method, path, query, e.Header.Clone(), e.Body, false}
	return func(yield func(string, *sample) bool) {
		for _, all := range []iter.Seq2[string, func(*sample)]{deformedQueries(query), deformedPaths(path),
			deformedHeads(e), deformedBodies(e)} {
			for name, change := range all {
				if !yield(name, whole.with(change)) {
					return
				}
			}
		}
	}
}

func deformedQueries(query string) iter.Seq2[string, func(*sample)] {
	return func(yield func(string, func(*sample)) bool) {
		set := func(q string) bool { return yield("query "+q, func(m *sample) { m.query = q }) }
		pairs := strings.Split(query, "&")
		for _, odd := range []string{"x=a;b", "x=50%", "x=%zz", "%=%", "x=%00", "x=%ff", "x[b]=1", "x[]=1",
			"x[=1", "=", "a=1&a=2",
			"[]=1", "__proto__[a]=1", "x=" + strings.Repeat("a", 9000), strings.Repeat("x[a]", 30) + "=1"} {
			if !set(strings.TrimPrefix(query+"&"+odd, "&")) {
				return
			}
		}
		for i, p := range pairs {
			name, value, ok := strings.Cut(p, "=")
			if !ok {
				continue
			}
			for _, odd := range []string{name + "=a;b", name + "=50%", name + "=%zz", name + "=%00", name + "=%ff",
				p + "&" + p, name + "[]=" + value, name + "[b]=" + value, name + "[0]=" + value, name + "=", name,
				name + "=-1", name + "=1e400", name + "=99999999999999999999", name + "=9223372036854775807",
				name + "=NaN", name + "=%EF%BC%91", name + "=+" + value} {
				if !set(strings.Join(slices.Concat(pairs[:i], []string{odd}, pairs[i+1:]), "&")) {
					return
				}
			}
		}
	}
}

func deformedPaths(path string) iter.Seq2[string, func(*sample)] {
	return func(yield func(string, func(*sample)) bool) {
		all := []string{strings.ToUpper(path), "/" + path}
		for _, end := range []string{"/", "//", "/nothing", "%00", ";x=1", "%2f", ".json", "%ff", "/../x"} {
			all = append(all, path+end)
		}
		above := path[:strings.LastIndexByte(path, '/')+1]
		for _, last := range []string{"", "%00", "..", "99999999999999999999", "%E3%81%82"} {
			all = append(all, above+last)
		}
		for _, odd := range all {
			if !yield("path "+odd, func(m *sample) { m.path = odd }) {
				return
			}
		}
	}
}

func deformedHeads(e *fake.Entry) iter.Seq2[string, func(*sample)] {
	return func(yield func(string, func(*sample)) bool) {
		for _, method := range []string{"HEAD", "OPTIONS", "PATCH", "PUT", "POST", "GET", "DELETE", "TRACE",
			"PROPFIND", "get", "QUERY"} {
			if method != e.Method && !yield("method "+method, func(m *sample) { m.method = method }) {
				return
			}
		}
		for _, head := range []string{"Content-Type: ", "Content-Type: text/plain",
			"Content-Type: application/xml", "Content-Type: x",
			"Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary=x",
			"Content-Type: application/json; charset=utf-16le",
			"Content-Type: application/json; charset=latin1",
			"Content-Type: application/json; charset=Shift_JIS", "Content-Type: application/json; charset",
			"Content-Type: application/x-www-form-urlencoded", "Content-Type: application/vnd.api+json",
			"Content-Encoding: gzip", "Content-Encoding: deflate",
			"Content-Encoding: br", "Content-Encoding: zstd", "Content-Encoding: gzip, br", "Accept: text/html",
			"Accept: x;q=z", "Authorization: ",
			"Authorization: Bearer", "Authorization: bearer x", "Authorization: Basic eDp5", "Authorization: x",
			"Authorization: Bearer a b", "If-None-Match: x",
			"Range: bytes=0-1", "Accept-Language: %", "X-Flexcrm-Api-Key: ", "User-Agent: ", "X-Caller-Id: x",
			"Origin: null", "Content-Length: x"} {
			name, value, _ := strings.Cut(head, ": ")
			if !yield("header "+head, func(m *sample) { m.header.Set(name, value) }) {
				return
			}
		}
	}
}

func deformedBodies(e *fake.Entry) iter.Seq2[string, func(*sample)] {
	return func(yield func(string, func(*sample)) bool) {
		if len(e.Body) == 0 {
			return
		}
		set := func(name string, body []byte) bool {
			return yield(name, func(m *sample) { m.body = body })
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		z.Write(e.Body)
		z.Close()
		for _, part := range [][]byte{packed.Bytes(), packed.Bytes()[:packed.Len()/2]} {
			if !yield("packed body", func(m *sample) { m.body = part; m.header.Set("Content-Encoding", "gzip") }) {
				return
			}
		}
		if !yield("broken body", func(m *sample) { m.body, m.breaks = m.body[:len(m.body)/2], true }) {
			return
		}
		for _, odd := range []string{"", "{", "[", "null", "[]", "1", `"x"`, "true", "{}", "[{}]", "nul",
			"\xff\xfe", "\ufeff" + string(e.Body), string(e.Body[:len(e.Body)-1]),
			string(e.Body) + "x", strings.Repeat("[", 20000), `{"a":1e999}`, `{"a":"\ud800"}`, `{"a":"` +
				"\x00" + `"}`, `{"":1}`, `{"a":1,"a":2}`, "a;b=c", "a=%", "a[b]=1&a=2",
			"--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n1", "--x--", "<a/>"} {
			if !set("body", []byte(odd)) {
				return
			}
		}
		var object map[string]any
		if json.Unmarshal(e.Body, &object) != nil {
			return
		}
		for key, was := range object {
			for _, odd := range []any{nil, "", "\x00", "zzz", "\xff", 1, -1, 1e300, 1.5, true, []any{},
				[]any{nil}, []any{was}, map[string]any{}, map[string]any{"a": 1},
				strings.Repeat("あ", 3000), json.RawMessage("1e400"), json.RawMessage(`"\ud800"`),
				json.RawMessage("99999999999999999999")} {
				object[key] = odd
				text, err := json.Marshal(object)
				if err == nil && !set("value of "+key, text) {
					return
				}
			}
			object[key] = was
		}
	}
}
