// Package compare compares the answers of a target with recorded ones, up to a renaming of generated
// values.
//
// Two answers are equal if they are the same up to one consistent, one-to-one renaming of generated
// values. A renaming removes randomness and nothing else. The rules are documented in the code:
//
//   - bind.go: what may be renamed (UUIDs, times of the recording's day, long hex values, JWTs;
//     cursors are decoded), what is literal (what a request sent first, what the seed holds, other
//     times), and what a renamed value keeps (a UUID its version, a time its spelling);
//   - times.go: the order and equality of instants;
//   - lists.go: lists in the order of identifiers, and lists without order;
//   - cursor.go: cursors and JWTs, decoded; derived.go: values made from an identifier;
//   - standin.go: words in place of tokens, and signed URLs; lifetime.go: times a fixed span after
//     their request;
//   - relax.go: what a recording does not fix, named per interaction by case.yaml and counted
//     apart.
//
// A Comparison compares one answer under the Rules of a vendor. Its Binding is the renaming, which
// all comparisons of one conversation share. Neither sends requests: package contracts does.
package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// Difference is one place where the target's answer differs from the recorded one.
type Difference struct {
	Path     string // "status", "header Link", or a JSON path that starts with $
	Recorded string
	Got      string
	Why      string // an explanation that the two values do not show; may be empty

	Moved Culprit // in a three-way comparison, the culprit; otherwise ""
	Live  string  // the value of the live service

	rec, got *jsontree.Node // the values; nil if absent, or not JSON
	stands   []string       // the paths of what the comparison found and cmp explains by this difference
}

// Places returns the paths that known gaps are compared with: those where the comparison found something.
func (d Difference) Places() []string {
	if len(d.stands) == 0 {
		return []string{d.Path}
	}
	return d.stands
}

func (d Difference) String() string {
	s := fmt.Sprintf("%s: recorded %s, got %s", d.Path, Shorten(d.Recorded), Shorten(d.Got))
	if d.Moved != "" {
		s = fmt.Sprintf("%s: recorded %s, fake %s, live %s", d.Path, Shorten(d.Recorded), Shorten(d.Got),
			Shorten(d.Live))
	}
	if d.Why != "" {
		s += " (" + d.Why + ")"
	}
	return Printable(s)
}

// Printable returns a text with its control characters, which a terminal would interpret, as
// escapes. Line breaks and tabs stay.
func Printable(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		r, width := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && width == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteString(s[i : i+width])
		}
		i += width
	}
	return b.String()
}

// Shorten returns a text, or the beginning and the end of a long one.
func Shorten(s string) string {
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:200], "") + " … " + strings.ToValidUTF8(s[len(s)-80:], "")
	}
	return s
}

const absent = "nothing"

// Comparison compares one answer.
type Comparison struct {
	Binding      *Binding
	Rules        *Rules
	At           Moment
	Origin, Base string          // the recorded origin and what stands for it
	Generated    []string        // what the case lists as such
	Declared     []string        // headers that the document declares for the answer
	Dropped      map[string]bool // headers that the recorder did not keep
	// the recorded origin of the receiver of deliveries and what stands for it
	RecordedReceiver, Receiver string
	recBatch, gotBatch         []*Delivery // the deliveries of the interaction
	Ordered                    bool        // they arrive in the recorded order
	sameBody                   bool        // the answers have the same body, byte for byte
	RecordedSecrets, Secrets   Secrets     // of receivers
	Unlimited                  bool        // the case says that it is replayed without the vendor's limits
	HandWritten                bool        // placeholders are the only variables
	inCursor                   bool
	Relaxed                    Relaxations               // what the recording does not fix about this answer
	Lists                      ListRules                 // the rules about lists that apply to the request
	lifetimes                  []*Lifetime               // the rules about expiries that apply to the request
	always                     []*AnswerRule             // the rules about headers of the answer
	Numbers                    []numberPlaces            // where numbers identify things; nil in the recorded workspace
	Parsed                     *jsontree.Cache           // of the recording; nil to parse each time
	Answers                    *jsontree.Cache           // of the target; nil to parse each time
	Now                        func() (time.Time, error) // the target's time
	// recorded id → the recorded id in its position in the target's order
	displaced map[string]string
	Ends      []end // cursors to compare last
	atEnd     bool  // such a cursor is being compared
	Found     []Difference

	mismatched []*listMismatch // unless first is set
	First      bool            // stop at the first difference
}

// done reports whether the comparison can stop.
func (c *Comparison) done() bool { return c.First && len(c.Found) > 0 }

// Differ adds a difference.
func (c *Comparison) Differ(path, rec, got, why string) {
	if why == unequal { // the values show it
		why = ""
	}
	c.Found = append(c.Found, Difference{Path: path, Recorded: rec, Got: got, Why: why})
}

// unlike adds a difference between two values, of which a nil one is absent. If the first difference is enough, its
// values are not shown either.
func (c *Comparison) unlike(path string, rec, got *jsontree.Node, why string) {
	if c.First {
		c.Differ(path, "", "", why)
		return
	}
	shown := func(n *jsontree.Node) string {
		if n == nil {
			return absent
		}
		return n.String()
	}
	c.Differ(path, shown(rec), shown(got), why)
	d := &c.Found[len(c.Found)-1]
	d.rec, d.got = rec, got
}

// Compare compares two JSON values. The order of object keys matters where a rule says so, that of arrays always.
func (c *Comparison) Compare(rec, got *jsontree.Node, path string) {
	if rec.Kind == jsontree.Text && c.HandWritten && c.comparePlaceholder(rec, got, path) {
		return
	}
	if len(c.Numbers) > 0 && c.compareNumbers(rec, got, path) {
		return
	}
	if len(c.Relaxed) > 0 {
		switch r := c.Relaxed.At(path); {
		case r != nil && (r.How == Outline || r.How == OnlyKind):
			c.compareOutline(rec, got, path, r.How == Outline)
			return
		case r != nil && r.How == OnlyShape:
			c.compareShape(rec, got, path)
			return
		case r != nil && r.How == lagging:
			c.At.background = true
			defer func() { c.At.background = false }()
		case r != nil && r.How == anyOrder && rec.Kind == jsontree.Array && got.Kind == jsontree.Array:
			c.compareUnordered("", rec, got, path)
			return
		}
	}
	if rec.Kind != got.Kind {
		c.unlike(path, rec, got, fmt.Sprintf("recorded %s, got %s", rec.Kind, got.Kind))
		return
	}
	switch rec.Kind {
	case jsontree.Object:
		c.compareObject(rec, got, path)
	case jsontree.Array:
		c.compareArray(rec, got, path)
	case jsontree.Text:
		if c.compareLifetime(rec, got, path) {
			return
		}
		if why := c.Match(rec.Text, got.Text); why != "" {
			c.unlike(path, rec, got, why)
			return
		}
		c.bindIssued(rec.Text, got.Text, path)
	default:
		if rec.Kind == jsontree.Number && slices.Contains(c.Generated, rec.Text) {
			if why := c.Match(rec.Text, got.Text); why != "" {
				c.Differ(path, rec.Text, got.Text, why)
			}
			return
		}
		if rec.Text != got.Text {
			c.Differ(path, rec.Text, got.Text, "")
		}
	}
}

func (c *Comparison) compareObject(rec, got *jsontree.Node, path string) {
	if c.First && len(rec.Keys) != len(got.Keys) { // some key is missing or extra
		c.unlike(path, rec, got, unequal)
		return
	}
	derived, standing := false, !c.HandWritten && c.standing(rec, got)
	for i, key := range rec.Keys {
		if c.done() {
			return
		}
		other := got.GetNear(c.renamedKey(key), i)
		switch {
		case other == nil:
			c.unlike(path+"."+key, rec.Kids[i], nil, "missing")
		case standing && c.compareStamp(rec.Kids[i], other):
		case c.compareCounter(key, rec.Kids[i], other):
		case rec.Kids[i].Kind == jsontree.Text && c.Binding.Derived[key] != nil:
			derived = true
		case len(c.Lists.Ordered) > 0 && slices.Contains(c.Rules.Ends, key):
			c.Ends = append(c.Ends, end{rec.Kids[i], other, path + "." + key})
		case c.sameLiteral(rec.Kids[i], other):
		default:
			c.At.row = key == "id" && !withinDelivered(path)
			c.Compare(rec.Kids[i], other, path+"."+key)
			c.At.row = false
		}
	}
	if c.done() {
		return
	}
	for i, key := range got.Keys {
		if rec.GetNear(key, i) == nil &&
			!slices.ContainsFunc(rec.Keys, func(r string) bool { return len(r) >= 32 && c.renamedKey(r) == key }) {
			c.unlike(path+"."+key, nil, got.Kids[i], "extra")
		}
	}
	c.compareKeyOrder(rec, got, path)
	if derived { // last, when the row's identifier is bound
		c.compareDerived(rec, got, path)
	}
	if !c.HandWritten && !standing {
		c.compareRow(rec, got, path)
	}
}

// sameLiteral reports whether two members of objects are equal by what is written, whatever their path. Most are, and
// their paths need not be made.
func (c *Comparison) sameLiteral(rec, got *jsontree.Node) bool {
	if rec.Kind != got.Kind || rec.Text != got.Text || c.HandWritten || len(c.Numbers) > 0 || len(c.Relaxed) > 0 {
		return false
	}
	switch rec.Kind {
	case jsontree.Text:
		text := c.recordedText(rec.Text)
		return len(text.tokens) == 0 && text.text == got.Text
	case jsontree.Number:
		return len(c.Generated) == 0
	}
	return rec.Kind == jsontree.Boolean || rec.Kind == jsontree.Null
}

// renamedKey returns the target's key for a recorded one: a key may be an identifier bound by an
// earlier answer.
func (c *Comparison) renamedKey(key string) string {
	if len(key) < 32 || c.HandWritten {
		return key
	}
	return c.Substitute(key)
}

func (c *Comparison) compareArray(rec, got *jsontree.Node, path string) {
	if rule := RuleAt(c.Lists.Ordered, path); rule != nil {
		c.compareList(rule, rec, got, path)
		return
	}
	if rule := RuleAt(c.Lists.Unordered, path); rule != nil {
		c.compareUnordered(rule.By, rec, got, path)
		return
	}
	c.compareInOrder(rec, got, path)
}

func (c *Comparison) compareInOrder(rec, got *jsontree.Node, path string) {
	if c.otherLength(rec, got, path) {
		return
	}
	from, why := len(c.Found), ""
	if len(rec.Kids) != len(got.Kids) {
		why = fmt.Sprintf("%d elements recorded, got %d", len(rec.Kids), len(got.Kids))
	}
	for i, kid := range rec.Kids {
		if c.done() {
			return
		}
		if i >= len(got.Kids) {
			c.Differ(element(path, i), kid.String(), absent, why)
			continue
		}
		c.Compare(kid, got.Kids[i], element(path, i))
	}
	for i := len(rec.Kids); i < len(got.Kids); i++ {
		c.Differ(element(path, i), absent, got.Kids[i].String(), why)
	}
	if len(rec.Kids) != len(got.Kids) {
		c.mismatched = append(c.mismatched,
			&listMismatch{from, len(c.Found), Difference{Path: path, Why: why, rec: rec, got: got}})
	}
}

// element returns the path of an element of a list.
func element(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// otherLength reports whether lists differ in length, if the first difference is enough.
func (c *Comparison) otherLength(rec, got *jsontree.Node, path string) bool {
	if !c.First || len(rec.Kids) == len(got.Kids) {
		return false
	}
	c.unlike(path, rec, got, unequal)
	return true
}

// CompareBody compares bodies: as JSON if the recorded one is declared and is JSON, otherwise as
// text.
func (c *Comparison) CompareBody(recType, rec, got string) { c.compareText("$", recType, rec, got) }

// compareText does the same for a body at another path than $.
func (c *Comparison) compareText(path, recType, rec, got string) {
	if strings.Contains(recType, "json") {
		if r := c.Parsed.Parse(rec); r != nil {
			g := c.Answers.Parse(got)
			if g == nil {
				_, err := jsontree.Parse(got)
				c.Differ(path, rec, got, fmt.Sprintf("not JSON: %v", err))
				return
			}
			c.Compare(r, g, path)
			c.CompareEnds()
			return
		}
	}
	if why := c.Match(rec, got); why != "" {
		c.Differ(path, rec, got, why)
	}
}

// Culprit names which of recording, fake and live service differs from the other two.
type Culprit string

// The culprits.
const (
	FakeMoved      Culprit = "fake"      // the live service still answers as recorded: our bug
	VendorMoved    Culprit = "vendor"    // the fake answers as recorded, the live service does not: drift
	RecordingMoved Culprit = "recording" // fake and live service answer the same: the recording is stale
	BothMoved      Culprit = "both"      // all three differ
)
