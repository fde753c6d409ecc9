package contracts

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// rules is fixtures/<api>/rules.yaml: what recordings alone do not tell about one vendor's answers.
// All of it is data; the suite knows no vendor.
type rules struct {
	Rules `yaml:",inline"`

	Day        string        `yaml:"day"`        // of bare recordings that do not show it
	Unrecorded []*Unrecorded `yaml:"unrecorded"` // headers that a recorder has not kept

	Features []*FeatureRule `yaml:"features"` // features that a bare recording shows

	Standing []*Standing `yaml:"standing"` // objects of the recorded workspace that requests name

	State []*StateRule `yaml:"state"` // what cases change on a real service, and how it is restored

	// a regular expression on POSTs that change existing objects and create none
	Changes string `yaml:"changes"`

	Counting []string `yaml:"counting"` // the things whose numbers count up by one
	// headers by which a caller is known to a vendor; {credential} is its credential
	Caller map[string]string `yaml:"caller"`

	changes *regexp.Regexp
}

// Rules are the rules of a comparison.
type Rules struct {
	Redactions []Redaction `yaml:"redactions"` // what the recorder has redacted
	// keys inside cursors whose numbers are accurate to 32 bits only
	Float32 []string `yaml:"float32"`
	// keys of text-search vectors, which may include the row's id
	Vectors    []string      `yaml:"vectors"`
	Lists      []*ListRule   `yaml:"lists"`      // lists in the order of identifiers
	Unordered  []*ListRule   `yaml:"unordered"`  // lists without any order
	Keys       []*ListRule   `yaml:"keys"`       // objects whose keys have an order, by request and path
	Ends       []string      `yaml:"ends"`       // keys of the cursors of a list's first and last element
	StandIns   []*StandIn    `yaml:"stand-ins"`  // words in place of secrets
	Lifetimes  []*Lifetime   `yaml:"lifetimes"`  // times that are a fixed span after their request
	Deliveries DeliveryRules `yaml:"deliveries"` // how webhooks are sent
	Answers    []*AnswerRule `yaml:"answers"`    // headers that all of some answers have
	// keys of objects that identify a standing object, whatever its id
	Identities [][]string    `yaml:"identities"`
	Counters   []string      `yaml:"counters"` // keys that count events of a workspace
	Numbers    []*NumberRule `yaml:"numbers"`  // numbers that identify things of a workspace

	floatKeys *regexp.Regexp
}

// FeatureRule recognises a feature of the recorded server by its answers.
type FeatureRule struct {
	Feature string `yaml:"feature"`
	Answer  string `yaml:"answer"` // a regular expression on a body; its match was in no request
	Sends   bool   `yaml:"sends"`  // deliveries show it as well
	Why     string `yaml:"why"`

	answer *regexp.Regexp
}

// featuresOf returns the features that a recording shows.
func (r *rules) featuresOf(all []*interaction) map[string]bool {
	on := map[string]bool{}
	for _, rule := range r.Features {
		for _, i := range all {
			on[rule.Feature] = on[rule.Feature] || rule.Sends && len(i.deliveries) > 0
			for _, shown := range rule.answer.FindAllString(i.result, -1) {
				sent := slices.ContainsFunc(all, func(i *interaction) bool { return strings.Contains(i.body, shown) })
				on[rule.Feature] = on[rule.Feature] || !sent
			}
		}
	}
	return on
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

// loadRules reads rules.yaml of a folder, which may be missing.
func loadRules(fsys fs.FS, file string) (*rules, error) {
	r := &rules{}
	data, err := fs.ReadFile(fsys, file)
	if err == nil {
		err = decodeStrict(data, r)
		if err == nil {
			err = r.compile()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return r, nil
}

// check returns an error for an invalid redaction.
func (r Redaction) check() error {
	if !strings.HasPrefix(r.Text, r.Keeps) || len(r.Text) == len(r.Keeps) ||
		r.Spans != "word" && r.Spans != "text" {
		return fmt.Errorf("redaction %q: keeps must begin the text, spans must be word or text", r.Text)
	}
	return nil
}

// compile compiles the rules of replays, then those of comparisons.
func (r *rules) compile() (err error) {
	var standing []*Standing
	for _, s := range r.Standing {
		for _, one := range s.each() { // an entry may name several objects
			if err := one.check(); err != nil {
				return err
			}
			standing = append(standing, one)
		}
	}
	r.Standing = standing
	for _, s := range r.State {
		if err := s.compile(); err != nil {
			return err
		}
	}
	for _, u := range r.Unrecorded {
		if err := u.check(); err != nil {
			return err
		}
	}
	for _, f := range r.Features {
		if err := f.compile(); err != nil {
			return err
		}
	}
	if r.Changes != "" {
		if r.changes, err = regexp.Compile(r.Changes); err != nil {
			return err
		}
	}
	return r.Rules.compile()
}

// compile checks the rules and compiles their expressions.
func (r *Rules) compile() error {
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

func (f *FeatureRule) compile() (err error) {
	if f.answer, err = regexp.Compile(f.Answer); err != nil || f.Feature == "" || f.Answer == "" || f.Why == "" {
		return fmt.Errorf("feature %q: feature, answer and why are needed: %v", f.Feature, err)
	}
	return nil
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

// floats returns the numbers in a cursor that are accurate to 32 bits only.
func (r *Rules) floats(cursor string) (found []scan.Token) {
	if r.floatKeys == nil {
		return nil
	}
	for _, m := range r.floatKeys.FindAllStringSubmatchIndex(cursor, -1) {
		found = append(found, scan.Token{Shape: scan.Float32, Start: m[2], End: m[3], Plain: cursor[m[2]:m[3]]})
	}
	return found
}

func (r *Rules) isVector(key string) bool { return slices.Contains(r.Vectors, key) }

// lists are the rules that apply to one request.
type lists struct{ ordered, unordered, keys []*ListRule }

func (r *Rules) listsOf(request string) (l lists) {
	apply := func(rules []*ListRule) (out []*ListRule) {
		for _, rule := range rules {
			if rule.request.MatchString(request) && (rule.unless == nil || !rule.unless.MatchString(request)) {
				out = append(out, rule)
			}
		}
		return out
	}
	return lists{apply(r.Lists), apply(r.Unordered), apply(r.Keys)}
}

func ruleAt(rules []*ListRule, path string) *ListRule {
	for _, rule := range rules {
		if rule.path.MatchString(path) {
			return rule
		}
	}
	return nil
}

// appliedRules are the rules that are about one interaction.
type appliedRules struct {
	request   string
	lists     lists
	lifetimes []*Lifetime
	always    []*AnswerRule
}

func (r *Rules) apply(i *interaction) *appliedRules {
	request := i.request()
	a := &appliedRules{request: request, lists: r.listsOf(request), lifetimes: r.lifetimesOf(request)}
	for _, rule := range r.Answers {
		if rule.covers(i, request) {
			a.always = append(a.always, rule)
		}
	}
	return a
}

// rulesOf returns the rules about an interaction of the case.
func (c *Case) rulesOf(i *interaction) *appliedRules {
	if i.ruled != nil {
		return i.ruled
	}
	return c.rules.apply(i)
}

// apply sets the rules that are about the interaction to compare.
func (c *comparison) apply(r *appliedRules) {
	c.lists, c.lifetimes, c.always = r.lists, r.lifetimes, r.always
}

// withoutOrder reports whether a rule says that the list at a path of the answer to a request has no order.
func (r *Rules) withoutOrder(request, path string) bool {
	l := r.listsOf(request)
	return ruleAt(l.ordered, path) == nil && ruleAt(l.unordered, path) != nil
}
