package contracts

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
	"github.com/afba07b5/mockserver/fake"
)

// echo is a target that answers from the recording itself, as another server would: every generated
// value is replaced by another one, times are different and closer together, lists in the order of
// identifiers follow the new identifiers, object keys have another order unless a rule calls it a
// fact, and what the recorder removed is present. It rejects a request that is not the recorded one
// with exactly the echo's values in it.
//
// It determines generated values without using the binding, apart from the shapes.
type echo struct {
	c      *Case
	values map[string]string // recorded value → the echo's
	times  map[int64]int64
	next   int
	now    time.Time

	asking   bool   // what is renamed is a request, in which numbers stay as the client had them
	receiver string // of deliveries, where the replay has it

	derived    map[string]compare.Derivation
	signatures map[string]string // recorded signature → the echo's, for what follows a redirect
}

const echoBase = "http://echo.example:4711/prefix"

func newEcho(c *Case) *echo {
	e := &echo{c: c, signatures: map[string]string{}, values: map[string]string{}, times: map[int64]int64{},
		now: time.Now()}
	e.derived, _ = c.rules.Derivations(c.def.Derivations)
	sent := map[string]bool{}
	for _, s := range c.rules.Standing {
		t, _ := scan.At(s.ID, 0)
		sent[t.Key()] = true
	}
	var order []int64
	for _, i := range c.interactions {
		for _, s := range append([]string{i.URL, i.Body}, valuesIn(i.Header)...) {
			e.each(s, func(t scan.Token) {
				if e.values[t.Key()] == "" {
					sent[t.Key()] = true
				}
			})
		}
		for _, s := range append([]string{i.Result}, append(valuesIn(i.Answer), delivered(i)...)...) {
			e.each(s, func(t scan.Token) {
				if sent[t.Key()] || e.values[t.Key()] != "" || t.Plain == compare.NilUUID ||
					t.Shape == scan.Time && !e.ofDay(t) || t.Shape == scan.Date && t.Plain != c.Info.Date {
					return
				}
				if t.Shape == scan.Time {
					ms, _ := t.Instant()
					order = append(order, ms)
				}
				e.values[t.Key()] = e.another(t)
			})
		}
	}
	slices.Sort(order)
	for n, ms := range order {
		e.times[ms] = e.now.UnixMilli() + int64(n)*7
	}
	e.issue(sent)
	return e
}

// issue generates the echo's expiries and the values that words replace.
func (e *echo) issue(sent map[string]bool) {
	named, issued := map[string]bool{}, map[int64]bool{}
	for n, i := range e.c.interactions {
		for _, s := range append([]string{i.URL, i.Body}, valuesIn(i.Header)...) {
			for _, t := range e.c.rules.StandInsIn(s) {
				named[t.Key()] = named[t.Key()] || e.values[t.Key()] == ""
			}
		}
		for _, t := range i.Times(&e.c.rules.Rules) {
			if ms, ok := t.Instant(); ok && t.After > 0 && !sent[t.Key()] && !issued[ms] {
				issued[ms] = true
				e.times[ms] = e.now.Add(t.After).UnixMilli() + int64(n)
			}
		}
		for _, t := range e.c.rules.StandInsIn(i.Result) {
			if !named[t.Key()] {
				e.values[t.Key()] = jwtOf(`{"alg":"HS256"}`, `{"sub":"`+t.Plain+`"}`, "c2ln")
			}
		}
		if body, err := jsontree.Parse(i.Result); err == nil {
			body.Each("$", func(v *jsontree.Node, path string) {
				for _, rule := range e.c.rules.StandIns {
					if rule.Glob != nil && rule.Glob.MatchString(path) && e.c.rules.Redacted(v.Text) {
						e.values[scan.Token{Shape: scan.StandIn, Plain: rule.Text}.Key()] = echoSecret
					}
				}
			})
		}
	}
}

// delivered are the texts of an interaction's deliveries.
func delivered(i *compare.Interaction) (all []string) {
	for _, d := range i.Deliveries {
		all = append(append(all, d.Body), valuesIn(d.Header)...)
	}
	return all
}

// echoSecret is a value that the recorder removed.
const echoSecret = "eyQ.secret"

// deliver sends the recorded deliveries of an interaction, with the echo's values.
func (e *echo) deliver(i *compare.Interaction) error {
	for _, d := range i.Deliveries {
		now := &Delivery{Method: d.Method, Path: d.Path, Header: http.Header{}, Body: e.answerText(d.Body)}
		for name, values := range d.Header {
			now.Header.Set(name, e.renamed(values[0]))
		}
		for _, name := range e.c.rules.Deliveries.Clocks {
			now.Header.Set(name, strconv.FormatInt(e.now.UnixMilli(), 10))
		}
		if rule := e.c.rules.Deliveries.Signature; rule != nil && now.Header.Get(rule.Header) != "" {
			recorded := d.Header.Get(rule.Header)
			if d.Body != "" {
				e.signatures[recorded] = rule.Of(now, e.secretOf(rule, d))
			}
			now.Header.Set(rule.Header, e.signatures[recorded])
		}
		r, err := http.NewRequest(now.Method, e.receiver+now.Path, strings.NewReader(now.Body))
		if err != nil {
			return err
		}
		r.Header = now.Header
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			return err
		}
		res.Body.Close()
	}
	return nil
}

// secretOf returns the secret that signed the recorded delivery.
func (e *echo) secretOf(rule *compare.Signature, d *Delivery) string {
	known := compare.Secrets{}
	for _, i := range e.c.interactions {
		known.Learn(rule, i.Body)
		known.Learn(rule, i.Result)
	}
	for _, secret := range known[e.c.receiver+d.Path] {
		if rule.Of(d, secret) == d.Header.Get(rule.Header) {
			return e.renamed(secret)
		}
	}
	return ""
}

func (e *echo) settle(context.Context) error { return nil }

// address matches the receiver in a request, which the recording replaces.
var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

func (e *echo) ofDay(t scan.Token) bool {
	ms, ok := t.Instant()
	return ok && time.UnixMilli(ms).UTC().Format(time.DateOnly) == e.c.Info.Date
}

func valuesIn(h http.Header) (all []string) {
	for _, values := range h {
		all = append(all, values...)
	}
	return all
}

// each visits the values with a shape in a text, inside decoded cursors too.
func (e *echo) each(s string, visit func(scan.Token)) {
	for _, t := range scan.Tokens(s) {
		if t.Shape == scan.Cursor {
			plain, _, _ := scan.DecodeCursor(t.Plain)
			e.each(plain, visit)
			continue
		}
		visit(t)
	}
}

// another returns a different value of the same form.
func (e *echo) another(t scan.Token) string {
	sum := sha256.Sum256([]byte("echo" + t.Plain))
	fresh := hex.EncodeToString(sum[:])
	switch t.Shape {
	case scan.UUID:
		id := fresh[:8] + "-" + fresh[8:12] + "-" + t.Plain[14:15] + fresh[13:16] + "-" +
			strings.ToLower(t.Plain[19:20]) + fresh[17:20] + "-" + fresh[20:32]
		if scan.LettersOf(t.Plain) == 2 {
			id = strings.ToUpper(id)
		}
		return id
	case scan.Date:
		return e.now.UTC().Format(time.DateOnly)
	case scan.Hex:
		return strings.Repeat(fresh, 1+len(t.Plain)/len(fresh))[:len(t.Plain)]
	}
	return t.Plain
}

// renamed returns a recorded text as this server would write it.
func (e *echo) renamed(s string) string {
	var b strings.Builder
	from := 0
	pieces := scan.Tokens(s)
	for _, t := range e.c.rules.StandInsIn(s) {
		pieces = compare.InsertToken(pieces, t)
	}
	for _, t := range pieces {
		now := e.renamedToken(t)
		if now == t.Plain {
			continue
		}
		b.WriteString(s[from:t.Start])
		b.WriteString(compare.LikeSpelled(s[t.Start:t.End], t.Plain, now))
		from = t.End
	}
	return b.String() + s[from:]
}

func (e *echo) renamedToken(t scan.Token) string {
	switch {
	case t.Shape == scan.Cursor:
		plain, in, _ := scan.DecodeCursor(t.Plain)
		floats := e.c.rules.Floats(plain)
		if e.asking {
			floats = nil
		}
		for _, f := range slices.Backward(floats) { // accurate to 32 bits, written with 64
			v, _ := strconv.ParseFloat(f.Plain, 32)
			plain = plain[:f.Start] + strconv.FormatFloat(v, 'g', -1, 64) + plain[f.End:]
		}
		return in.EncodeToString([]byte(e.renamed(plain)))
	case t.Shape == scan.Time:
		ms, _ := t.Instant()
		if now, ok := e.times[ms]; ok {
			return compare.Respell(t.Plain, ms, now)
		}
	default:
		if now := e.values[t.Key()]; now != "" {
			if t.Shape == scan.UUID && scan.LettersOf(t.Plain) == 2 {
				return strings.ToUpper(now)
			}
			return now
		}
	}
	return t.Plain
}

func (e *echo) answerText(s string) string {
	s = strings.ReplaceAll(e.renamed(e.restored(s)), e.c.origin, echoBase)
	if e.receiver != "" {
		s = strings.ReplaceAll(s, e.c.receiver, e.receiver)
	}
	return s
}

// restored puts back what the recorder removed.
func (e *echo) restored(s string) string {
	var all []scan.Token
	for _, t := range e.c.rules.RedactedAt(s) {
		all = compare.InsertToken(all, t)
	}
	for _, t := range slices.Backward(all) {
		s = s[:t.Start] + map[string]string{"word": echoSecret, "text": "at parse (x.js:1)\n    at y"}[t.Plain] +
			s[t.End:]
	}
	return s
}

// signed adds the signature to a recorded URL from an earlier answer.
func (e *echo) signed(u string) string {
	for _, t := range e.c.rules.RedactedAt(u) {
		for _, i := range e.c.interactions[:e.next] {
			if strings.Contains(i.Result, u[:t.End]) {
				return u[:t.Start] + echoSecret + u[t.End:]
			}
		}
	}
	return u
}

// value renames a JSON value.
func (e *echo) value(n *jsontree.Node, path string, l compare.ListRules) *jsontree.Node {
	out := &jsontree.Node{Kind: n.Kind, Text: n.Text, Keys: slices.Clone(n.Keys)}
	for i, kid := range n.Kids {
		key := ""
		if n.Kind == jsontree.Object {
			key = n.Keys[i]
		}
		now := e.value(kid, stepTo(n, path, i), l)
		if id := n.Get("id"); id != nil && id.Kind == jsontree.Text && e.derived[key] != nil &&
			kid.Text == e.derived[key](id.Text) {
			now.Text = e.derived[key](e.renamed(id.Text))
		}
		out.Kids = append(out.Kids, now)
	}
	switch n.Kind {
	case jsontree.Text:
		out.Text = e.answerText(n.Text)
	case jsontree.Object:
		for i, key := range out.Keys {
			if len(key) >= 32 {
				out.Keys[i] = e.renamed(key)
			}
		}
		shuffle(out, compare.RuleAt(l.Keys, path))
	case jsontree.Array:
		e.arrange(out, path, l)
	}
	return out
}

// shuffle reverses the members of an object whose order no rule calls a fact, behind the others.
func shuffle(o *jsontree.Node, rule *compare.ListRule) {
	keys, kids := o.Keys, o.Kids
	o.Keys, o.Kids = nil, nil
	add := func(i int) { o.Keys, o.Kids = append(o.Keys, keys[i]), append(o.Kids, kids[i]) }
	free := func(i int) bool { return rule == nil || rule.Unordered(keys[i]) }
	for i := range keys {
		if !free(i) {
			add(i)
		}
	}
	for i := range slices.Backward(keys) {
		if free(i) {
			add(i)
		}
	}
}

// arrange sorts a list as this server would.
func (e *echo) arrange(list *jsontree.Node, path string, l compare.ListRules) {
	rule := compare.RuleAt(l.Ordered, path)
	if rule == nil {
		if len(list.Kids) > 1 && compare.RuleAt(l.Unordered, path) != nil {
			list.Kids = append(list.Kids[1:], list.Kids[0])
		}
		return
	}
	if _, ok := compare.IDs(list, rule.ID); !ok {
		return
	}
	group := map[*jsontree.Node]int{}
	for i, run := range compare.Groups(list, rule.Within) {
		group[list.Kids[i]] = run
	}
	slices.SortStableFunc(list.Kids, func(a, b *jsontree.Node) int {
		if group[a] != group[b] {
			return group[a] - group[b]
		}
		order := strings.Compare(a.At(rule.ID).Text, b.At(rule.ID).Text)
		if rule.Direction == "descending" {
			order = -order
		}
		return order
	})
}

// moveEnds updates the cursors of a list's ends to its present elements.
func (e *echo) moveEnds(was, now *jsontree.Node, l compare.ListRules) {
	walk(was, "$", func(path string, list *jsontree.Node) {
		rule := compare.RuleAt(l.Ordered, path)
		if rule == nil || list.Kind != jsontree.Array || len(list.Kids) < 2 {
			return
		}
		old, ok := compare.IDs(list, rule.ID)
		if !ok {
			return
		}
		fresh, _ := compare.IDs(find1(now, path), rule.ID)
		walk(now, "$", func(p string, n *jsontree.Node) {
			for _, end := range e.c.rules.Ends {
				if strings.HasSuffix(p, "."+end) && n.Kind == jsontree.Text {
					n.Text = swapID(n.Text, e.renamed(old[0]), fresh[0], e.renamed(old[len(old)-1]),
						fresh[len(fresh)-1])
				}
			}
		})
	})
}

func swapID(cursor string, pairs ...string) string {
	plain, in, ok := scan.DecodeCursor(cursor)
	if !ok {
		plain = cursor
	}
	plain = strings.NewReplacer(pairs...).Replace(plain)
	if ok {
		return in.EncodeToString([]byte(plain))
	}
	return plain
}

func find1(n *jsontree.Node, path string) (found *jsontree.Node) {
	walk(n, "$", func(p string, one *jsontree.Node) {
		if p == path {
			found = one
		}
	})
	return found
}

func (e *echo) World(context.Context, Start) (World, error) { return e, nil }
func (e *echo) Base(string) string                          { return echoBase }
func (e *echo) Now() (time.Time, error)                     { return e.now, nil }
func (e *echo) Advance(time.Duration) error                 { return nil }
func (e *echo) Close() error                                { return nil }

// Literals returns the standing objects as rows: the echo is the recorded workspace.
func (e *echo) Literals() ([]byte, error) {
	rows := []map[string]string{}
	for _, s := range e.c.rules.Standing {
		rows = append(rows, map[string]string{"id": s.ID})
	}
	return json.Marshal(rows)
}

func (e *echo) Credential(principal, state string) (fake.Credential, error) {
	return fake.Credential{Value: "the-" + state + "-key-of-" + principal}, nil
}

func (e *echo) Do(r *http.Request) (*http.Response, error) {
	i := e.c.interactions[e.next]
	e.next++
	if err := e.expect(r, i); err != nil {
		return nil, fmt.Errorf("the request is not the recorded one with this target's values: %w", err)
	}
	if err := e.deliver(i); err != nil {
		return nil, err
	}
	body := e.body(i)
	return &http.Response{StatusCode: i.Status, Header: e.headers(i, body),
		Body: io.NopCloser(strings.NewReader(body))}, nil
}

// headers are the recorded ones and those that the rules promise.
func (e *echo) headers(i *compare.Interaction, body string) http.Header {
	h := http.Header{"Date": {"now"}, "X-Powered-By": {"echo"}}
	for _, rule := range e.c.rules.Answers {
		for name, value := range rule.Headers {
			if !rule.Covers(i, i.Request()) {
				continue
			}
			if h[name] = []string{strings.Trim(value, "^$")}; value == compare.WeakTagRule {
				h[name] = []string{compare.WeakTag(body)}
			}
		}
	}
	for name, values := range i.Answer {
		if h.Get(name) != "" {
			continue
		}
		for _, value := range values {
			h.Add(name, e.answerText(value))
		}
	}
	return h
}

func (e *echo) body(i *compare.Interaction) string {
	n, err := jsontree.Parse(i.Result)
	if err != nil || !strings.Contains(i.Answer.Get("Content-Type"), "json") {
		return e.answerText(i.Result)
	}
	l := e.c.rules.ListsOf(i.Request())
	out := e.value(n, "$", l)
	e.moveEnds(n, out, l)
	return out.String()
}

func (e *echo) expect(r *http.Request, i *compare.Interaction) error {
	e.asking = true
	defer func() { e.asking = false }()
	body := ""
	if r.Body != nil {
		var b bytes.Buffer
		b.ReadFrom(r.Body)
		body = b.String()
	}
	if e.c.receiver != "" && strings.Contains(i.Body, e.c.receiver) {
		e.receiver = address.FindString(body)
		body = strings.ReplaceAll(body, e.receiver, e.c.receiver)
	}
	url := echoBase + strings.TrimPrefix(e.renamed(e.signed(i.URL)), e.c.origin)
	for _, pair := range [][2]string{{i.Method, r.Method}, {url, r.URL.String()}, {e.renamed(i.Body), body}} {
		if pair[0] != pair[1] {
			return fmt.Errorf("want %s\n got %s", pair[0], pair[1])
		}
	}
	for name, values := range i.Header {
		for n, value := range values {
			if who, ok := e.c.Info.Credentials[value]; ok && e.renamed(value) == value {
				c, _ := e.Credential(who.Principal, who.State)
				value = "Bearer " + c.Value
			}
			if got := r.Header.Values(name); n >= len(got) || got[n] != e.renamed(value) {
				return fmt.Errorf("header %s: want %s, got %v", name, e.renamed(value), got)
			}
		}
	}
	return nil
}

// walk visits every value below n, n included, with its path.
func walk(n *jsontree.Node, path string, visit func(path string, n *jsontree.Node)) {
	visit(path, n)
	for i, kid := range n.Kids {
		walk(kid, stepTo(n, path, i), visit)
	}
}

// stepTo returns the JSON path of the i-th value directly below n.
func stepTo(n *jsontree.Node, path string, i int) string {
	if n.Kind == jsontree.Array {
		return fmt.Sprintf("%s[%d]", path, i)
	}
	return path + "." + n.Keys[i]
}

func jwtOf(header, claims, signature string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(claims)) + "." + signature
}
