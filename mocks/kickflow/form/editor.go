package form

import (
	"cmp"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Rows answers what an editor asks of the rows around a form.
type Rows interface {
	Company
	dialect.Source
	// Exists reports whether a field may refer to a row.
	Exists(f Field, id string) bool
	// Filename returns the name of an uploaded file, "" if there is none.
	Filename(id string) string
	// Attach gives uploaded files to the ticket of the form; false if one is unknown or of another ticket.
	Attach(ids []string) bool
	// Text returns the displayed text of a row that a field refers to; false if there is no such row.
	Text(f Field, id string) (string, bool)
	// Variable returns the user that a variable of formulas stands for (author or proxyClientUser), or nil.
	Variable(name string) any
}

// mistakes collects the errors of a form.
type mistakes struct {
	found   map[string][]string
	unknown string // the first unknown code
}

func (m *mistakes) Wrong(field, message string) {
	if m.found == nil {
		m.found = map[string][]string{}
	}
	m.found[field] = append(m.found[field], message)
}

// stranger records an entry with an unknown or duplicate field.
func (m *mistakes) stranger(kind string, in Entry, twice bool) {
	if !twice && (dialect.Deref(in.FormFieldID) == "" && dialect.Deref(in.SlipFieldID) == "") {
		m.unknown = cmp.Or(m.unknown, in.Name())
	}
	m.Wrong(strings.TrimSuffix(kind+"."+in.Name(), "."), map[bool]string{false: dialect.Missing,
		true: dialect.Taken}[twice])
}

// Err returns the collected errors. The field names in it are inferred: inputs.<code>. An unknown
// code is an error of the request: documented in errorHints, except for the status.
func (m *mistakes) Err() error {
	if m.unknown != "" {
		return &fake.Error{Status: http.StatusBadRequest, Message: "フィールドコードが不正です",
			Rule: "no field has the code " + m.unknown, Evidence: fake.Documented, Source: dialect.ErrorHints}
	}
	if len(m.found) == 0 {
		return nil
	}
	return &fake.Error{Status: http.StatusUnprocessableEntity, Fields: m.found,
		Rule: "the form breaks the workflow's rules", Evidence: fake.Inferred, Source: dialect.Silent}
}

// Editor writes inputs into the values of a form and collects the errors.
type Editor struct {
	Filled
	mistakes
	rows         Rows
	overwritable bool // of the workflow
	Approver     bool // an approver edits approver fields, an author author fields
	Partial      bool // PATCH .../form: omitted fields stay unchanged
}

// NewEditor returns an editor that changes a copy of the values.
func NewEditor(f Filled, rows Rows, overwritable bool) *Editor {
	f.Inputs = slices.Clone(f.Inputs)
	return &Editor{Filled: f, rows: rows, overwritable: overwritable}
}

// mayEdit reports whether the caller may edit a field. In an overwritable workflow approvers may
// edit every field: documented, support.kickflow.com, 360044556134.
func (e *Editor) mayEdit(f Field) bool {
	if e.Approver {
		return f.Approver || e.overwritable
	}
	return *f.Author
}

// Fill writes the inputs into the values. Documented: an author sends every field, calculations
// included, and an approver only the approver's; buttons, which have no value, may be omitted
// (assumed).
func (e *Editor) Fill(inputs []Entry) {
	sent := map[string]Entry{}
	for _, in := range inputs {
		f, ok := e.Field(in.Name())
		if _, twice := sent[f.ID]; !ok || twice {
			e.stranger("inputs", in, twice)
			continue
		}
		sent[f.ID] = in
	}
	for _, f := range e.Fields() {
		in, listed := sent[f.ID]
		kept, had := e.Input(f.ID)
		if !had {
			kept = Input{ID: e.rows.NewID(), FieldID: f.ID, CreatedAt: dialect.FormatTime(e.rows.Now())}
		}
		switch {
		case !listed && !e.Partial && !e.Approver && !isButton(f):
			e.Wrong("inputs."+f.Code, "must be sent") // assumed wording
		case listed && e.Approver && !e.mayEdit(f) && !computed(f):
			e.Wrong("inputs."+f.Code, "cannot be edited by an approver") // assumed wording
		case listed && e.mayEdit(f) && !computed(f):
			e.read(f, in, &kept, "inputs."+f.Code)
		}
		e.put(kept)
	}
}

// read converts an entry into its stored form.
func (e *Editor) read(f Field, in Entry, into *Input, at string) {
	into.UpdatedAt = dialect.FormatTime(e.rows.Now())
	if key, ok := ReferenceKeys[f.FieldType]; ok {
		e.readRefs(f, StringList(key(in)), into, at)
		return
	}
	if f.FieldType == "file" {
		e.readFiles(f, in.Files, into, at)
		return
	}
	value, ok := formValue(f.FieldType, in.Value)
	if !ok {
		e.Wrong(at, dialect.Wrong)
		return
	}
	into.Value = value
	for _, message := range f.validate(value) {
		e.Wrong(at, message)
	}
}

func (e *Editor) readRefs(f Field, ids []string, into *Input, at string) {
	if len(ids) > 1 && !f.Multiple {
		e.Wrong(at, "takes one only") // assumed wording
	}
	into.Refs = nil
	for _, id := range ids {
		id = strings.ToLower(id)
		if !e.rows.Exists(f, id) {
			e.Wrong(at, dialect.Missing)
		}
		into.Refs = append(into.Refs, id)
	}
}

// readFiles assigns uploaded files to the ticket.
func (e *Editor) readFiles(f Field, ids []string, into *Input, at string) {
	if len(ids) > 1 && !f.Multiple {
		e.Wrong(at, "takes one only") // assumed wording
	}
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
	into.Refs = slices.Clone(ids)
}

// Demand reports required fields that are empty. A section hidden by its conditions requires
// nothing, and an author need not fill the fields of approvers (inferred).
func (e *Editor) Demand() {
	for s, f := range e.Fields() {
		in, _ := e.Input(f.ID)
		if f.Required && *f.Author && !computed(f) && in.empty() && e.Visible(e.rows, s) {
			e.Wrong("inputs."+f.Code, dialect.Blank)
		}
	}
	for _, item := range e.SlipItems {
		for _, in := range item.Inputs {
			if f, ok := e.slipField(in.FieldID); ok && f.Required && *f.Author && !computed(f) && in.empty() {
				e.Wrong("slipItems."+f.Code, dialect.Blank)
			}
		}
	}
}
