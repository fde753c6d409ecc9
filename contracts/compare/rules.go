package compare

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// Rules are the rules of a comparison.
type Rules struct {
	Redactions []Redaction `yaml:"redactions"` // what the recorder has redacted
	// keys inside cursors whose numbers are accurate to 32 bits only
	Float32 []string `yaml:"float32"`
	// keys of values that may be derived from the row's id → the function's name in the fake's definition
	Derived    map[string]string `yaml:"derived"`
	Lists      []*ListRule       `yaml:"lists"`      // lists in the order of identifiers
	Unordered  []*ListRule       `yaml:"unordered"`  // lists without any order
	Keys       []*ListRule       `yaml:"keys"`       // objects whose keys have an order, by request and path
	Ends       []string          `yaml:"ends"`       // keys of the cursors of a list's first and last element
	StandIns   []*StandIn        `yaml:"stand-ins"`  // words in place of secrets
	Lifetimes  []*Lifetime       `yaml:"lifetimes"`  // times that are a fixed span after their request
	Deliveries DeliveryRules     `yaml:"deliveries"` // how webhooks are sent
	Answers    []*AnswerRule     `yaml:"answers"`    // headers that all of some answers have
	// keys of objects that identify a standing object, whatever its id
	Identities [][]string    `yaml:"identities"`
	Counters   []string      `yaml:"counters"` // keys that count events of a workspace
	Numbers    []*NumberRule `yaml:"numbers"`  // numbers that identify things of a workspace

	floatKeys *regexp.Regexp
}

// Redaction is a text that the recorder put in place of another. Keeps is its part that is not
// redacted; spans is word (no blanks, quotes, &) or text.
type Redaction struct {
	Text  string `yaml:"text"`
	Keeps string `yaml:"keeps"`
	Spans string `yaml:"spans"`
}

// ListRule names lists by request and path and says how to match their elements.
type ListRule struct {
	About     string `yaml:"about"`
	Request   string `yaml:"request"`   // a regular expression on "METHOD /path?query body"
	Unless    string `yaml:"unless"`    // requests that specify an order
	Path      string `yaml:"path"`      // of the list; * is any key, [*] any index, ** anything
	ID        string `yaml:"id"`        // where the identifier is in an element, like node.id
	Direction string `yaml:"direction"` // of identifiers: ascending or descending
	Within    string `yaml:"within"`    // the key by which the list is sorted first, if it is not the identifier
	Pages     string `yaml:"pages"`     // a regular expression on requests for a part of the list
	By        string `yaml:"by"`        // for lists without order: the key that identifies elements

	Only []string `yaml:"only"` // for keys: those that have an order; default: all
	Free []string `yaml:"free"` // for keys: those that have none

	request, unless, pages *regexp.Regexp
	path                   *pathGlob
}

// check returns an error for an invalid redaction.
func (r Redaction) check() error {
	if !strings.HasPrefix(r.Text, r.Keeps) || len(r.Text) == len(r.Keeps) ||
		r.Spans != "word" && r.Spans != "text" {
		return fmt.Errorf("redaction %q: keeps must begin the text, spans must be word or text", r.Text)
	}
	return nil
}

// Compile checks the rules and compiles their expressions.
func (r *Rules) Compile() error {
	for _, red := range r.Redactions {
		if err := red.check(); err != nil {
			return err
		}
	}
	for _, n := range r.Numbers {
		if err := n.compile(); err != nil {
			return err
		}
	}
	for _, s := range r.StandIns {
		if err := s.compile(); err != nil {
			return err
		}
	}
	for _, l := range r.Lifetimes {
		if err := l.compile(); err != nil {
			return err
		}
	}
	for _, a := range r.Answers {
		if err := a.compile(); err != nil {
			return err
		}
	}
	if s := r.Deliveries.Signature; s != nil {
		if err := s.check(); err != nil {
			return err
		}
	}
	if len(r.Float32) > 0 {
		r.floatKeys = regexp.MustCompile(`"(?:` + strings.Join(r.Float32, "|") + `)":(-?\d[0-9.eE+-]*)`)
	}
	return r.compileLists()
}

func (r *Rules) compileLists() (err error) {
	for _, list := range slices.Concat(r.Lists, r.Unordered, r.Keys) {
		if list.request, err = regexp.Compile(list.Request); err != nil {
			return err
		}
		if list.Pages != "" {
			if list.pages, err = regexp.Compile(list.Pages); err != nil {
				return err
			}
		}
		if list.Unless != "" {
			if list.unless, err = regexp.Compile(list.Unless); err != nil {
				return err
			}
		}
		if list.path, err = globPath(list.Path); err != nil {
			return err
		}
	}
	for _, list := range r.Lists {
		if list.ID == "" || list.Direction != "ascending" && list.Direction != "descending" {
			return fmt.Errorf("list %s: id and direction (ascending, descending) are needed", list.Path)
		}
	}
	return nil
}

// Floats returns the numbers in a cursor that are accurate to 32 bits only.
func (r *Rules) Floats(cursor string) (found []scan.Token) {
	if r.floatKeys == nil {
		return nil
	}
	for _, m := range r.floatKeys.FindAllStringSubmatchIndex(cursor, -1) {
		found = append(found, scan.Token{Shape: scan.Float32, Start: m[2], End: m[3], Plain: cursor[m[2]:m[3]]})
	}
	return found
}

// ListRules are the rules that apply to one request.
type ListRules struct{ Ordered, Unordered, Keys []*ListRule }

// ListsOf returns the rules about the lists in the answer to a request.
func (r *Rules) ListsOf(request string) (l ListRules) {
	apply := func(rules []*ListRule) (out []*ListRule) {
		for _, rule := range rules {
			if rule.request.MatchString(request) && (rule.unless == nil || !rule.unless.MatchString(request)) {
				out = append(out, rule)
			}
		}
		return out
	}
	return ListRules{apply(r.Lists), apply(r.Unordered), apply(r.Keys)}
}

// RuleAt returns the first rule about a path, or nil.
func RuleAt(rules []*ListRule, path string) *ListRule {
	for _, rule := range rules {
		if rule.path.MatchString(path) {
			return rule
		}
	}
	return nil
}

// AppliedRules are the rules that are about one interaction.
type AppliedRules struct {
	request   string
	Lists     ListRules
	Lifetimes []*Lifetime
	always    []*AnswerRule
}

// Apply returns the rules that are about an interaction.
func (r *Rules) Apply(i *Interaction) *AppliedRules {
	request := i.Request()
	a := &AppliedRules{request: request, Lists: r.ListsOf(request), Lifetimes: r.lifetimesOf(request)}
	for _, rule := range r.Answers {
		if rule.Covers(i, request) {
			a.always = append(a.always, rule)
		}
	}
	return a
}

// Apply sets the rules that are about the interaction to compare.
func (c *Comparison) Apply(r *AppliedRules) {
	c.Lists, c.lifetimes, c.always = r.Lists, r.Lifetimes, r.always
}

// WithoutOrder reports whether a rule says that the list at a path of the answer to a request has no order.
func (r *Rules) WithoutOrder(request, path string) bool {
	l := r.ListsOf(request)
	return RuleAt(l.Ordered, path) == nil && RuleAt(l.Unordered, path) != nil
}
