package flexcrm

import (
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

func (a *api) recordOps() fake.Ops {
	return fake.Ops{
		"listRecords":       a.listRecords,
		"createRecord":      a.createRecord,
		"getRecord":         a.getRecord,
		"getRecordByKey":    a.getRecord,
		"updateRecord":      a.updateRecord,
		"updateRecordByKey": a.updateRecord,
		"listFields":        a.listFields,
		"uploadFile":        a.uploadFile,
	}
}

func (a *api) listRecords(r *fake.Request) (any, error) {
	t, err := a.table(r)
	if err != nil {
		return nil, err
	}
	p, err := pageOf(r)
	if err != nil {
		return nil, err
	}
	conditions, err := a.conditions(r, t)
	if err != nil {
		return nil, err
	}
	order, err := a.order(r, t)
	if err != nil {
		return nil, err
	}
	if len(conditions) == 0 && len(order) == 0 {
		return p.envelope("maxCount", a.records(t).Len(), a.views(&t, pageByNumber(a.records(t), p))), nil
	}
	q := a.query(&t, conditions, order)
	q.Offset, q.Limit = p.offset, p.limit
	rows, total, plan := table.Select(a.records(t), q)
	r.SetPlan(plan)
	return p.envelope("maxCount", total, a.views(&t, rows)), nil
}

// views returns records as JSON.
func (a *api) views(t *Table, rows []*fake.Row[Record]) []fake.Raw {
	out := make([]fake.Raw, len(rows))
	for i, row := range rows {
		out[i] = a.view(*t, row)
	}
	return out
}

// view returns a record as JSON, from the cached encoding if no column is derived.
func (a *api) view(t Table, row *fake.Row[Record]) fake.Raw {
	if !t.layout.derived {
		return row.JSON()
	}
	rec := row.Value.cells()
	for i := range t.layout.columns {
		if c := &t.layout.columns[i]; c.derived() {
			rec[i] = a.derive(t, row.Value, c, 0)
		}
	}
	return appendCells(nil, len(rec), rec.nth)
}

// record returns the record named in a path, by number or by primary key.
func (a *api) record(r *fake.Request) (Table, *fake.Row[Record], error) {
	t, err := a.table(r)
	if err != nil {
		return t, nil, err
	}
	if strings.Contains(r.Op.Path, "/pkey/") {
		value := r.Path("key_value")
		row := a.byPrimaryKey(t, value)
		if row == nil {
			return t, nil, refuse("table %s has no record with the key %q", t.ID, value)
		}
		return t, row, nil
	}
	row, err := rowOf(r, a.records(t), "record_id")
	return t, row, err
}

// byPrimaryKey finds a record by the table's primary key, which defaults to the record number.
func (a *api) byPrimaryKey(t Table, value string) *fake.Row[Record] {
	if t.PrimaryKey == "" {
		if n, ok := rowNumber(value); ok {
			return a.records(t).Row(rowKey(n))
		}
		return nil
	}
	return a.records(t).One(uniqueIndex, uniqueValue(t.layout.column(t.PrimaryKey), value))
}

func (a *api) getRecord(r *fake.Request) (any, error) {
	t, row, err := a.record(r)
	if err != nil {
		return nil, err
	}
	text := a.view(t, row)
	out := make(fake.Raw, 0, len(text)+32)
	return append(append(append(out, `{"status":"success","data":`...), text...), '}'), nil
}

func (a *api) createRecord(r *fake.Request) (any, error) {
	t, err := a.table(r)
	if err != nil {
		return nil, err
	}
	f := readForm(r)
	if f.err != nil {
		return nil, f.err
	}
	id, err := a.create(t, f.values, caller(r))
	if err != nil {
		return nil, err
	}
	return createdID(r, id), nil
}

// create stores a new record, starts its processes and returns its number.
func (a *api) create(t Table, values map[string]string, user int64) (int64, error) {
	rec := make(cells, len(t.layout.columns))
	for i := range t.layout.columns {
		rec[i] = Cell{Key: t.layout.columns[i].key, kind: t.layout.columns[i].kind}
	}
	rec, err := a.written(t, rec, values)
	if err != nil {
		return 0, err
	}
	a.countUp(t, rec)
	rec[atCreateUser] = numberCell("create_user_id", strconv.FormatInt(user, 10))
	rec[atCreateDate].Text = showTime(a.Now())
	rec.stamp(user, rec[atCreateDate].Text)
	stored, err := a.records(t).Insert(t.layout.pack(rec))
	if err != nil {
		return 0, err
	}
	return stored.id(), a.startProcesses(t, stored)
}

func (a *api) updateRecord(r *fake.Request) (any, error) {
	t, row, err := a.record(r)
	if err != nil {
		return nil, err
	}
	f := readForm(r)
	if f.err != nil {
		return nil, f.err
	}
	rec, err := a.written(t, row.Value.cells(), f.values)
	if err != nil {
		return nil, err
	}
	rec.stamp(caller(r), showTime(r.Now()))
	return done, a.records(t).Set(t.layout.pack(rec))
}

// written applies the values of a body and validates the whole record. Keys that are not writable
// fields are ignored (assumed); omitted keys keep their values.
func (a *api) written(t Table, rec cells, values map[string]string) (cells, error) {
	folded := make(map[string]string, len(values))
	for key, value := range values {
		folded[strings.ToLower(key)] = value
	}
	for i := range t.layout.columns {
		c := &t.layout.columns[i]
		text, sent := folded[strings.ToLower(c.key)]
		if !sent || !c.writable() {
			continue
		}
		cell, err := a.read(c, text)
		if err != nil {
			return nil, err
		}
		rec[i] = cell
	}
	if err := missing(t, rec); err != nil {
		return nil, err
	}
	return rec, a.taken(t, rec)
}

// missing returns an error for a record without a required value. Files are not required, because
// they cannot be sent with the record, nor are numbers that count up, which are set later. One part
// of an address suffices (assumed).
func missing(t Table, rec cells) error {
	filled := map[string]bool{}
	for i := range t.layout.columns {
		c := &t.layout.columns[i]
		filled[c.field.ID] = filled[c.field.ID] || !rec[i].empty()
	}
	for _, f := range t.allFields() {
		if f.Required && !f.Auto && f.Type != File && f.Type != Reference && f.Type != Computed && !filled[f.ID] {
			return refuse("table %s: %s is required", t.ID, f.ID)
		}
	}
	return nil
}

func (a *api) taken(t Table, rec cells) error {
	id := wholeNumber(rec[atID].num())
	for _, at := range t.layout.unique {
		c := &t.layout.columns[at]
		if rec[at].empty() {
			continue
		}
		if other := a.records(t).One(uniqueIndex, uniqueValue(c, rec[at].Text)); other != nil &&
			other.Value.id() != id {
			return refuse("table %s: %s %q belongs to record %d", t.ID, c.key, rec[at].Text, other.Value.id())
		}
	}
	return nil
}

// countUp sets the fields that count up to one more than the highest value so far.
func (a *api) countUp(t Table, rec cells) {
	for i := range t.layout.columns {
		if c := &t.layout.columns[i]; c.field.Auto && rec[i].empty() {
			n := a.NextNumber(a.records(t).Name() + "/" + c.key)
			rec[i] = numberCell(c.key, strconv.FormatInt(n, 10))
		}
	}
}

// Upload is one file of a ファイル field. The vendor publishes no call that reads it back; the control
// hook listFiles and Files do.
type Upload struct {
	ID          string `json:"id"` // table/record/field/name
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int    `json:"size"`
	Data        []byte `json:"data"`
}

// Held returns the size of the file in bytes.
func (u Upload) Held() int { return len(u.Data) }

// uploadFile adds the files of the part "file" to a field. Assumed: a file of the same name is
// replaced in its position.
func (a *api) uploadFile(r *fake.Request) (any, error) {
	t, row, err := a.record(r)
	if err != nil {
		return nil, err
	}
	field := t.field(r.Path("field_id"))
	if field == nil || field.Type != File {
		return nil, refuse("table %s has no field %q of type %s", t.ID, r.Path("field_id"), File)
	}
	files, err := r.Files("file")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, refuse("the form has no part called file")
	}
	rec := row.Value.cells()
	for _, file := range files {
		if err := a.keep(t, rec, field, file); err != nil {
			return nil, err
		}
	}
	rec.stamp(caller(r), showTime(r.Now()))
	return done, a.records(t).Set(t.layout.pack(rec))
}

func (a *api) keep(t Table, rec cells, field *Field, file fake.File) error {
	if file.Name == "" {
		return refuse("a file has a name")
	}
	joined := t.layout.column(field.ID)
	names := namesOf(rec[joined.at+1].Text)
	if !slices.Contains(names, file.Name) {
		names = append(names, file.Name)
	}
	rec[joined.at].Text, rec[joined.at+1].Text = strings.Join(names, ","), jsonText(names)
	id := filePrefix(t.ID, wholeNumber(rec[atID].num()), field.ID) + file.Name
	a.files.Delete(id)
	_, err := a.files.Insert(Upload{ID: id, Name: file.Name, ContentType: file.ContentType, Size: len(file.Data),
		Data: file.Data})
	return err
}

func filePrefix(table string, record int64, field string) string {
	return strings.ToLower(table+"/"+strconv.FormatInt(record, 10)+"/"+field) + "/"
}
