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

// name is the identifier or else the code that an entry gives; the identifier wins: documented.
func (e entry) name() string {
	for _, p := range []*string{e.FormFieldID, e.SlipFieldID, e.FormFieldCode, e.SlipFieldCode} {
		if deref(p) != "" {
			return *p
		}
	}
	return ""
}

// referenceKeys says where an entry has what a reference type takes.
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

// editor writes a form into a ticket and collects what is wrong with it.
type editor struct {
	*api
	r        *fake.Request
	w        Workflow
	t        *Ticket
	approver bool // an approver edits approver's fields, an author the author's
	partial  bool // PATCH .../form: what is not sent stays
	errors   map[string][]string
	unknown  string // the first code that no field has
}

func (e *editor) wrong(field, message string) { e.errors[field] = append(e.errors[field], message) }

// stranger notes an entry that names no field, or one that is there already.
func (e *editor) stranger(kind string, in entry, twice bool) {
	if !twice && (deref(in.FormFieldID) == "" && deref(in.SlipFieldID) == "") {
		e.unknown = cmp.Or(e.unknown, in.name())
	}
	e.wrong(strings.TrimSuffix(kind+"."+in.name(), "."), map[bool]string{false: missing, true: taken}[twice])
}

// err is what the collected faults amount to. Field names in it are inferred: inputs.<code>. An unknown code is
// a fault of the request: documented in errorHints, but for the status.
func (e *editor) err() error {
	if e.unknown != "" {
		return &fake.Error{Status: http.StatusBadRequest, Message: "フィールドコードが不正です", Rule: "no field has the code " + e.unknown, Evidence: fake.Documented, Source: errorHints}
	}
	if len(e.errors) == 0 {
		return nil
	}
	return &fake.Error{Status: http.StatusUnprocessableEntity, Fields: e.errors, Rule: "the form breaks the workflow's rules", Evidence: fake.Inferred, Source: silent}
}

// mayEdit says whose a field is. An overwritable workflow gives all fields to its approvers, too: documented,
// support.kickflow.com, 360044556134.
func (e *editor) mayEdit(f Field) bool {
	if e.approver {
		return f.Approver || e.w.Overwritable
	}
	return *f.Author
}

// isButton is true for fields that hold nothing.
func isButton(f Field) bool { return strings.HasPrefix(f.FieldType, "button_") }

// computed is true for fields whose value clients cannot give.
func computed(f Field) bool { return f.FieldType == "calculation" || isButton(f) }

// fill puts the inputs into the ticket. Documented: an author lists every field, calculations included, and
// an approver only the approver's; buttons, which hold nothing, may be left out (assumed).
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

// read turns an entry into what is stored.
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

// formValue brings a value to the form in which it is stored: text, or texts for a checkbox; nil if empty.
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

// stringList are the strings in a value that is one string, an array of them, or nothing.
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

// validate says which of the field's constraints a value breaks.
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
		if !slices.ContainsFunc(moments, func(layout string) bool { _, err := time.Parse(layout, text); return err == nil }) {
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
	if !ok || !e.sees(caller(e.r), t) || len(f.AllowedTicketStatus) > 0 && !slices.Contains(f.AllowedTicketStatus, t.Status) {
		return false
	}
	w, _ := e.workflows.Find(t.WorkflowVersionID)
	return len(f.SelectableWorkflowCodes) == 0 || slices.Contains(f.SelectableWorkflowCodes, w.Code)
}

// readFiles takes files that were uploaded before, and makes them the ticket's.
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

// demand refuses what is required and empty. A section that its conditions hide demands nothing, and an
// author is not asked for what only approvers may fill (inferred).
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

// demanded refuses what the open step's approvers must have filled in: documented, support.kickflow.com,
// 360044556134. Approving demands it, the status is inferred.
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
