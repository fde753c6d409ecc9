package contracts

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// bell is a server that notifies every subscriber of each new thing.
type bell struct {
	spoil func(rings []ring) []ring
	hooks []struct{ Target, Secret string }
	heard int // answers of receivers other than 200
}

// ring is one delivery of a bell.
type ring struct {
	method, url, stamp, signature, nonce, body string
}

func (b *bell) World(context.Context, Start) (World, error) { return &bell{spoil: b.spoil}, nil }
func (b *bell) Base(string) string                          { return "http://bell.example" }
func (b *bell) Literals() ([]byte, error)                   { return nil, nil }
func (b *bell) Now() (time.Time, error)                     { return time.Now(), nil }
func (b *bell) Advance(time.Duration) error                 { return nil }
func (b *bell) Close() error                                { return nil }
func (b *bell) settle(context.Context) error                { return nil }
func (b *bell) Credential(string, string) (fake.Credential, error) {
	return fake.Credential{}, errors.New("nobody is known")
}

func (b *bell) Do(r *http.Request) (*http.Response, error) {
	var body struct{ Target, Secret, Name string }
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		return nil, err
	}
	answer := fmt.Sprintf(`{"heard":%d}`, b.heard)
	if body.Target != "" {
		b.hooks = append(b.hooks, struct{ Target, Secret string }{body.Target, body.Secret})
		answer = fmt.Sprintf(`{"target":%q,"secret":%q}`, body.Target, body.Secret)
	} else if err := b.ring(body.Name); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(strings.NewReader(answer)),
	}, nil
}

func (b *bell) ring(name string) error {
	var rings []ring
	for n, hook := range b.hooks {
		one := ring{
			method: http.MethodPost,
			url:    hook.Target,
			stamp:  fmt.Sprint(time.Now().UnixMilli()),
			nonce:  fmt.Sprintf("%032x", time.Now().UnixNano()+int64(n)),
		}
		one.body = fmt.Sprintf(`{"event":"made","id":"%08x-1111-4222-8333-444444444444","url":%q,"name":%q}`,
			0xaa000000+n, hook.Target, name)
		one.signature = signedWith(hook.Secret, one.stamp+":"+one.body)
		rings = append(rings, one)
	}
	if b.spoil != nil {
		rings = b.spoil(rings)
	}
	for _, one := range rings {
		r, err := http.NewRequest(one.method, one.url, bytes.NewReader([]byte(one.body)))
		if err != nil {
			return err
		}
		r.Header = http.Header{"Content-Type": {"application/json"}, "X-Stamp": {one.stamp}, "X-Sign": {one.signature},
			"X-Nonce": {one.nonce}, "User-Agent": {"bell/1"}}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return err
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			b.heard = res.StatusCode
		}
	}
	return nil
}

func signedWith(secret, s string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(s))
	return hex.EncodeToString(mac.Sum(nil))
}

const bellRules = `
deliveries:
  clocks: [X-Stamp]
  signature: {header: X-Sign, value: '{hex}', over: '{X-Stamp}:{body}', url: target, secret: secret}
`

// bellCase returns a recording of two subscriptions and of a thing that both are notified of.
func bellCase(t *testing.T, info string) fstest.MapFS {
	t.Helper()
	var cassette, lines strings.Builder
	cassette.WriteString("version: 2\ninteractions:\n")
	add := func(q, a string) {
		fmt.Fprintf(&cassette,
			"  - request: {method: POST, url: 'http://bell.test/', body: '%s'}\n"+
				"    response: {body: '%s', headers: {Content-Type: [application/json]}, status: 200 OK, code: 200}\n",
			q, a)
	}
	for _, path := range []string{"/a", "/b"} {
		add(`{"target":"http://127.0.0.1:9999`+path+`","secret":"s`+path+`"}`,
			`{"target":"http://127.0.0.1:9999`+path+`","secret":"s`+path+`"}`)
	}
	add(`{"name":"lamp"}`, `{"heard":0}`)
	for n, path := range []string{"/b", "/a"} {
		body := fmt.Sprintf(
			`{"event":"made","id":"%08d-9999-4999-8999-999999999999","url":"http://127.0.0.1:9999%s","name":"lamp"}`,
			n, path)
		line, err := json.Marshal(map[string]any{"interaction": 2, "path": path, "rawBody": body,
			"headers": map[string]string{
				"Host": "127.0.0.1:9999", "Content-Type": "application/json", "User-Agent": "bell/1",
				"X-Stamp": "1795879044157",
				"X-Sign":  signedWith("s"+path, "1795879044157:"+body), "X-Nonce": fmt.Sprintf("%032x", 4096+n),
				"Content-Length": "1"}})
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	return fstest.MapFS{
		"bell/rules.yaml": {Data: []byte(bellRules)},
		"bell/two/case.yaml": {Data: []byte(
			"about: Both hear.\nsource: recorded\nversion: v1\ndate: \"2026-11-28\"\n" + info)},
		"bell/two/cassette.yaml":       {Data: []byte(cassette.String())},
		"bell/two/deliveries.jsonl":    {Data: []byte(lines.String())},
		"bell/bare/conversation.yaml":  {Data: []byte(cassette.String())},
		"bell/bare/conversation.jsonl": {Data: []byte(lines.String())},
	}
}

func replayBell(t *testing.T, files fstest.MapFS, path string, target Target) []string {
	t.Helper()
	suite, err := Load(files, Config{Fakes: []string{"bell"}, Seed: "default"}, path)
	if err != nil {
		t.Fatal(err)
	}
	out := suite.Cases[0].replay(context.Background(), target)
	if out.Err != nil {
		t.Fatal(out.Err)
	}
	var found []string
	for _, r := range out.Results {
		for _, d := range r.Differences {
			found = append(found, fmt.Sprintf("#%d %s", r.Number, d))
		}
	}
	return found
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	first := func(change func(*ring)) func([]ring) []ring {
		return func(all []ring) []ring { change(&all[0]); return all }
	}
	for _, test := range []struct {
		name  string
		info  string
		spoil func([]ring) []ring
		want  string // prefix of the first difference; "" if equal
	}{
		{name: "all as recorded, in another order"},
		{
			name:  "in the recorded order",
			info:  "deliveries: {order: arrival}\n",
			spoil: func(all []ring) []ring { return []ring{all[1], all[0]} },
		},
		{
			name: "in another order than that which counts",
			info: "deliveries: {order: arrival}\n",
			want: "#2 $deliveries[0].path",
		},
		{
			name:  "one is missing",
			spoil: func(all []ring) []ring { return all[1:] },
			want:  "#2 $deliveries[1]: recorded POST /a",
		},
		{
			name:  "one comes twice",
			spoil: func(all []ring) []ring { return append(all, all[0]) },
			want:  "#2 $deliveries[2]: recorded nothing, got POST /a",
		},
		{name: "none comes", spoil: func([]ring) []ring { return nil }, want: "#2 $deliveries[0]: recorded POST /b"},
		{
			name:  "another path",
			spoil: first(func(r *ring) { r.url += "/x" }),
			want:  "#2 $deliveries[1]: recorded POST /a",
		},
		{
			name:  "another method",
			spoil: first(func(r *ring) { r.method = http.MethodPut }),
			want:  `#2 $deliveries[1].method: recorded POST, got PUT`,
		},
		{name: "another value in the body, signed", spoil: first(func(r *ring) {
			r.body = strings.Replace(r.body, "lamp", "lamb", 1)
			r.signature = signedWith("s/a", r.stamp+":"+r.body)
		}), want: `#2 $deliveries[1].name: recorded "lamp", got "lamb"`},
		{
			name:  "a signature of another text",
			spoil: first(func(r *ring) { r.signature = signedWith("s/a", r.body) }),
			want:  "#2 $deliveries[1].header X-Sign",
		},
		{
			name:  "the secret of another receiver",
			spoil: first(func(r *ring) { r.signature = signedWith("s/b", r.stamp+":"+r.body) }),
			want:  "#2 $deliveries[1].header X-Sign",
		},
		{name: "a time of sending that is over", spoil: first(func(r *ring) {
			r.stamp = "1795879044157"
			r.signature = signedWith("s/a", r.stamp+":"+r.body)
		}), want: "#2 $deliveries[1].header X-Stamp"},
		{
			name:  "a nonce that is used twice",
			spoil: func(all []ring) []ring { all[1].nonce = all[0].nonce; return all },
			want:  "#2 $deliveries[1].header X-Nonce",
		},
		{
			name:  "a nonce of another form",
			spoil: first(func(r *ring) { r.nonce = "1" }),
			want:  "#2 $deliveries[1].header X-Nonce",
		},
		{name: "chance that the case names",
			info: "random:\n  - {interactions: \"2\", paths: ['$deliveries[*].name'], how: shape, why: " +
				"it is chance}\n", spoil: first(func(r *ring) {
				r.body = strings.Replace(r.body, "lamp", "lamb", 1)
				r.signature = signedWith("s/a", r.stamp+":"+r.body)
			})},
		{name: "the receiver's answer", info: "deliveries: {answers: {/b: {status: 500}}}\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			found := replayBell(t, bellCase(t, test.info), "bell/two", &bell{spoil: test.spoil})
			if test.want == "" && len(found) > 0 ||
				test.want != "" && (len(found) == 0 || !strings.HasPrefix(found[0], test.want)) {
				t.Errorf("differences %q, want one that begins with %q", found, test.want)
			}
		})
	}
}

// TestDeliveriesOfABareRecording reads deliveries from beside a bare recording. Without the number
// of the request they are compared at the end.
func TestDeliveriesOfABareRecording(t *testing.T) {
	t.Parallel()
	files := bellCase(t, "")
	if found := replayBell(t, files, "bell/bare/conversation.yaml", &bell{}); len(found) > 0 {
		t.Errorf("differences: %q", found)
	}
	lines := files["bell/bare/conversation.jsonl"]
	lines.Data = bytes.ReplaceAll(lines.Data, []byte(`"interaction":2,`), nil)
	quiet := func([]ring) []ring { return nil }
	if found := replayBell(t, files, "bell/bare/conversation.yaml", &bell{}); len(found) > 0 {
		t.Errorf("differences without causes: %q", found)
	}
	if found := replayBell(t, files, "bell/bare/conversation.yaml", &bell{spoil: quiet}); len(found) != 2 {
		t.Errorf("a server that sends nothing differs in %q", found)
	}
}

func TestDeliveriesOfHandWrittenSteps(t *testing.T) {
	t.Parallel()
	const steps = `
steps:
  - request: {method: POST, url: /, body: {target: "{{receiver}}/hook", secret: s1}}
    response: {status: 200, body: {target: "{{receiver}}/hook", secret: s1}}
  - request: {method: POST, url: /, body: {name: lamp}}
    response: {status: 200, body: {heard: 0}}
    deliveries:
      - path: /hook
        headers: {User-Agent: bell/1, X-Nonce: "{{nonce:hex}}", X-Other: null}
        body: {event: made, id: "{{id:uuid}}", url: "{{receiver}}/hook", name: NAME}
  - request: {method: POST, url: /, body: {name: lamp}}
    response: {status: 200, body: {heard: 500}}
    deliveries:
      - {path: /hook, body: {event: made, id: "{{id}}", url: "{{receiver}}/hook", name: lamp}}
`
	for name, want := range map[string]string{"lamp": "",
		"lamb": `#1 $deliveries[0].name: recorded "lamb", got "lamp"`} {
		files := fstest.MapFS{
			"bell/rules.yaml": {Data: []byte(bellRules)},
			"bell/hand/case.yaml": {Data: []byte(
				"about: By hand.\nsource: inferred\ndeliveries: {answers: {/hook: {status: 500}}}\n")},
			"bell/hand/steps.yaml": {Data: []byte(strings.Replace(steps, "NAME", name, 1))},
		}
		found := replayBell(t, files, "bell/hand", &bell{})
		if want == "" && len(found) > 0 || want != "" && (len(found) != 1 || found[0] != want) {
			t.Errorf("%s: differences %q, want %q", name, found, want)
		}
	}
}

func TestDeliveriesThatAreNotUnderstood(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"a key that nobody knows": `{"interaction":2,"path":"/a","headers":{"Host":"127.0.0.1:9999"},` +
			`"body":"x"}`,
		"an interaction that is not there": `{"interaction":3,"path":"/a","headers":{"Host":"127.0.0.1:9999"}}`,
		"no path":                          `{"interaction":2,"headers":{"Host":"127.0.0.1:9999"}}`,
		"no host":                          `{"interaction":2,"path":"/a","headers":{}}`,
		"two receivers": `{"interaction":2,"path":"/a","headers":{"Host":"127.0.0.1:1"}}` + "\n" +
			`{"interaction":2,"path":"/a","headers":{"Host":"127.0.0.1:2"}}`,
	} {
		files := bellCase(t, "")
		files["bell/two/deliveries.jsonl"].Data = []byte(line)
		if _, err := Load(files, Config{Fakes: []string{"bell"}}, "bell/two"); err == nil ||
			!strings.Contains(err.Error(), "deliveries.jsonl: line") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
