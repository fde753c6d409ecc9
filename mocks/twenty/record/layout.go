package record

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Kind is how the values of a column are held: Text, UUID, Option and Vector as string, Number as float64, Boolean as
// bool, Moment as value.Moment, Day as string, List as []string, Document as plain JSON.
type Kind int

// The kinds, those first whose values an index compares.
const (
	Text Kind = iota
	UUID
	Number
	Boolean
	Moment
	Day
	Option
	List
	Document
	Vector
)

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

	Kind     Kind
	Nullable bool
	Options  []string // of a SELECT in their order, which is the one in which they compare

	at     int
	before string // what AppendJSON writes before the value
	form   byte   // differs for columns that decode a text in different ways
}

// Layout says where the values of an object's records are. Records of one table share the order of columns. A layout
// never changes.
type Layout struct {
	Model      *schema.Model
	Columns    []*Column
	Fields     []Field        // in the order of answers
	Unique     []Field        // with the columns that must differ
	References []*schema.Attr // the relations with a column, in the order in which the database checks them
	Together   []*Column      // those whose values are unique together; nil if the object lacks one

	// Columns that most objects have, nil in an object without them.
	ID, CreatedAt, UpdatedAt, DeletedAt, Position, SearchVector *Column

	byPath map[string]*Column
	inJSON []*Column // in the order of answers
	after  string    // what AppendJSON writes after the last value
}

// Field is one key of an answer with its columns: one, or the parts of a composite field.
type Field struct {
	Name      string
	Columns   []*Column
	Composite bool
}

var kinds = map[schema.Type]Kind{
	schema.Text: Text, schema.UUID: UUID, schema.Number: Number, schema.Numeric: Number, schema.Position: Number,
	schema.Boolean: Boolean, schema.DateTime: Moment, schema.Date: Day, schema.Select: Option, schema.Rating: Option,
	schema.MultiSelect: List, schema.Array: List, schema.RawJSON: Document, schema.Files: Document,
	schema.TSVector: Vector,
}

// place returns where an answer has a key: fields in metadata order, then the ids of relations.
func (f Field) place(m *schema.Model) int {
	if c := f.Columns[0]; !c.Join {
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
	l.References = joinsOf(m)
	for _, a := range m.Attrs {
		if a.Relation == schema.ToOne && a.JoinColumn != "" {
			c := &Column{Attr: a, Name: a.JoinColumn, Path: a.JoinColumn, DB: a.JoinColumn, Type: a.Type, Join: true,
				Kind: UUID, Nullable: a.IsNullable}
			l.add(Field{a.JoinColumn, []*Column{c}, false})
		}
	}
	slices.SortStableFunc(l.Fields, func(a, b Field) int { return a.place(m) - b.place(m) })
	for _, g := range l.Fields {
		if a := g.Columns[0].Attr; a.IsUnique && a.Name != "id" {
			free := func(c *Column) bool { return g.Composite && !c.UniquePart() }
			l.Unique = append(l.Unique, Field{a.Name, slices.DeleteFunc(slices.Clone(g.Columns), free), g.Composite})
		}
	}
	for _, name := range schema.UniqueTogether[m.NameSingular] {
		l.Together = append(l.Together, l.ColumnOf(name))
	}
	l.ID, l.CreatedAt, l.UpdatedAt = l.byPath["id"], l.byPath["createdAt"], l.byPath["updatedAt"]
	l.DeletedAt, l.Position, l.SearchVector = l.byPath["deletedAt"], l.byPath["position"], l.byPath["searchVector"]
	l.frame()
	return l
}

// frame notes what is around the values in the JSON of a record.
func (l *Layout) frame() {
	signs := []byte{'{'}
	for i, g := range l.Fields {
		signs = append(jsonb.AppendString(append(signs, ","[:min(i, 1)]...), g.Name), ':')
		for i, c := range g.Columns {
			if g.Composite {
				signs = append(jsonb.AppendString(append(signs, "{,"[min(i, 1)]), c.Sub), ':')
			}
			c.before, signs = string(signs), nil
			l.inJSON = append(l.inJSON, c)
		}
		if g.Composite {
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
		return strings.Compare(a.ForeignKey(), b.ForeignKey())
	})
	return out
}

func (l *Layout) addPlain(a *schema.Attr) {
	c := &Column{Attr: a, Name: a.Name, Path: a.Name, DB: a.Name, Type: a.Type, Kind: kinds[a.Type],
		Nullable: a.IsNullable}
	for _, o := range a.Sorted() {
		c.Options = append(c.Options, o.Value)
	}
	l.add(Field{a.Name, []*Column{c}, false})
}

func (l *Layout) addComposite(a *schema.Attr) {
	g := Field{Name: a.Name, Composite: true}
	for _, s := range schema.Composites[a.Type] {
		g.Columns = append(g.Columns, &Column{Attr: a, Sub: s.Name, Name: a.Name, Path: a.Name + "." + s.Name,
			DB: a.Name + schema.Capital(s.Name), Type: s.Type, Kind: kinds[s.Type], Nullable: true,
			Options: s.Values})
	}
	l.add(g)
}

func (l *Layout) add(g Field) {
	for _, c := range g.Columns {
		c.at, c.form = len(l.Columns), c.formOf()
		l.Columns = append(l.Columns, c)
		l.byPath[c.Path] = c
	}
	l.Fields = append(l.Fields, g)
}

// Column returns the column of a path such as name, name.firstName or companyId, or nil.
func (l *Layout) Column(path string) *Column { return l.byPath[path] }

// ColumnOf returns the column of a path or, of the name of a relation, the one with its id, or nil.
func (l *Layout) ColumnOf(path string) *Column {
	if a := l.Model.Attr(path); a != nil && a.JoinColumn != "" {
		path = a.JoinColumn
	}
	return l.byPath[path]
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
		if o := other.Columns[i]; c.Path != o.Path || c.Attr.ID != o.Attr.ID || c.Kind != o.Kind {
			return false
		}
	}
	return true
}

// UniquePart reports whether two records may not have the same value in the column of a unique composite field.
func (c *Column) UniquePart() bool {
	s, ok := c.Attr.Sub(c.Sub)
	return ok && s.Unique
}
