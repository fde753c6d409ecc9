package kickflow

import (
	"cmp"
	"math/big"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
)

// entry is one input as clients send it, of a form or of a slip row.
type entry struct {
	FormFieldID         *string  `json:"formFieldId"`
	FormFieldCode       *string  `json:"formFieldCode"`
	SlipFieldID         *string  `json:"slipFieldId"`
	SlipFieldCode       *string  `json:"slipFieldCode"`
	Value               any      `json:"value"`
	GeneralMasterItemID any      `json:"generalMasterItemId"`
	UserID              any      `json:"userId"`
	TeamID              any      `json:"teamId"`
	TicketID            any      `json:"ticketId"`
	Files               []string `json:"files"`
}

// name returns the identifier or else the code of an entry; the identifier takes precedence:
// documented.
func (e entry) name() string {
	for _, p := range []*string{e.FormFieldID, e.SlipFieldID, e.FormFieldCode, e.SlipFieldCode} {
		if deref(p) != "" {
			return *p
		}
	}
	return ""
}

// referenceKeys maps a reference type to the key of an entry that holds its references.
var referenceKeys = map[string]func(entry) any{
	"master": func(e entry) any { return e.GeneralMasterItemID },
	"user":   func(e entry) any { return e.UserID },
	"team":   func(e entry) any { return e.TeamID },
	"ticket": func(e entry) any { return e.TicketID },
}

// row is one slip item as clients send it.
type row struct {
	SlipSectionID   *string `json:"slipSectionId"`
	SlipSectionCode *string `json:"slipSectionCode"`
	Inputs          []entry `json:"inputs"`
}

// editor writes a form into a ticket and collects the errors.
type editor struct {
	*api
	r        *fake.Request
	w        Workflow
	t        *Ticket
	approver bool // an approver edits approver fields, an author author fields
	partial  bool // PATCH .../form: omitted fields stay unchanged
	errors   map[string][]string
	unknown  string // the first unknown code
}

func (e *editor) wrong(field, message string) { e.errors[field] = append(e.errors[field], message) }

// stranger records an entry with an unknown or duplicate field.
func (e *editor) stranger(kind string, in entry, twice bool) {
	if !twice && (deref(in.FormFieldID) == "" && deref(in.SlipFieldID) == "") {
		e.unknown = cmp.Or(e.unknown, in.name())
	}
	e.wrong(strings.TrimSuffix(kind+"."+in.name(), "."), map[bool]string{false: missing, true: taken}[twice])
}

// err returns the collected errors. The field names in it are inferred: inputs.<code>. An unknown
// code is an error of the request: documented in errorHints, except for the status.
func (e *editor) err() error {
	if e.unknown != "" {
		return &fake.Error{Status: http.StatusBadRequest, Message: "フィールドコードが不正です",
			Rule: "no field has the code " + e.unknown, Evidence: fake.Documented, Source: errorHints}
	}
	if len(e.errors) == 0 {
		return nil
	}
	return &fake.Error{Status: http.StatusUnprocessableEntity, Fields: e.errors,
		Rule: "the form breaks the workflow's rules", Evidence: fake.Inferred, Source: silent}
}

// mayEdit reports whether the caller may edit a field. In an overwritable workflow approvers may
// edit every field: documented, support.kickflow.com, 360044556134.
func (e *editor) mayEdit(f Field) bool {
	if e.approver {
		return f.Approver || e.w.Overwritable
	}
	return *f.Author
}

// isButton reports whether a field is a button, which has no value.
func isButton(f Field) bool { return strings.HasPrefix(f.FieldType, "button_") }

// computed reports whether clients cannot set the value of a field.
func computed(f Field) bool { return f.FieldType == "calculation" || isButton(f) }

// fill writes the inputs into the ticket. Documented: an author sends every field, calculations
// included, and an approver only the approver's; buttons, which have no value, may be omitted
// (assumed).
func (e *editor) fill(inputs []entry) {
	sent := map[string]entry{}
	for _, in := range inputs {
		f, ok := e.w.field(in.name())
		if _, twice := sent[f.ID]; !ok || twice {
			e.stranger("inputs", in, twice)
			continue
		}
		sent[f.ID] = in
	}
	e.t.Inputs = slices.Clone(e.t.Inputs)
	for _, f := range e.w.formFields() {
		in, listed := sent[f.ID]
		kept, had := e.t.input(f.ID)
		if !had {
			kept = Input{ID: e.NewID(), FieldID: f.ID, CreatedAt: formatTime(e.Now())}
		}
		switch {
		case !listed && !e.partial && !e.approver && !isButton(f):
			e.wrong("inputs."+f.Code, "must be sent") // assumed wording
		case listed && e.approver && !e.mayEdit(f) && !computed(f):
			e.wrong("inputs."+f.Code, "cannot be edited by an approver") // assumed wording
		case listed && e.mayEdit(f) && !computed(f):
			e.read(f, in, &kept, "inputs."+f.Code)
		}
		e.put(kept)
	}
}

func (e *editor) put(in Input) {
	if in.UpdatedAt == "" {
		in.UpdatedAt = in.CreatedAt
	}
	if i := slices.IndexFunc(e.t.Inputs, func(o Input) bool { return o.FieldID == in.FieldID }); i >= 0 {
		e.t.Inputs[i] = in
		return
	}
	e.t.Inputs = append(e.t.Inputs, in)
}

// read converts an entry into its stored form.
func (e *editor) read(f Field, in entry, into *Input, at string) {
	into.UpdatedAt = formatTime(e.Now())
	if key, ok := referenceKeys[f.FieldType]; ok {
		e.readRefs(f, stringList(key(in)), into, at)
		return
	}
	if f.FieldType == "file" {
		e.readFiles(f, in.Files, into, at)
		return
	}
	value, ok := formValue(f.FieldType, in.Value)
	if !ok {
		e.wrong(at, wrong)
		return
	}
	into.Value = value
	for _, message := range f.validate(value) {
		e.wrong(at, message)
	}
}

// formValue converts a value into its stored form: a string, or strings for a checkbox; nil if
// empty.
func formValue(fieldType string, value any) (stored any, ok bool) {
	switch v := value.(type) {
	case nil:
		return nil, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), fieldType == "number" || fieldType == "integer"
	case string:
		if v == "" {
			return nil, true
		}
		return v, fieldType != "checkbox"
	case []any:
		chosen := stringList(v)
		if len(chosen) == 0 {
			return nil, fieldType == "checkbox"
		}
		return anyList(chosen), fieldType == "checkbox" && len(chosen) == len(v)
	}
	return nil, false
}

func anyList(list []string) (out []any) {
	for _, one := range list {
		out = append(out, one)
	}
	return out
}

// stringList returns the strings of a value that is one string, an array of strings, or nil.
func stringList(value any) (out []string) {
	switch v := value.(type) {
	case string:
		if v != "" {
			out = append(out, v)
		}
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				out = append(out, text)
			}
		}
	}
	return out
}

// validate returns the messages for the constraints that a value violates.
func (f Field) validate(value any) (messages []string) {
	if list, ok := value.([]any); ok {
		for _, one := range list {
			if !slices.Contains(f.Options, one.(string)) {
				return []string{unlisted}
			}
		}
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return nil
	}
	switch f.FieldType {
	case "number", "integer":
		return f.validateNumber(text)
	case "pull_down":
		if !slices.Contains(f.Options, text) {
			return []string{unlisted}
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return []string{wrong}
		}
	case "datetime":
		if !slices.ContainsFunc(moments,
			func(layout string) bool { _, err := time.Parse(layout, text); return err == nil }) {
			return []string{wrong}
		}
	}
	length := float64(utf8.RuneCountInString(text))
	if f.MinLength != nil && length < *f.MinLength {
		messages = append(messages, "is too short (minimum is "+plainNumber(*f.MinLength)+" characters)")
	}
	if f.MaxLength != nil && length > *f.MaxLength {
		messages = append(messages, "is too long (maximum is "+plainNumber(*f.MaxLength)+" characters)")
	}
	if pattern := deref(f.RegexpFormat); pattern != "" {
		if re, err := regexp.Compile(pattern); err == nil && !re.MatchString(text) {
			messages = append(messages, wrong)
		}
	}
	return messages
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (f Field) validateNumber(text string) (messages []string) {
	if !numberPattern.MatchString(text) {
		return []string{"is not a number"}
	}
	if f.FieldType == "integer" && !integerPattern.MatchString(text) {
		return []string{"must be an integer"}
	}
	n, _ := new(big.Rat).SetString(text)
	if f.MinValue != nil && n.Cmp(new(big.Rat).SetFloat64(*f.MinValue)) < 0 {
		messages = append(messages, "must be greater than or equal to "+plainNumber(*f.MinValue))
	}
	if f.MaxValue != nil && n.Cmp(new(big.Rat).SetFloat64(*f.MaxValue)) > 0 {
		messages = append(messages, "must be less than or equal to "+plainNumber(*f.MaxValue))
	}
	if _, decimals, _ := strings.Cut(text, "."); f.DecimalDigit != nil && len(decimals) > *f.DecimalDigit {
		messages = append(messages, "has more than "+strconv.Itoa(*f.DecimalDigit)+" decimals") // assumed wording
	}
	return messages
}

func (e *editor) readRefs(f Field, ids []string, into *Input, at string) {
	if len(ids) > 1 && !f.Multiple {
		e.wrong(at, "takes one only") // assumed wording
	}
	into.Refs = nil
	for _, id := range ids {
		id = strings.ToLower(id)
		if !e.exists(f, id) {
			e.wrong(at, missing)
		}
		into.Refs = append(into.Refs, id)
	}
}

func (e *editor) exists(f Field, id string) bool {
	switch f.FieldType {
	case "master":
		i, ok := e.items.Find(id)
		return ok && (f.GeneralMasterID == "" || i.MasterID == f.GeneralMasterID)
	case "user":
		return e.alive(id)
	case "team":
		t, ok := e.teams.Find(id)
		return ok && t.ChartID == e.currentChart().ID
	}
	t, ok := e.tickets.Find(id)
	if !ok || !e.sees(caller(e.r), t) || len(f.AllowedTicketStatus) > 0 &&
		!slices.Contains(f.AllowedTicketStatus, t.Status) {
		return false
	}
	w, _ := e.workflows.Find(t.WorkflowVersionID)
	return len(f.SelectableWorkflowCodes) == 0 || slices.Contains(f.SelectableWorkflowCodes, w.Code)
}

// readFiles assigns uploaded files to the ticket.
func (e *editor) readFiles(f Field, ids []string, into *Input, at string) {
	if len(ids) > 1 && !f.Multiple {
		e.wrong(at, "takes one only") // assumed wording
	}
	for _, id := range ids {
		file, _ := e.files.Find(id)
		extension := strings.ToLower(strings.TrimPrefix(path.Ext(file.Filename), "."))
		if len(f.AllowedExtensions) > 0 && file.Filename != "" && !slices.Contains(f.AllowedExtensions, extension) {
			e.wrong(at, unlisted)
		}
	}
	if e.attach(at, ids, e.t.ID) != nil {
		e.wrong(at, missing)
	}
	into.Refs = slices.Clone(ids)
}

// demand reports required fields that are empty. A section hidden by its conditions requires
// nothing, and an author need not fill the fields of approvers (inferred).
func (e *editor) demand() {
	for s, f := range e.w.formFields() {
		in, _ := e.t.input(f.ID)
		if f.Required && *f.Author && !computed(f) && in.empty() && e.sectionVisible(e.w, *e.t, s) {
			e.wrong("inputs."+f.Code, blank)
		}
	}
	for _, item := range e.t.SlipItems {
		for _, in := range item.Inputs {
			if f, ok := e.w.slipField(in.FieldID); ok && f.Required && *f.Author && !computed(f) && in.empty() {
				e.wrong("slipItems."+f.Code, blank)
			}
		}
	}
}

// demanded returns an error if the open step's approvers have not filled in what they must:
// documented, support.kickflow.com, 360044556134. That approving requires it is documented, the
// status is inferred.
func (a *api) demanded(w Workflow, t Ticket) error {
	e := &editor{errors: map[string][]string{}}
	for _, f := range w.formFields() {
		if in, _ := t.input(f.ID); slices.Contains(f.DemandedIn, t.SubStatusID) && in.empty() {
			e.wrong("inputs."+f.Code, blank)
		}
	}
	return e.err()
}

func (in Input) empty() bool { return in.Value == nil && len(in.Refs) == 0 }
