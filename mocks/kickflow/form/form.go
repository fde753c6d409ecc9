// Package form has the forms of workflows: fields and slips, the values that a ticket has of them,
// conditions on values, and formulas. It reads and writes values only; what it needs of the rows
// around a form it asks an interface, Rows or Company. It knows no table and no request.
package form

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Section is a part of a workflow's form: fields to fill in once (form) or rows to add (slip).
type Section struct {
	ID                      string      `json:"id"`
	SectionType             string      `json:"sectionType"` // form or slip
	Title                   *string     `json:"title"`
	Description             *string     `json:"description"`
	Code                    string      `json:"code,omitempty"` // of a slip
	FormFields              []Field     `json:"formFields,omitempty"`
	SlipFields              []Field     `json:"slipFields,omitempty"`
	Conditional             bool        `json:"conditional,omitempty"` // shown only if its conditions hold
	CombinationType         string      `json:"combinationType,omitempty"`
	CombinationExpression   *string     `json:"combinationExpression,omitempty"`
	ConditionFields         []Condition `json:"conditionFields,omitempty"`
	AllowApproverToAddItems bool        `json:"allowApproverToAddItems,omitempty"`
	ViewRestriction         bool        `json:"viewRestriction,omitempty"`
	AllowViewAuthor         bool        `json:"allowViewAuthor,omitempty"`
	AllowViewApprover       bool        `json:"allowViewApprover,omitempty"`
}

// Field is a field of a form or a column of a slip.
type Field struct {
	FieldSettings
	FieldOptions
	ShowTotal                  bool     `json:"showTotal,omitempty"`
	GeneralMasterID            string   `json:"generalMasterId,omitempty"`
	DefaultGeneralMasterItemID string   `json:"defaultGeneralMasterItemId,omitempty"`
	SelectableWorkflowCodes    []string `json:"selectableWorkflowCodes,omitempty"` // of a ticket field; none = all
	// ids of the sub-statuses that cannot be approved while it is empty
	DemandedIn []string `json:"demandedIn,omitempty"`
}

// FieldSettings are part of every view of a field.
type FieldSettings struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Description  *string  `json:"description"`
	FieldType    string   `json:"fieldType"`
	Required     bool     `json:"required"`
	Approver     bool     `json:"approver"` // approvers may edit it
	Author       *bool    `json:"author"`   // the author may edit it; default true
	Options      []string `json:"options"`
	Code         string   `json:"code"`
	Size         string   `json:"size"`
	RegexpFormat *string  `json:"regexpFormat"`
	Formula      *string  `json:"formula"`
	DefaultValue *string  `json:"defaultValue"`
	MinValue     *float64 `json:"minValue"`
	MaxValue     *float64 `json:"maxValue"`
	MinLength    *float64 `json:"minLength"`
	MaxLength    *float64 `json:"maxLength"`
	DecimalDigit *int     `json:"decimalDigit"`
	Delimited    *bool    `json:"delimited"`
	Prefix       *string  `json:"prefix"`
	Suffix       *string  `json:"suffix"`
	Hidden       *bool    `json:"hidden"`
	ReadonlyOnUI *bool    `json:"readonlyOnUi"` // does not apply to the API: documented
	Multiple     bool     `json:"multiple"`
	Orientation  string   `json:"orientation"`
}

// FieldOptions are shown in a workflow only.
type FieldOptions struct {
	AllowedExtensions       []string `json:"allowedExtensions"`
	AutoLink                bool     `json:"autoLink"`
	UseTodayForDefaultValue bool     `json:"useTodayForDefaultValue"`
	AllowedTicketStatus     []string `json:"allowedTicketStatus"`
}

// SetDefaults sets the identifiers and defaults of a section and its fields.
func (s *Section) SetDefaults(ids dialect.Source) {
	dialect.SetID(ids, &s.ID)
	s.SectionType, s.CombinationType = cmp.Or(s.SectionType, "form"), cmp.Or(s.CombinationType, "all")
	if s.SectionType == "slip" {
		dialect.SetCode(ids, &s.Code)
	}
	s.FormFields, s.SlipFields = slices.Clone(s.FormFields), slices.Clone(s.SlipFields)
	for _, fields := range [][]Field{s.FormFields, s.SlipFields} {
		for i := range fields {
			fields[i].setDefaults(ids)
		}
	}
	s.ConditionFields = WithIDs(ids, s.ConditionFields)
}

func (f *Field) setDefaults(ids dialect.Source) {
	dialect.SetID(ids, &f.ID)
	dialect.SetCode(ids, &f.Code)
	f.Author = cmp.Or(f.Author, new(true))
	f.Size, f.Orientation = cmp.Or(f.Size, "full"), cmp.Or(f.Orientation, "vertical")
	for _, list := range []*[]string{&f.Options, &f.AllowedTicketStatus, &f.AllowedExtensions} {
		*list = append([]string{}, *list...) // never null
	}
	f.Hidden, f.ReadonlyOnUI = cmp.Or(f.Hidden, new(false)), cmp.Or(f.ReadonlyOnUI, new(false))
	// null for others: documented
	if slices.Contains([]string{"integer", "number", "calculation"}, f.FieldType) {
		f.Delimited = cmp.Or(f.Delimited, new(false))
	}
}

// Form is the form of a workflow: its sections.
type Form []Section

// Fields yields the fields of all form sections.
func (f Form) Fields() iter.Seq2[*Section, *Field] {
	return func(yield func(*Section, *Field) bool) {
		for i := range f {
			for n := range f[i].FormFields {
				if !yield(&f[i], &f[i].FormFields[n]) {
					return
				}
			}
		}
	}
}

// Field returns the form field with a code or id, or nil.
func (f Form) Field(codeOrID string) *Field {
	for i := range f {
		if field := named(f[i].FormFields, codeOrID); field != nil {
			return field
		}
	}
	return nil
}

// Slips returns the slip sections.
func (f Form) Slips() (all []*Section) {
	for i := range f {
		if f[i].SectionType == "slip" {
			all = append(all, &f[i])
		}
	}
	return all
}

// slipField returns the column with an id, of any slip section, or nil.
func (f Form) slipField(id string) *Field {
	for _, s := range f.Slips() {
		if column := s.Column(id); column != nil {
			return column
		}
	}
	return nil
}

// Column returns the column of a slip with a code or id, or nil.
func (s *Section) Column(codeOrID string) *Field { return named(s.SlipFields, codeOrID) }

func named(fields []Field, codeOrID string) *Field {
	id := strings.ToLower(codeOrID)
	for i := range fields {
		if f := &fields[i]; f.Code == codeOrID || f.ID == id {
			return f
		}
	}
	return nil
}

// Input is a ticket's value of a field: a value, or references to items, users, teams, tickets or
// files.
type Input struct {
	ID        string   `json:"id"`
	FieldID   string   `json:"fieldId"`
	Value     any      `json:"value"`
	Refs      []string `json:"refs,omitempty"`
	CreatedAt string   `json:"createdAt"`
	UpdatedAt string   `json:"updatedAt"`
}

func (in *Input) empty() bool { return in == nil || in.Value == nil && len(in.Refs) == 0 }

// SlipItem is a row of a slip section.
type SlipItem struct {
	ID            string  `json:"id"`
	SlipSectionID string  `json:"slipSectionId"`
	Inputs        []Input `json:"inputs"`
	CreatedAt     string  `json:"createdAt"`
	UpdatedAt     string  `json:"updatedAt"`
}

// Filled is a form with its values: those of its fields, and the rows of its slips.
type Filled struct {
	Form
	Inputs    []Input
	SlipItems []SlipItem
}

// Input returns the value of a field, or nil.
func (f *Filled) Input(fieldID string) *Input { return inputOf(f.Inputs, fieldID) }

func inputOf(inputs []Input, fieldID string) *Input {
	for i := range inputs {
		if inputs[i].FieldID == fieldID {
			return &inputs[i]
		}
	}
	return nil
}

// valueOf returns the value of the field with a code, or nil.
func (f *Filled) valueOf(code string) *Input {
	if field := f.Field(code); field != nil {
		return f.Input(field.ID)
	}
	return nil
}

// Have returns what conditions compare of a form field: texts, or ids of the rows it refers to.
// Routes write its code with a dollar sign before it.
func (f *Filled) Have(code string) []string {
	in := f.valueOf(strings.TrimPrefix(code, "$"))
	switch {
	case in == nil:
		return nil
	case len(in.Refs) > 0:
		return in.Refs
	}
	return StringList(in.Value)
}

// HoldsAll evaluates conditions on form fields.
func (f *Filled) HoldsAll(x Company, kind, expression string, conditions []Condition) bool {
	results := make([]bool, len(conditions))
	for i, c := range conditions {
		results[i] = c.Met(x, f.Have(c.FormFieldCode))
	}
	return Combine(kind, expression, results)
}

// Visible reports whether a section is shown: its conditions hold, or it has none.
func (f *Filled) Visible(x Company, s *Section) bool {
	return !s.Conditional || f.HoldsAll(x, s.CombinationType, dialect.Deref(s.CombinationExpression), s.ConditionFields)
}

// CheckDemanded returns an error if fields are empty that the sub-status demands: documented,
// support.kickflow.com, 360044556134. That approving requires it is documented, the status is
// inferred.
func (f *Filled) CheckDemanded(subStatusID string) error {
	var found mistakes
	for _, field := range f.Fields() {
		if slices.Contains(field.DemandedIn, subStatusID) && f.Input(field.ID).empty() {
			found.Wrong("inputs."+field.Code, dialect.Blank)
		}
	}
	return found.Err()
}
