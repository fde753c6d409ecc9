package flexcrm

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// The types of FlexDB fields, in the vendor's words.
const (
	OneLine   = "1行テキスト"
	Text      = "テキスト"
	Number    = "数値"
	Select    = "選択肢"
	Date      = "日時"
	Address   = "住所"
	Tel       = "電話番号"
	Mail      = "メールアドレス"
	UserField = "ユーザ"
	File      = "ファイル"
	Relation  = "リレーション"
	Reference = "参照"
	Computed  = "計算結果"
)

var fieldTypes = []string{OneLine, Text, Number, Select, Date, Address, Tel, Mail, UserField, File, Relation,
	Reference, Computed}

// The forms of a 選択肢 field. Only a checkbox holds several options.
var selectForms = []string{"", "radio", "pulldown", "checkbox", "hierarchical"}

// CallCentre is the kind of a table of call-centre history, which begins with fixed fields.
const CallCentre = "callcentre"

// Table defines a FlexDB table. The vendor has no call that makes one; seeds, WithTable and the
// control hook do.
type Table struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind,omitempty"` // "" or CallCentre
	// a required and unique 1行テキスト; default: the record number
	PrimaryKey string  `json:"primary_key,omitempty"`
	Fields     []Field `json:"fields"`              // in display order
	Processes  []Step  `json:"processes,omitempty"` // the steps of each record

	layout *layout
}

// Field defines one field of a table.
type Field struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Form     string   `json:"form,omitempty"`    // of a 選択肢: radio, pulldown, checkbox or hierarchical
	Options  []Option `json:"options,omitempty"` // of a 選択肢
	Required bool     `json:"required,omitempty"`
	Unique   bool     `json:"unique,omitempty"`
	Auto     bool     `json:"auto,omitempty"`    // of a 数値: counts up on create
	Table    string   `json:"table,omitempty"`   // for リレーション: the related table
	Via      string   `json:"via,omitempty"`     // for 参照: the リレーション to follow
	Target   string   `json:"target,omitempty"`  // for 参照: the key to show
	Formula  string   `json:"formula,omitempty"` // for 計算結果: such as {amount}*{rate}
}

// Option is one choice of a 選択肢 field.
type Option struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// callFields are the fixed fields of call-centre history, from the vendor's page. Their types are
// assumed.
var callFields = []Field{
	{ID: "hasshin_no", Name: "発信番号", Type: Tel},
	{ID: "incidence_date", Name: "発生日時", Type: Date},
	{ID: "calledno", Name: "着信番号", Type: Tel},
	{ID: "session_profile_id", Name: "CTI通話ID", Type: OneLine},
	{ID: "complete_status", Name: "対応状況", Type: OneLine},
	{ID: "kokyaku_table_meta_id", Name: "顧客テーブルID", Type: OneLine},
	{ID: "kokyaku_id", Name: "顧客レコード番号", Type: Number},
	{ID: "incident_table_meta_id", Name: "案件テーブルID", Type: OneLine},
	{ID: "incident_table", Name: "案件レコード番号", Type: Number},
}

// layout describes the records of a table: one column per key, in the order of answers.
type layout struct {
	columns []column
	byKey   map[string]int // lower-case key → column; table and field ids are case-insensitive
	derived bool           // some columns are computed when a record is read
	unique  []int
}

// column is one key of a record.
type column struct {
	key    string
	label  string
	at     int    // index in a Record
	kind   kind   // JSON type
	part   string // for 住所: zip, state, city or address; for ファイル: list
	field  Field  // the zero Field for system keys
	search search // how filters and orders compare it
	worked bool   // see derived
}

// derived reports whether the column is computed when a record is read.
func (c *column) derived() bool { return c.worked }
func (c *column) system() bool  { return c.field.ID == "" }

// writable reports whether a body may set the column. Files are written by a separate call.
func (c *column) writable() bool { return !c.system() && !c.derived() && c.field.Type != File }

var systemColumns = []column{
	{key: "id", label: "レコード番号", kind: aNumber, search: byNumber},
	{key: "create_user_id", label: "登録管理者ID", kind: aNumber, search: byUser},
	{key: "update_user_id", label: "更新管理者ID", kind: aNumber, search: byUser},
	{key: "update_date_for_user", label: "ユーザ更新日付", search: byDate},
	{key: "update_date", label: "更新日付", search: byDate},
	{key: "create_date", label: "作成日付", search: byDate},
}

// Indexes of the system keys in a Record.
const (
	atID = iota
	atCreateUser
	atUpdateUser
	atUpdateDateForUser
	atUpdateDate
	atCreateDate
)

func compile(t Table) *layout {
	l := &layout{byKey: map[string]int{}}
	for _, c := range systemColumns {
		l.add(c)
	}
	for _, f := range t.allFields() {
		for _, c := range f.columns() {
			l.add(c)
		}
	}
	return l
}

func (t Table) allFields() []Field {
	if t.Kind == CallCentre {
		return append(slices.Clone(callFields), t.Fields...)
	}
	return t.Fields
}

func (l *layout) add(c column) {
	c.at, c.worked = len(l.columns), c.field.Type == Reference || c.field.Type == Computed
	l.columns = append(l.columns, c)
	l.byKey[strings.ToLower(c.key)] = c.at
	l.derived = l.derived || c.derived()
	if c.field.Unique {
		l.unique = append(l.unique, c.at)
	}
}

// column returns the column of a key, or nil.
func (l *layout) column(key string) *column {
	if at, ok := l.byKey[strings.ToLower(key)]; ok {
		return &l.columns[at]
	}
	return nil
}

// columns returns the columns of a field.
func (f Field) columns() []column {
	one := func(suffix, label, part string, k kind, s search) column {
		return column{key: f.ID + suffix, label: f.Name + label, part: part, kind: k, field: f, search: s}
	}
	switch f.Type {
	case Address:
		return []column{
			one("_zip", "(郵便番号)", "zip", aNumber, byZip), one("_state", "(都道府県)", "state", aNumber, byState),
			one("_city", "(市区町村・番地)", "city", aText, byText), one("_address", "(建物名・部屋番号)", "address", aText, byText),
		}
	case File:
		return []column{one("", "", "", aText, byText), one("_file_list", "", "list", aList, byText)}
	case Number:
		return []column{one("", "", "", aNumber, byNumber)}
	case UserField:
		return []column{one("", "", "", aNumber, byUser)}
	case Date:
		return []column{one("", "", "", aText, byDate)}
	case Select:
		return []column{one("", "", "", aText, byOption)}
	}
	return []column{one("", "", "", aText, byText)}
}

var identifier = regexp.MustCompile(`^[A-Za-z0-9_]{1,30}$`)

// check returns an error for a definition that the vendor's settings screen would not accept.
func (t Table) check() error {
	if !identifier.MatchString(t.ID) {
		return undefinable("table %q: an id has up to 30 letters, digits and underscores", t.ID)
	}
	if t.Kind != "" && t.Kind != CallCentre {
		return undefinable("table %s: kind %q; known: %q", t.ID, t.Kind, CallCentre)
	}
	taken, users := map[string]bool{}, 0
	for _, c := range systemColumns {
		taken[c.key] = true
	}
	for _, f := range t.allFields() {
		if err := t.checkField(f); err != nil {
			return err
		}
		for _, c := range f.columns() {
			if key := strings.ToLower(c.key); taken[key] {
				return undefinable("table %s: two fields have the key %q", t.ID, c.key)
			} else {
				taken[key] = true
			}
		}
		if f.Type == UserField {
			users++
		}
	}
	if users > 50 {
		return undefinable("table %s: %d fields of type %s; 50 at most", t.ID, users, UserField)
	}
	return t.checkKey()
}

func (t Table) checkKey() error {
	if t.PrimaryKey == "" {
		return nil
	}
	f := t.field(t.PrimaryKey)
	if f == nil || f.Type != OneLine || !f.Required || !f.Unique {
		return undefinable("table %s: the primary key %q is a required and unique %s", t.ID, t.PrimaryKey, OneLine)
	}
	return nil
}

// field returns the field with that id, or nil.
func (t Table) field(id string) *Field {
	for _, f := range t.allFields() {
		if strings.EqualFold(f.ID, id) {
			return &f
		}
	}
	return nil
}

func (t Table) checkField(f Field) error {
	where := "table " + t.ID + ", field " + f.ID
	switch {
	case !identifier.MatchString(f.ID):
		return undefinable("%s: an id has up to 30 letters, digits and underscores", where)
	case utf8.RuneCountInString(f.Name) > 60:
		return undefinable("%s: a name has up to 60 characters", where)
	case !slices.Contains(fieldTypes, f.Type):
		return undefinable("%s: no type %q; types: %s", where, f.Type, strings.Join(fieldTypes, ", "))
	case !slices.Contains(selectForms, f.Form):
		return undefinable("%s: no form %q; forms:%s", where, f.Form, strings.Join(selectForms, " "))
	case f.Auto && f.Type != Number:
		return undefinable("%s: only a %s counts up", where, Number)
	case f.Type == Select && !f.distinctOptions():
		return undefinable("%s: options have ids, each its own and without a comma", where)
	case f.Type == Relation && !identifier.MatchString(f.Table):
		return undefinable("%s: names the table it leads to", where)
	case f.Type == Reference && f.Target == "":
		return undefinable("%s: names the key it shows", where)
	case f.Unique && (f.Type == Address || f.Type == File || f.Type == Reference || f.Type == Computed):
		return undefinable("%s: a %s cannot be unique", where, f.Type)
	}
	return t.checkDerived(f, where)
}

func (t Table) checkDerived(f Field, where string) error {
	if f.Type == Reference {
		if via := t.field(f.Via); via == nil || via.Type != Relation {
			return undefinable("%s: looks through %q, which is no %s of the table", where, f.Via, Relation)
		}
	}
	if f.Type != Computed {
		return nil
	}
	_, err := evaluate(f.Formula, func(key string) (Cell, bool) {
		return Cell{}, compile(t).column(key) != nil
	})
	if err != nil {
		return undefinable("%s: formula %q: %v", where, f.Formula, err)
	}
	return nil
}

func (f Field) distinctOptions() bool {
	seen := map[string]bool{}
	for _, o := range f.Options {
		if o.ID == "" || seen[o.ID] || strings.ContainsAny(o.ID, ", ") {
			return false
		}
		seen[o.ID] = true
	}
	return true
}

// option returns the label of an option.
func (f Field) option(id string) (label string, ok bool) {
	for _, o := range f.Options {
		if o.ID == id {
			return o.Label, true
		}
	}
	return "", false
}

// undefinable returns the error for an invalid definition. Its text is for the author of a test,
// not the vendor's.
func undefinable(rule string, args ...any) error {
	text := fmt.Sprintf(rule, args...)
	return &fake.Error{Status: 400, Message: text, Rule: text, Evidence: fake.Inferred,
		Source: "a hook of the fake, after the vendor's settings screen"}
}

// fillTable computes the layout of a table and makes the table of its records.
func (a *api) fillTable(t *Table) {
	if t.Fields == nil {
		t.Fields = []Field{}
	}
	t.layout = compile(*t)
	if a.records(*t) == nil {
		a.makeRecords(*t)
	}
}

// makeRecords makes the table that holds the records of a FlexDB table.
func (a *api) makeRecords(t Table) {
	name := recordsPrefix + strings.ToLower(t.ID)
	records := fake.NewTable(a.State, name, Record.key, func(rec *Record) { a.fillRecord(name, t.layout, rec) })
	l := t.layout
	table.LoadBy(records, l.decode, l.checkKeys)
	table.Index(records, uniqueIndex, true, l.uniqueValues)
}

const (
	recordsPrefix = "flexdb/"
	uniqueIndex   = "unique"
)

// checkKeys refuses a record of a seed or a saved state with keys that the table does not have.
func (l *layout) checkKeys(rec Record) error {
	for _, c := range rec.cells() {
		if _, ok := l.byKey[strings.ToLower(c.Key)]; !ok {
			var keys []string
			for _, known := range l.columns {
				keys = append(keys, known.key)
			}
			return fmt.Errorf("unknown field %q%s", c.Key, fake.Hint(c.Key, keys))
		}
	}
	return nil
}

// uniqueValues returns the entries of a record in the index of unique fields.
func (l *layout) uniqueValues(rec Record) (out []string) {
	for _, at := range l.unique {
		if c := rec.cell(&l.columns[at]); c.Text != "" {
			out = append(out, uniqueValue(&l.columns[at], c.Text))
		}
	}
	return out
}

func uniqueValue(c *column, text string) string { return strings.ToLower(c.key) + "=" + text }

// records returns the records of a FlexDB table.
func (a *api) records(t Table) *fake.Table[Record] {
	return fake.TableOf[Record](a.State, recordsPrefix+strings.ToLower(t.ID))
}

// table returns the FlexDB table named in a path. Assumed: an unknown table is a 400.
func (a *api) table(r *fake.Request) (Table, error) { return a.tableByID(r.Path("table_id")) }

func (a *api) tableByID(id string) (Table, error) {
	t, ok := a.tables.Find(strings.ToLower(id))
	if !ok {
		return t, refuse("no table %q", id)
	}
	return t, nil
}

// define makes a table or changes the fields of one. Records keep the values of the keys that stay.
// A text that becomes a 1行テキスト is truncated to that type's length, as on the vendor's screen.
func (a *api) define(t Table) error {
	if err := t.check(); err != nil {
		return err
	}
	old, exists := a.tables.Find(strings.ToLower(t.ID))
	if !exists {
		_, err := a.tables.Insert(t)
		return err
	}
	t.layout = compile(t)
	kept := slices.Collect(a.records(old).All())
	a.DropTable(recordsPrefix + strings.ToLower(t.ID))
	a.makeRecords(t)
	if err := a.tables.Set(t); err != nil {
		return err
	}
	for _, rec := range kept {
		if _, err := a.records(t).Insert(a.convert(t, rec)); err != nil {
			return undefinable("table %s: %v", t.ID, err)
		}
	}
	return nil
}

// convert keeps the values of a record that the new fields can hold and empties the others.
func (a *api) convert(t Table, rec Record) Record {
	out := make(cells, 0, len(t.layout.columns))
	for i := range t.layout.columns {
		c := &t.layout.columns[i]
		cell := rec.cell(c)
		if c.writable() {
			if c.field.Type == OneLine {
				cell.Text = firstRunes(cell.Text, oneLineLimit)
			}
			read, err := a.read(c, cell.Text)
			if err != nil {
				read = Cell{}
			}
			cell = read
		}
		cell.Key, cell.kind = c.key, c.kind
		out = append(out, cell)
	}
	return t.layout.pack(out)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// listFields answers with the definitions of a table's keys, in display order.
func (a *api) listFields(r *fake.Request) (any, error) {
	t, err := a.table(r)
	if err != nil {
		return nil, err
	}
	out := []byte(`{"status":"success","fields":{`)
	for i := range t.layout.columns {
		c := &t.layout.columns[i]
		if c.part == "list" {
			continue
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = c.describe(out)
	}
	return fake.Raw(append(out, '}', '}')), nil
}

func (c *column) describe(out []byte) []byte {
	out = append(appendText(out, c.key), `:{"displayName":`...)
	out = appendText(out, c.label)
	if !c.system() {
		out = appendText(append(out, `,"inputType":`...), c.field.Type)
	}
	if c.field.Type == Select {
		out = append(out, `,"option":{`...)
		for i, o := range c.field.Options {
			if i > 0 {
				out = append(out, ',')
			}
			out = appendText(append(appendText(out, o.ID), ':'), o.Label)
		}
		out = append(out, '}')
	}
	return append(out, '}')
}
