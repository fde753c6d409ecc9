// Package coverage measures which operations of the fakes' documents the cases touch, with which
// answers and which evidence.
//
//	suite, err := contracts.Load(os.DirFS("fixtures"), config, ".")
//	covered, err := coverage.Measure(suite, mocks.All())
//
// An operation is touched by the interactions of the cases themselves, whatever a document names as
// its source: the request's method, host and path are matched as a server would.
//
//   - cases: their names, by source (recorded, documented, inferred);
//   - statuses: those that cases show, and those that the document declares;
//   - fields: the members of the document's success answers that a case shows, as dotted paths of
//     at most three names;
//   - headers: those that the document declares for the operation's answers, and which of them a
//     replay compares;
//   - events: the events of each fake whose deliveries a case compares;
//   - the date of the newest recording.
//
// A document with open answers, such as one with generic operations, declares no fields to count;
// coverage then reports how many different fields its cases show. A GraphQL endpoint is one
// operation, and each kind of root field of its requests is counted separately (see Roots).
package coverage

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/textproto"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

// Coverage is the coverage of all fakes, in the order in which they were given.
type Coverage struct {
	Fakes []*Fake `json:"fakes"`
}

// Fake is one fake's coverage.
type Fake struct {
	Name       string       `json:"fake"`
	Title      string       `json:"title"`
	Events     []string     `json:"events,omitempty"` // events whose deliveries a case compares
	Operations []*Operation `json:"operations"`       // in the order of the document: by path and method
}

// Operation is the coverage of one operation, or of one kind of root field of a GraphQL operation.
type Operation struct {
	ID         string   `json:"operation"`
	Root       string   `json:"root,omitempty"` // kind of root field, for GraphQL
	Method     string   `json:"method"`
	Path       string   `json:"path"`
	Evidence   string   `json:"evidence"`
	Recorded   []string `json:"recorded,omitempty"` // names of cases by source, sorted
	Documented []string `json:"documented,omitempty"`
	Inferred   []string `json:"inferred,omitempty"`
	Newest     string   `json:"newest,omitempty"`   // date of the newest recording
	Statuses   []int    `json:"statuses,omitempty"` // statuses that cases show
	Promised   []int    `json:"promised,omitempty"` // statuses that the document declares
	Fields     []string `json:"fields,omitempty"`   // declared fields that cases show
	Of         int      `json:"of,omitempty"`       // number of declared fields; 0 if the answers are open
	// number of different fields that cases show, if the answers are open
	Shown      int      `json:"shown,omitempty"`
	Headers    []string `json:"headers,omitempty"`    // declared headers that cases compare
	Uncompared []string `json:"uncompared,omitempty"` // declared headers that no case compares

	fields, headers map[string]bool
}

// Cases returns the names of all cases that touch the operation, sorted.
func (o *Operation) Cases() []string {
	all := slices.Concat(o.Recorded, o.Documented, o.Inferred)
	slices.Sort(all)
	return all
}

// name returns the operation's name with its root field.
func (o *Operation) name() string { return strings.TrimSuffix(o.ID+" "+o.Root, " ") }

// Parse decodes the output of Coverage.JSON.
func Parse(text []byte) (*Coverage, error) {
	c := &Coverage{}
	if err := json.Unmarshal(text, c); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	return c, nil
}

// Measure measures what the suite's cases touch of the fakes' documents.
func Measure(suite *contracts.Suite, defs []*fake.Def) (*Coverage, error) {
	all := &Coverage{}
	for _, def := range defs {
		m := measure(def)
		for _, c := range suite.Cases {
			if c.Fake != def.Name {
				continue
			}
			touches, err := c.Hits()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			for n := range touches {
				m.touch(c, &touches[n])
			}
		}
		all.Fakes = append(all.Fakes, m.done())
	}
	return all, nil
}

// meter measures one fake.
type meter struct {
	*Fake
	router   *fake.Router
	rows     map[string]*Operation // by name
	document *document
	promised map[string][]string // operation → fields of its document
	declared map[string][]string // operation → headers of its document
}

func measure(def *fake.Def) *meter {
	m := &meter{&Fake{Name: def.Name, Title: def.Title}, fake.NewRouter(def), map[string]*Operation{},
		readDocument(def.Spec), map[string][]string{}, map[string][]string{}}
	for _, op := range def.Spec.Operations() {
		o := m.row(op, "")
		o.Promised, m.promised[op.ID] = m.document.answers(op)
		m.declared[op.ID] = headersOf(op, o.Promised)
	}
	return m
}

// row returns the row of an operation and root field and creates it if needed.
func (m *meter) row(op *fake.Operation, root string) *Operation {
	o := &Operation{ID: op.ID, Root: root, Method: op.Method, Path: op.Path, Evidence: op.Evidence,
		fields: map[string]bool{}, headers: map[string]bool{}}
	if known := m.rows[o.name()]; known != nil {
		return known
	}
	m.rows[o.name()] = o
	m.Operations = append(m.Operations, o)
	return o
}

func (m *meter) touch(c *contracts.Case, t *contracts.Hit) {
	for _, d := range t.Answer.Deliveries {
		if event := c.Event(d); !slices.Contains(m.Events, event) {
			m.Events = append(m.Events, event)
		}
	}
	op := m.router.Operation(t.Request)
	if op == nil {
		return
	}
	m.row(op, "").touched(c, t)
	for _, root := range Roots(t.RequestBody, strings.HasSuffix(op.Path, "/graphql")) {
		o := m.row(op, root)
		o.touched(c, t)
	}
}

func (o *Operation) touched(c *contracts.Case, t *contracts.Hit) {
	list := map[string]*[]string{"recorded": &o.Recorded, "documented": &o.Documented,
		"inferred": &o.Inferred}[c.Info.Source]
	if !slices.Contains(*list, c.Name) {
		*list = append(*list, c.Name)
	}
	if c.Info.Source == "recorded" {
		o.Newest = max(o.Newest, c.Info.Date)
	}
	if !slices.Contains(o.Statuses, t.Answer.Status) {
		o.Statuses = append(o.Statuses, t.Answer.Status)
	}
	for _, name := range t.Headers {
		o.headers[name] = true
	}
	var body any
	if t.JSON && t.Answer.Status < 300 && json.Unmarshal([]byte(t.Answer.Body), &body) == nil {
		fieldsIn(body, "", o.fields)
	}
}

// done sorts everything.
func (m *meter) done() *Fake {
	slices.Sort(m.Events)
	place := map[string]int{}
	for n, o := range m.Operations {
		if o.Root == "" {
			place[o.ID] = n
		}
		m.settle(o)
	}
	slices.SortFunc(m.Operations, func(a, b *Operation) int {
		return cmp.Or(cmp.Compare(place[a.ID], place[b.ID]), cmp.Compare(a.Root, b.Root))
	})
	return m.Fake
}

func (m *meter) settle(o *Operation) {
	for _, list := range [][]string{o.Recorded, o.Documented, o.Inferred} {
		slices.Sort(list)
	}
	slices.Sort(o.Statuses)
	if o.Root == "" {
		o.settleHeaders(m.declared[o.ID])
	}
	promised := m.promised[o.ID]
	if len(promised) == 0 { // the answers are open
		o.Shown = len(o.fields)
		return
	}
	o.Of = len(promised)
	for _, field := range slices.Sorted(maps.Keys(o.fields)) {
		if slices.Contains(promised, field) {
			o.Fields = append(o.Fields, field)
		}
	}
}

// settleHeaders splits the declared headers into compared and uncompared ones.
func (o *Operation) settleHeaders(declared []string) {
	for _, name := range declared {
		if o.headers[name] {
			o.Headers = append(o.Headers, name)
		} else {
			o.Uncompared = append(o.Uncompared, name)
		}
	}
}

// headersOf returns, sorted, the headers that a document declares for the answers of an operation.
func headersOf(op *fake.Operation, statuses []int) (names []string) {
	for _, status := range statuses {
		for _, name := range op.Headers(status) {
			names = append(names, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
