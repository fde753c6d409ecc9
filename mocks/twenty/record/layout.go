package record

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// kind is how the values of a column are held: text, uuid, option and vector as string, number as float64,
// boolean as bool, moment as millis, day as string, list as []string, document as plain JSON.
type kind int

const (
	text kind = iota
	uuid
	number
	boolean
	moment
	day
	option
	list
	document
	vector
)

// millis is how a record stores a moment.
type millis = value.Moment

// Column is one place of a record: a plain field, a part of a composite one, or the id that a to-one
// relation keeps.
type Column struct {
	Attr *schema.Attr
	Sub  string // of a composite field
	Name string // the name in answers and filters: name, companyId; for a part, that of the field
	Path string // name, name.firstName, companyId
	DB   string // as the database calls it: nameFirstName
	Type schema.Type
	Join bool // it is the id of a relation

	at       int
	kind     kind
	before   string // what AppendJSON writes before the value
	form     byte   // differs for columns that decode a text in different ways
	nullable bool
	values   []string // of a SELECT in their order, which is the one in which they compare
}

// Layout says where the values of an object's records are. Records of one table share the order of columns.
type Layout struct {
	Model   *schema.Model
	Columns []*Column

	byPath map[string]*Column
	groups []group
	unique []group // by the names of the unique fields, with the columns that must differ
	joins  []*schema.Attr
	inJSON []*Column // in the order of answers
	after  string    // what AppendJSON writes after the last value
	fixed  struct{ created, updated, deleted, position, vector int }
}

// group is one key of an answer with its columns: one, or the parts of a composite field.
type group struct {
	name    string
	columns []*Column
	parts   bool
}

var kinds = map[schema.Type]kind{
	schema.Text: text, schema.UUID: uuid, schema.Number: number, schema.Numeric: number, schema.Position: number,
	schema.Boolean: boolean, schema.DateTime: moment, schema.Date: day, schema.Select: option, schema.Rating: option,
	schema.MultiSelect: list, schema.Array: list, schema.RawJSON: document, schema.Files: document,
	schema.TSVector: vector,
}

// place returns where an answer has a key: fields in metadata order, then the ids of relations.
func (g group) place(m *schema.Model) int {
	if c := g.columns[0]; !c.Join {
		return slices.Index(m.Attrs, c.Attr)
	}
	return len(m.Attrs)
}

// newLayout lays out an object: id and times, fields in metadata order, the search vector, relation ids.
func newLayout(m *schema.Model) *Layout {
	l := &Layout{Model: m, byPath: map[string]*Column{}}
	first := []string{"id", "createdAt", "updatedAt", "deletedAt"}
	for _, name := range first {
		if a := m.Attr(name); a != nil {
			l.addPlain(a)
		}
	}
	for _, a := range m.Attrs {
		switch {
		case a.Name == "id" || a.Name == "createdAt" || a.Name == "updatedAt" || a.Name == "deletedAt" ||
			a.Type == schema.TSVector || a.Relation != schema.None:
		case a.Composite():
			l.addComposite(a)
		default:
			l.addPlain(a)
		}
	}
	for _, a := range m.Attrs {
		if a.Type == schema.TSVector {
			l.addPlain(a)
		}
	}
	l.joins = joinsOf(m)
	for _, a := range m.Attrs {
		if a.Relation == schema.ToOne && a.JoinColumn != "" {
			c := &Column{Attr: a, Name: a.JoinColumn, Path: a.JoinColumn, DB: a.JoinColumn, Type: a.Type, Join: true,
				kind: uuid, nullable: a.IsNullable}
			l.add(group{a.JoinColumn, []*Column{c}, false})
		}
	}
	slices.SortStableFunc(l.groups, func(a, b group) int { return a.place(m) - b.place(m) })
	for _, g := range l.groups {
		if a := g.columns[0].Attr; a.IsUnique && a.Name != "id" {
			free := func(c *Column) bool { return g.parts && !c.uniquePart() }
			l.unique = append(l.unique, group{a.Name, slices.DeleteFunc(slices.Clone(g.columns), free), g.parts})
		}
	}
	l.fixed.created, l.fixed.updated, l.fixed.deleted = l.index("createdAt"), l.index("updatedAt"), l.index("deletedAt")
	l.fixed.position, l.fixed.vector = l.index("position"), l.index("searchVector")
	l.frame()
	return l
}

// frame notes what is around the values in the JSON of a record.
func (l *Layout) frame() {
	signs := []byte{'{'}
	for i, g := range l.groups {
		signs = append(jsonb.AppendString(append(signs, ","[:min(i, 1)]...), g.name), ':')
		for i, c := range g.columns {
			if g.parts {
				signs = append(jsonb.AppendString(append(signs, "{,"[min(i, 1)]), c.Sub), ':')
			}
			c.before, signs = string(signs), nil
			l.inJSON = append(l.inJSON, c)
		}
		if g.parts {
			signs = append(signs, '}')
		}
	}
	l.after = string(append(signs, '}'))
}

// joinsOf returns the relations of an object with a column of their own, in the order in which the database
// checks them; by the names of their constraints is assumed from corpus_rest_write_101 #10.
func joinsOf(m *schema.Model) []*schema.Attr {
	out := js.Where(m.Attrs, func(a *schema.Attr) bool { return a.Relation == schema.ToOne && a.JoinColumn != "" })
	slices.SortFunc(out, func(a, b *schema.Attr) int {
		return strings.Compare(constraintName(m, a.JoinColumn), constraintName(m, b.JoinColumn))
	})
	return out
}

func (l *Layout) addPlain(a *schema.Attr) {
	c := &Column{Attr: a, Name: a.Name, Path: a.Name, DB: a.Name, Type: a.Type, kind: kinds[a.Type],
		nullable: a.IsNullable}
	for _, o := range a.Sorted() {
		c.values = append(c.values, o.Value)
	}
	l.add(group{a.Name, []*Column{c}, false})
}

func (l *Layout) addComposite(a *schema.Attr) {
	g := group{name: a.Name, parts: true}
	for _, s := range schema.Composites[a.Type] {
		g.columns = append(g.columns,
			&Column{Attr: a, Sub: s.Name, Name: a.Name, Path: a.Name + "." + s.Name, DB: a.Name + upperFirst(s.Name),
				Type: s.Type, kind: kinds[s.Type], nullable: true, values: s.Values})
	}
	l.add(g)
}

func (l *Layout) add(g group) {
	for _, c := range g.columns {
		c.at, c.form = len(l.Columns), c.formOf()
		l.Columns = append(l.Columns, c)
		l.byPath[c.Path] = c
	}
	l.groups = append(l.groups, g)
}

// Column returns the column of a path such as name, name.firstName or companyId, or nil.
func (l *Layout) Column(path string) *Column { return l.byPath[path] }

// index returns the index of a path, or -1.
func (l *Layout) index(path string) int {
	if c := l.byPath[path]; c != nil {
		return c.at
	}
	return -1
}

// same reports whether records of the other layout can be read with this one.
func (l *Layout) same(other *Layout) bool {
	if l == other {
		return true
	}
	if other == nil || len(l.Columns) != len(other.Columns) {
		return false
	}
	for i, c := range l.Columns {
		if o := other.Columns[i]; c.Path != o.Path || c.Attr.ID != o.Attr.ID || c.kind != o.kind {
			return false
		}
	}
	return true
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	c := s[0]
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return string(c) + s[1:]
}
