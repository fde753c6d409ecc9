package contracts

import (
	"fmt"
	"io"
	"slices"
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

// places returns the paths that known gaps are compared with: those where the comparison found something.
func (d Difference) places() []string {
	if len(d.stands) == 0 {
		return []string{d.Path}
	}
	return d.stands
}

func (d Difference) String() string {
	s := fmt.Sprintf("%s: recorded %s, got %s", d.Path, shorten(d.Recorded), shorten(d.Got))
	if d.Moved != "" {
		s = fmt.Sprintf("%s: recorded %s, fake %s, live %s", d.Path, shorten(d.Recorded), shorten(d.Got),
			shorten(d.Live))
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

// printer writes untrusted text to a terminal.
type printer struct{ io.Writer }

func (p printer) Write(data []byte) (int, error) {
	_, err := io.WriteString(p.Writer, Printable(string(data)))
	return len(data), err
}

func shorten(s string) string {
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:200], "") + " … " + strings.ToValidUTF8(s[len(s)-80:], "")
	}
	return s
}

const absent = "nothing"

// comparison compares one answer.
type comparison struct {
	binding                *binding
	rules                  *Rules
	at                     moment
	origin, base           string          // the recorded origin and what stands for it
	generated              []string        // what the case lists as such
	declared               []string        // headers that the document declares for the answer
	dropped                map[string]bool // headers that the recorder did not keep
	recReceiver, receiver  string          // the recorded origin of the receiver of deliveries and what stands for it
	recBatch, gotBatch     []*Delivery     // the deliveries of the interaction
	ordered                bool            // they arrive in the recorded order
	sameBody               bool            // the answers have the same body, byte for byte
	recSecrets, gotSecrets secrets         // of receivers
	unlimited              bool            // the case says that it is replayed without the vendor's limits
	handWritten            bool            // placeholders are the only variables
	inCursor               bool
	relaxed                relaxations               // what the recording does not fix about this answer
	lists                  lists                     // the rules about lists that apply to the request
	lifetimes              []*Lifetime               // the rules about expiries that apply to the request
	always                 []*AnswerRule             // the rules about headers of the answer
	numbers                []numberPlaces            // where numbers identify things; nil in the recorded workspace
	parsed                 *jsontree.Cache           // of the recording; nil to parse each time
	answers                *jsontree.Cache           // of the target; nil to parse each time
	now                    func() (time.Time, error) // the target's time
	// recorded id → the recorded id in its position in the target's order
	displaced map[string]string
	ends      []end // cursors to compare last
	atEnd     bool  // such a cursor is being compared
	found     []Difference

	mismatched []*listMismatch // unless first is set
	first      bool            // stop at the first difference
}

// done reports whether the comparison can stop.
func (c *comparison) done() bool { return c.first && len(c.found) > 0 }

func (c *comparison) differ(path, rec, got, why string) {
	if why == unequal { // the values show it
		why = ""
	}
	c.found = append(c.found, Difference{Path: path, Recorded: rec, Got: got, Why: why})
}

// unlike adds a difference between two values, of which a nil one is absent. If the first difference is enough, its
// values are not shown either.
func (c *comparison) unlike(path string, rec, got *jsontree.Node, why string) {
	if c.first {
		c.differ(path, "", "", why)
		return
	}
	shown := func(n *jsontree.Node) string {
		if n == nil {
			return absent
		}
		return n.String()
	}
	c.differ(path, shown(rec), shown(got), why)
	d := &c.found[len(c.found)-1]
	d.rec, d.got = rec, got
}

// compare compares two JSON values. The order of object keys matters where a rule says so, that of arrays always.
func (c *comparison) compare(rec, got *jsontree.Node, path string) {
	if rec.Kind == jsontree.Text && c.handWritten && c.comparePlaceholder(rec, got, path) {
		return
	}
	if len(c.numbers) > 0 && c.compareNumbers(rec, got, path) {
		return
	}
	if len(c.relaxed) > 0 {
		switch r := c.relaxed.at(path); {
		case r != nil && (r.How == outline || r.How == onlyKind):
			c.compareOutline(rec, got, path, r.How == outline)
			return
		case r != nil && r.How == onlyShape:
			c.compareShape(rec, got, path)
			return
		case r != nil && r.How == lagging:
			c.at.background = true
			defer func() { c.at.background = false }()
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
		if why := c.match(rec.Text, got.Text); why != "" {
			c.unlike(path, rec, got, why)
			return
		}
		c.bindIssued(rec.Text, got.Text, path)
	default:
		if rec.Kind == jsontree.Number && slices.Contains(c.generated, rec.Text) {
			if why := c.match(rec.Text, got.Text); why != "" {
				c.differ(path, rec.Text, got.Text, why)
			}
			return
		}
		if rec.Text != got.Text {
			c.differ(path, rec.Text, got.Text, "")
		}
	}
}

func (c *comparison) compareObject(rec, got *jsontree.Node, path string) {
	if c.first && len(rec.Keys) != len(got.Keys) { // some key is missing or extra
		c.unlike(path, rec, got, unequal)
		return
	}
	vectors, standing := false, !c.handWritten && c.standing(rec, got)
	for i, key := range rec.Keys {
		other := got.Get(c.renamedKey(key))
		switch {
		case c.done():
			return
		case other == nil:
			c.unlike(path+"."+key, rec.Kids[i], nil, "missing")
		case standing && c.compareStamp(rec.Kids[i], other):
		case c.compareCounter(key, rec.Kids[i], other):
		case rec.Kids[i].Kind == jsontree.Text && c.rules.isVector(key):
			vectors = true
		case len(c.lists.ordered) > 0 && slices.Contains(c.rules.Ends, key):
			c.ends = append(c.ends, end{rec.Kids[i], other, path + "." + key})
		default:
			c.at.row = key == "id" && !withinDelivered(path)
			c.compare(rec.Kids[i], other, path+"."+key)
			c.at.row = false
		}
	}
	for i, key := range got.Keys {
		if rec.Get(key) == nil &&
			!slices.ContainsFunc(rec.Keys, func(r string) bool { return len(r) >= 32 && c.renamedKey(r) == key }) {
			c.unlike(path+"."+key, nil, got.Kids[i], "extra")
		}
	}
	c.compareKeyOrder(rec, got, path)
	if vectors { // last, when the row's identifier is bound
		c.compareVectors(rec, got, path)
	}
	if !c.handWritten && !standing {
		c.compareRow(rec, got, path)
	}
}

// renamedKey returns the target's key for a recorded one: a key may be an identifier bound by an
// earlier answer.
func (c *comparison) renamedKey(key string) string {
	if len(key) < 32 || c.handWritten {
		return key
	}
	return c.substitute(key)
}

func (c *comparison) compareArray(rec, got *jsontree.Node, path string) {
	if rule := ruleAt(c.lists.ordered, path); rule != nil {
		c.compareList(rule, rec, got, path)
		return
	}
	if rule := ruleAt(c.lists.unordered, path); rule != nil {
		c.compareUnordered(rule.By, rec, got, path)
		return
	}
	c.compareInOrder(rec, got, path)
}

func (c *comparison) compareInOrder(rec, got *jsontree.Node, path string) {
	if c.otherLength(rec, got, path) {
		return
	}
	from, why := len(c.found), fmt.Sprintf("%d elements recorded, got %d", len(rec.Kids), len(got.Kids))
	for i, kid := range rec.Kids {
		if c.done() {
			return
		}
		if i >= len(got.Kids) {
			c.differ(fmt.Sprintf("%s[%d]", path, i), kid.String(), absent, why)
			continue
		}
		c.compare(kid, got.Kids[i], fmt.Sprintf("%s[%d]", path, i))
	}
	for i := len(rec.Kids); i < len(got.Kids); i++ {
		c.differ(fmt.Sprintf("%s[%d]", path, i), absent, got.Kids[i].String(), why)
	}
	if len(rec.Kids) != len(got.Kids) {
		c.mismatched = append(c.mismatched,
			&listMismatch{from, len(c.found), Difference{Path: path, Why: why, rec: rec, got: got}})
	}
}

// otherLength reports whether lists differ in length, if the first difference is enough.
func (c *comparison) otherLength(rec, got *jsontree.Node, path string) bool {
	if !c.first || len(rec.Kids) == len(got.Kids) {
		return false
	}
	c.unlike(path, rec, got, unequal)
	return true
}

// compareBody compares bodies: as JSON if the recorded one is declared and is JSON, otherwise as
// text.
func (c *comparison) compareBody(recType, rec, got string) { c.compareText("$", recType, rec, got) }

// compareText does the same for a body at another path than $.
func (c *comparison) compareText(path, recType, rec, got string) {
	if strings.Contains(recType, "json") {
		if r := c.parsed.Parse(rec); r != nil {
			g := c.answers.Parse(got)
			if g == nil {
				_, err := jsontree.Parse(got)
				c.differ(path, rec, got, fmt.Sprintf("not JSON: %v", err))
				return
			}
			c.compare(r, g, path)
			c.compareEnds()
			return
		}
	}
	if why := c.match(rec, got); why != "" {
		c.differ(path, rec, got, why)
	}
}
