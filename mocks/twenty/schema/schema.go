// Package schema holds the data model of a workspace: its objects, their fields, and permissions.
// It knows rows and rules and no HTTP; REST and GraphQL both use it.
//
// The model is rows of tables ("objects", "fields" and so on), so that it can be seeded, forked,
// undone and saved like any other data. [New] makes the tables; [Tables.Schema] is a view over them
// that resolves names, relations and composite fields, and is rebuilt only when the metadata has
// changed:
//
//	company := tables.Schema().Plural("companies")
//	stage := tables.Schema().Singular("opportunity").Attr("stage")
//
// A Schema and everything reachable from it is immutable and may be kept, also beyond the request.
package schema

import (
	"cmp"
	"maps"
	"slices"
	gosync "sync"
	"sync/atomic"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Tables are the metadata tables of one world.
type Tables struct {
	State      *fake.State
	Workspaces *fake.Table[Workspace]
	Objects    *fake.Table[Object]
	Fields     *fake.Table[Field]
	Roles      *fake.Table[Role]
	Keys       *fake.Table[APIKey]
	Users      *fake.Table[User]
	Tokens     *fake.Table[Token]
	Webhooks   *fake.Table[Webhook]
	Views      *fake.Table[View]
	Parts      *fake.Table[Part]

	Invitations   *fake.Table[Invitation]
	Domains       *fake.Table[ApprovedDomain]
	RefreshTokens *fake.Table[RefreshToken]

	Files         *fake.Table[File]
	Applications  *fake.Table[Application]
	Registrations *fake.Table[Registration]

	NavigationItems *fake.Table[MenuItem]
	CommandItems    *fake.Table[MenuItem]

	// Records is notified of created and deleted objects and fields. It may be nil.
	Records Records

	workerCaches *fake.Table[workerCache]

	workspace atomic.Pointer[workspaceAt] // the result of the newest call of Workspace

	own    atomic.Pointer[Schema] // the result of the newest call of Schema
	common *lastSchema
}

// lastSchema is the newest view of a world's metadata that was built outside of writes. Within a write
// the metadata may be half changed.
type lastSchema struct{ atomic.Pointer[Schema] }

// Records maintains the records that belong to the metadata. Its methods run inside the write that
// changes the metadata; an error rejects that write.
type Records interface {
	ObjectMade(*Model) error
	ObjectDropped(*Model)
	ObjectRenamed(old, now *Model)
	FieldMade(*Attr) error
	FieldDropped(*Attr)
	// FieldChanged reports a new name, other options (values that are gone become null) or another default.
	FieldChanged(old, now *Attr) error
}

// New makes the metadata tables of a world.
func New(s *fake.State) *Tables {
	t := &Tables{State: s, common: fake.Shared(s, func() *lastSchema { return &lastSchema{} })}
	t.Workspaces = fake.NewTable(s, "workspaces", func(w Workspace) string { return w.ID }, nil)
	t.Objects = fake.NewTable(s, "objects", func(o Object) string { return o.ID }, t.fillObject)
	t.Fields = fake.NewTable(s, "fields", func(f Field) string { return f.ID }, t.fillField)
	t.Roles = fake.NewTable(s, "roles", func(r Role) string { return r.ID }, nil)
	t.Keys = fake.NewTable(s, "apiKeys", func(k APIKey) string { return k.ID }, nil)
	t.Users = fake.NewTable(s, "users", func(u User) string { return u.ID }, nil)
	t.Tokens = fake.NewTable(s, "tokens", func(k Token) string { return k.Value }, nil)
	t.Webhooks = fake.NewTable(s, "webhooks", func(w Webhook) string { return w.ID }, nil)
	t.workerCaches = fake.NewTable(s, "workerCaches", func(c workerCache) string { return c.ID }, nil)
	t.Views = fake.NewTable(s, "views", func(v View) string { return v.ID }, func(v *View) {
		t.inherit(&v.ApplicationID, &v.WorkspaceID, &v.CreatedAt, &v.UpdatedAt)
	})
	t.Parts = fake.NewTable(s, "viewParts", func(p Part) string { return p.ID }, t.fillPart)
	t.Invitations = fake.NewTable(s, "invitations", func(i Invitation) string { return i.ID }, nil)
	t.Domains = fake.NewTable(s, "approvedAccessDomains", func(d ApprovedDomain) string { return d.ID }, nil)
	t.RefreshTokens = fake.NewTable(s, "refreshTokens", func(r RefreshToken) string { return r.Value }, nil)
	t.Files = fake.NewTable(s, "files", func(f File) string { return f.ID }, nil)
	t.Applications = fake.NewTable(s, "applications", func(a Application) string { return a.ID }, nil)
	t.Registrations = fake.NewTable(s, "applicationRegistrations", func(r Registration) string { return r.ID }, nil)
	t.NavigationItems = fake.NewTable(s, "navigationMenuItems", func(i MenuItem) string { return i.ID },
		t.fillMenuItem(&navigationKind))
	t.CommandItems = fake.NewTable(s, "commandMenuItems", func(i MenuItem) string { return i.ID },
		t.fillMenuItem(&commandKind))
	s.OnSeeded(t.checkRoles)
	index(t.Fields, "object", func(f Field) string { return f.ObjectMetadataID })
	index(t.Views, "object", func(v View) string { return v.ObjectMetadataID })
	index(t.Parts, "parent", func(p Part) string { return p.ParentID })
	return t
}

// fillObject and fillField give the rows of a seed what they have in common: a row without an application
// is standard and as old as the workspace.
func (t *Tables) fillObject(o *Object) {
	t.inherit(&o.ApplicationID, &o.WorkspaceID, &o.CreatedAt, &o.UpdatedAt)
}

func (t *Tables) fillField(f *Field) {
	t.inherit(&f.ApplicationID, &f.WorkspaceID, &f.CreatedAt, &f.UpdatedAt)
}

func (t *Tables) inherit(application, workspace, created, updated *string) {
	w := t.Workspace()
	*application, *workspace = cmp.Or(*application, w.StandardApplicationID), cmp.Or(*workspace, w.ID)
	*created, *updated = cmp.Or(*created, w.CreatedAt), cmp.Or(*updated, w.CreatedAt)
}

// index declares a secondary index by one text; a row whose text is empty is not in it.
func index[T any](t *fake.Table[T], name string, key func(T) string) {
	table.Index(t, name, false, func(v T) []string {
		if k := key(v); k != "" {
			return []string{k}
		}
		return nil
	})
}

// Workspace returns the one workspace of the world, the zero value before a seed brought it.
func (t *Tables) Workspace() Workspace {
	version := t.Workspaces.Version()
	if w := t.workspace.Load(); w != nil && w.version == version {
		return w.Workspace
	}
	now := &workspaceAt{version: version}
	for w := range t.Workspaces.All() {
		now.Workspace = w
		break
	}
	t.workspace.Store(now)
	return now.Workspace
}

// workspaceAt is the workspace at a version of its table.
type workspaceAt struct {
	Workspace
	version uint64
}

// Schema is the data model at one moment.
type Schema struct {
	Models []*Model // in the order of their making

	stamp            int64
	objects, fields  int
	custom           string // the application that holds what people made
	standard         string // the one that every workspace starts with
	byID             map[string]*Model
	singular, plural map[string]*Model
	attrs            map[string]*Attr
	derived          gosync.Map // see Derived
}

// Derived returns what make derives of a Schema, one value of each type. It is made once and kept with
// the Schema, for all users of it.
func Derived[T any](s *Schema, make func(*Schema) *T) *T {
	if known, ok := s.derived.Load((*T)(nil)); ok {
		return known.(*T)
	}
	known, _ := s.derived.LoadOrStore((*T)(nil), make(s))
	return known.(*T)
}

// Schema returns a view over the present metadata. It is cached while the metadata is unchanged.
func (t *Tables) Schema() *Schema {
	stamp := t.Workspace().Stamp
	isNow := func(s *Schema) bool {
		return s != nil && s.stamp == stamp && s.objects == t.Objects.Len() && s.fields == t.Fields.Len()
	}
	if known := t.own.Load(); isNow(known) {
		return known
	}
	now := t.common.Load()
	if !isNow(now) {
		now = t.build(stamp)
		if !t.State.Writing() {
			t.common.Store(now)
		}
	}
	t.own.Store(now)
	return now
}

// Latest returns the view that was made last, or nil. The caller need not hold the lock; the view may lack the newest
// changes.
func (t *Tables) Latest() *Schema { return cmp.Or(t.own.Load(), t.common.Load()) }

// Changed makes the next call of Schema build a new view. Code that writes objects or fields must
// call it.
func (t *Tables) Changed() error {
	w := t.Workspace()
	w.MetadataVersion++
	w.UpdatedAt = stamp(t.State.Now())
	w.Stamp = t.State.NextNumber("metadata")
	return t.Workspaces.Set(w)
}

func (t *Tables) build(stamp int64) *Schema {
	s := &Schema{stamp: stamp, objects: t.Objects.Len(), fields: t.Fields.Len(),
		byID: map[string]*Model{}, singular: map[string]*Model{}, plural: map[string]*Model{},
		attrs: map[string]*Attr{}}
	s.custom, s.standard = t.Workspace().CustomApplicationID, t.Workspace().StandardApplicationID
	for o := range t.Objects.All() {
		m := &Model{Object: o, Schema: s, Custom: o.ApplicationID == s.custom, byName: map[string]*Attr{},
			byColumn: map[string]*Attr{}}
		s.Models = append(s.Models, m)
		s.byID[o.ID], s.singular[o.NameSingular], s.plural[o.NamePlural] = m, m, m
	}
	for f := range t.Fields.All() {
		if m := s.byID[f.ObjectMetadataID]; m != nil {
			m.add(&Attr{Field: f, Model: m})
		}
	}
	for _, m := range s.Models {
		for _, a := range m.Attrs {
			a.resolve(s)
		}
	}
	return s
}

// ByID returns the object with that metadata id, or nil.
func (s *Schema) ByID(id string) *Model { return s.byID[id] }

// Singular returns the object of that singular name, or nil. Names are case-sensitive.
func (s *Schema) Singular(name string) *Model { return s.singular[name] }

// Plural returns the object of that plural name, or nil.
func (s *Schema) Plural(name string) *Model { return s.plural[name] }

// Attr returns the field with that metadata id, or nil.
func (s *Schema) Attr(id string) *Attr { return s.attrs[id] }

// Active returns the objects that are switched on, by singular name.
func (s *Schema) Active() []*Model {
	var out []*Model
	for _, name := range slices.Sorted(maps.Keys(s.singular)) {
		if m := s.singular[name]; m.IsActive {
			out = append(out, m)
		}
	}
	return out
}
