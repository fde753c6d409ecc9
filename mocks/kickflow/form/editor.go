package form

import (
	"cmp"
	"math/big"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Rows answers what an editor asks of the rows around a form.
type Rows interface {
	Company
	dialect.Source
	// Exists reports whether a field may refer to a row.
	Exists(f *Field, id string) bool
	// Filename returns the name of an uploaded file, "" if there is none.
	Filename(id string) string
	// Attach gives uploaded files to the ticket of the form; false if one is unknown or of another ticket.
	Attach(ids []string) bool
	// Text returns the displayed text of a row that a field refers to; false if there is no such row.
	Text(f *Field, id string) (string, bool)
	// Variable returns the properties of the user that a variable of formulas stands for (author or proxyClientUser),
	// or nil.
	Variable(name string) map[string]any
}

// mistakes collects the errors of a form.
type mistakes struct {
	found     map[string][]string
	malformed error // the first error of the request as such
}

func (m *mistakes) Wrong(field, message string) {
	if m.found == nil {
		m.found = map[string][]string{}
	}
	m.found[field] = append(m.found[field], message)
}

// Err returns the collected errors. The field names in it are inferred: inputs.<code>.
func (m *mistakes) Err() error {
	if m.malformed != nil || len(m.found) == 0 {
		return m.malformed
	}
	return dialect.InvalidFields("the form breaks the workflow's rules", m.found)
}

// Editor writes inputs into the values of a form and collects the errors.
type Editor struct {
	Filled
	mistakes
	rows         Rows
	now          string
	overwritable bool // of the workflow
	Approver     bool // an approver edits approver fields, an author author fields
	Partial      bool // PATCH .../form: omitted fields stay unchanged
}

// NewEditor returns an editor that changes a copy of the values.
func NewEditor(f Filled, rows Rows, overwritable bool) *Editor {
	f.Inputs = slices.Clone(f.Inputs)
	return &Editor{Filled: f, rows: rows, now: dialect.FormatTime(rows.Now()), overwritable: overwritable}
}

// mayEdit reports whether the caller may edit a field. In an overwritable workflow approvers may
// edit every field: documented, support.kickflow.com, 360044556134.
func (e *Editor) mayEdit(f *Field) bool {
	if e.Approver {
		return f.Approver || e.overwritable
	}
	return *f.Author
}

// byField returns the entries by the identifiers of their fields. Unknown and duplicate fields are
// errors, of the request as such if a code is unknown (documented in errorHints, except for the
// status) or a partial update has a field of the form twice (documented).
func (e *Editor) byField(kind string, entries []Entry, field func(codeOrID string) *Field) map[string]*Entry {
	sent := map[string]*Entry{}
	for i := range entries {
		in := &entries[i]
		id, code := in.key(kind)
		f, at := field(cmp.Or(id, code)), strings.TrimSuffix(kind+"."+cmp.Or(id, code), ".")
		switch {
		case f == nil, id != "" && id != f.ID, id == "" && code != f.Code:
			if id == "" && code != "" {
				e.malformed = dialect.FirstError(e.malformed, dialect.Stated(dialect.ErrorHints,
					dialect.Malformed("フィールドコードが不正です", "no field has the code "+code)))
			}
			e.Wrong(at, dialect.Missing)
		case sent[f.ID] != nil && e.Partial && kind == "inputs":
			e.malformed = dialect.FirstError(e.malformed, dialect.Stated(dialect.Definition, dialect.Malformed(
				"the field "+f.Code+" is sent twice", "a partial update has each field once")))
		case sent[f.ID] != nil:
			e.Wrong(at, dialect.Taken)
		default:
			sent[f.ID] = in
		}
	}
	return sent
}

// Fill writes the inputs into the values. Documented: an author sends every field, calculations
// included, and an approver only the approver's; buttons, which have no value, may be omitted
// (assumed).
func (e *Editor) Fill(inputs []Entry) {
	sent := e.byField("inputs", inputs, e.Field)
	for _, f := range e.Fields() {
		in, kept := sent[f.ID], e.Input(f.ID)
		if kept == nil {
			e.Inputs = append(e.Inputs, Input{ID: e.rows.NewID(), FieldID: f.ID, CreatedAt: e.now})
			kept = &e.Inputs[len(e.Inputs)-1]
		}
		required := !e.Partial && !e.Approver && !isButton(f)
		e.write(f, in, kept, "inputs."+f.Code, required)
		kept.UpdatedAt = cmp.Or(kept.UpdatedAt, kept.CreatedAt)
	}
}

// write writes an entry, nil if none was sent, into the value of a field that the caller may edit.
func (e *Editor) write(f *Field, in *Entry, into *Input, at string, required bool) {
	switch {
	case in == nil && required:
		e.Wrong(at, "must be sent") // assumed wording
	case in == nil || computed(f):
	case e.mayEdit(f):
		e.read(f, in, into, at)
	case e.Approver:
		e.Wrong(at, "cannot be edited by an approver") // assumed wording
	}
}

// read converts an entry into its stored form.
func (e *Editor) read(f *Field, in *Entry, into *Input, at string) {
	into.UpdatedAt = e.now
	if key, ok := ReferenceKeys[f.FieldType]; ok {
		into.Refs = dialect.Lower(StringList(key(in)))
		e.checkRefs(f, into.Refs, at)
		return
	}
	if f.FieldType == "file" {
		into.Refs = slices.Clone(in.Files)
		e.checkFiles(f, into.Refs, at)
		return
	}
	value, ok := storedValue(f.FieldType, in.Value)
	if !ok {
		e.Wrong(at, dialect.Wrong)
		return
	}
	into.Value = value
	for _, message := range f.validate(value) {
		e.Wrong(at, message)
	}
}

func (e *Editor) checkNumber(f *Field, ids []string, at string) {
	if len(ids) > 1 && !f.Multiple {
		e.Wrong(at, "takes one only") // assumed wording
	}
}

func (e *Editor) checkRefs(f *Field, ids []string, at string) {
	e.checkNumber(f, ids, at)
	for _, id := range ids {
		if !e.rows.Exists(f, id) {
			e.Wrong(at, dialect.Missing)
		}
	}
}

// checkFiles also assigns the uploaded files to the ticket.
func (e *Editor) checkFiles(f *Field, ids []string, at string) {
	e.checkNumber(f, ids, at)
	for _, id := range ids {
		name := e.rows.Filename(id)
		extension := strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))
		if len(f.AllowedExtensions) > 0 && name != "" && !slices.Contains(f.AllowedExtensions, extension) {
			e.Wrong(at, dialect.Unlisted)
		}
	}
	if !e.rows.Attach(ids) {
		e.Wrong(at, dialect.Missing)
	}
}

// demanded reports whether an author may not submit a form without a value of a field. An author need
// not fill the fields of approvers (inferred).
func demanded(f *Field, in *Input) bool { return f.Required && *f.Author && !computed(f) && in.empty() }

// Demand reports required fields that are empty. A section hidden by its conditions requires nothing
// (inferred).
func (e *Editor) Demand() {
	for s, f := range e.Fields() {
		if demanded(f, e.Input(f.ID)) && e.Visible(e.rows, s) {
			e.Wrong("inputs."+f.Code, dialect.Blank)
		}
	}
	for _, item := range e.SlipItems {
		for _, in := range item.Inputs {
			if f := e.slipField(in.FieldID); f != nil && demanded(f, &in) {
				e.Wrong("slipItems."+f.Code, dialect.Blank)
			}
		}
	}
}

// FillRows writes slip rows into the values. Documented: the rows of a section that is sent replace
// its old rows, and a row without a section belongs to the first one; in a partial update that is
// an error. Values that the caller may not edit stay, row by row.
func (e *Editor) FillRows(rows []Row) {
	sections := e.Slips()
	sent := map[string][]Row{}
	for _, one := range rows {
		s := e.slipSection(one, sections)
		if s == nil {
			e.Wrong("slipItems", dialect.Missing)
			continue
		}
		sent[s.ID] = append(sent[s.ID], one)
	}
	var items []SlipItem
	for _, s := range sections {
		old := slices.DeleteFunc(slices.Clone(e.SlipItems), func(i SlipItem) bool { return i.SlipSectionID != s.ID })
		if sent[s.ID] == nil && (e.Partial || e.Approver) {
			items = append(items, old...)
			continue
		}
		if e.Approver && !s.AllowApproverToAddItems && len(sent[s.ID]) != len(old) {
			e.Wrong("slipItems", "cannot be added or removed by an approver") // assumed wording
		}
		for i, one := range sent[s.ID] {
			item := SlipItem{ID: e.rows.NewID(), SlipSectionID: s.ID, CreatedAt: e.now}
			if i < len(old) {
				item = old[i]
			}
			items = append(items, e.fillRow(s, item, one))
		}
	}
	e.SlipItems = items
}

func (e *Editor) slipSection(one Row, all []*Section) *Section {
	id, code := strings.ToLower(dialect.Deref(one.SlipSectionID)), dialect.Deref(one.SlipSectionCode)
	if id+code == "" && len(all) > 0 && !e.Partial {
		return all[0]
	}
	for _, s := range all {
		if id == s.ID || id == "" && code == s.Code {
			return s
		}
	}
	return nil
}

// fillRow requires every column that the caller may edit: documented for partial updates, inferred
// for others.
func (e *Editor) fillRow(s *Section, item SlipItem, one Row) SlipItem {
	sent, old := e.byField("slipItems", one.Inputs, s.Column), item.Inputs
	item.Inputs, item.UpdatedAt = nil, e.now
	for i := range s.SlipFields {
		f := &s.SlipFields[i]
		kept := Input{ID: e.rows.NewID(), FieldID: f.ID, CreatedAt: e.now, UpdatedAt: e.now}
		if had := inputOf(old, f.ID); had != nil {
			kept = *had
		}
		e.write(f, sent[f.ID], &kept, "slipItems."+f.Code, !computed(f) && e.mayEdit(f))
		item.Inputs = append(item.Inputs, kept)
	}
	return item
}

// Compute evaluates the calculation fields, those of rows first.
func (e *Editor) Compute() {
	e.SlipItems = slices.Clone(e.SlipItems)
	for _, s := range e.Slips() {
		for n := range e.SlipItems {
			if item := &e.SlipItems[n]; item.SlipSectionID == s.ID {
				item.Inputs = slices.Clone(item.Inputs)
				s.compute(item.Inputs)
			}
		}
	}
	for _, f := range e.Fields() {
		if in := e.Input(f.ID); in != nil && f.FieldType == "calculation" {
			in.Value = calculate(f, e.valuesOf)
		}
	}
}

// compute evaluates the calculation fields of a row.
func (s *Section) compute(inputs []Input) {
	values := func(code string) []any { return s.valuesOf(inputs, code) }
	for i := range inputs {
		if f := s.Column(inputs[i].FieldID); f != nil && f.FieldType == "calculation" {
			inputs[i].Value = calculate(f, values)
		}
	}
}

var braced = regexp.MustCompile(`\{[^}]*\}|\$\w+`)

// Title evaluates a title formula.
func (e *Editor) Title(formula string) string {
	return braced.ReplaceAllStringFunc(formula, func(code string) string {
		return strings.Join(e.words(strings.Trim(code, "${}")), ", ")
	})
}

// valuesOf returns the values of a column in a row.
func (s *Section) valuesOf(inputs []Input, code string) []any {
	if f := s.Column(code); f != nil {
		return valuesIn(inputOf(inputs, f.ID))
	}
	return nil
}

// valuesIn returns the value of a field, a number if it is numeric, unless it is no text.
func valuesIn(in *Input) []any {
	if in == nil {
		return nil
	}
	text, ok := in.Value.(string)
	if !ok {
		return nil
	}
	if n, ok := new(big.Rat).SetString(text); ok {
		return []any{n}
	}
	return []any{text}
}

// valuesOf returns the values of a code: of a form field, of a column in all rows, or a person of
// the ticket ($author and $proxyClientUser: client Rextlab/kickflow).
func (e *Editor) valuesOf(code string) []any {
	if person := e.rows.Variable(code); person != nil {
		return []any{person}
	}
	out := valuesIn(e.valueOf(code))
	for _, s := range e.Slips() {
		for _, item := range e.SlipItems {
			out = append(out, s.valuesOf(item.Inputs, code)...)
		}
	}
	return out
}

// words returns the displayed texts of a field.
func (e *Editor) words(code string) (out []string) {
	f := e.Field(code)
	in := e.valueOf(code)
	if in == nil {
		return nil
	}
	for _, id := range in.Refs {
		if text, ok := e.rows.Text(f, id); ok {
			out = append(out, text)
		}
	}
	return append(out, StringList(in.Value)...)
}
