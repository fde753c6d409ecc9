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
	if s.SectionType == "slip" && s.Code == "" {
		s.Code = dialect.RandomCode(ids)
	}
	s.FormFields, s.SlipFields = slices.Clone(s.FormFields), slices.Clone(s.SlipFields)
	for i := range s.FormFields {
		s.FormFields[i].setDefaults(ids)
	}
	for i := range s.SlipFields {
		s.SlipFields[i].setDefaults(ids)
	}
	s.ConditionFields = WithIDs(ids, s.ConditionFields)
}

func (f *Field) setDefaults(ids dialect.Source) {
	dialect.SetID(ids, &f.ID)
	if f.Code == "" {
		f.Code = dialect.RandomCode(ids)
	}
	f.Author = cmp.Or(f.Author, dialect.To(true))
	f.Size, f.Orientation = cmp.Or(f.Size, "full"), cmp.Or(f.Orientation, "vertical")
	f.Options, f.AllowedTicketStatus, f.AllowedExtensions = dialect.OrEmpty(f.Options),
		dialect.OrEmpty(f.AllowedTicketStatus),
		dialect.OrEmpty(f.AllowedExtensions)
	f.Hidden, f.ReadonlyOnUI = cmp.Or(f.Hidden, dialect.To(false)), cmp.Or(f.ReadonlyOnUI, dialect.To(false))
	// null for others: documented
	if slices.Contains([]string{"integer", "number", "calculation"}, f.FieldType) {
		f.Delimited = cmp.Or(f.Delimited, dialect.To(false))
	}
}

// Form is the form of a workflow: its sections.
type Form []Section

// Fields yields the fields of all form sections.
func (f Form) Fields() iter.Seq2[Section, Field] {
	return func(yield func(Section, Field) bool) {
		for _, s := range f {
			for _, field := range s.FormFields {
				if !yield(s, field) {
					return
				}
			}
		}
	}
}

// Field returns the form field with a code or id.
func (f Form) Field(codeOrID string) (Field, bool) {
	id := strings.ToLower(codeOrID)
	for _, field := range f.Fields() {
		if field.Code == codeOrID || field.ID == id {
			return field, true
		}
	}
	return Field{}, false
}

// Slips returns the slip sections.
func (f Form) Slips() (all []Section) {
	for _, s := range f {
		if s.SectionType == "slip" {
			all = append(all, s)
		}
	}
	return all
}

// slipField returns the column with an id, of any slip section.
func (f Form) slipField(id string) (Field, bool) {
	for _, s := range f.Slips() {
		if column, ok := s.Column(id); ok {
			return column, true
		}
	}
	return Field{}, false
}

// Column returns the column of a slip with a code or id.
func (s Section) Column(codeOrID string) (Field, bool) {
	id := strings.ToLower(codeOrID)
	i := slices.IndexFunc(s.SlipFields, func(f Field) bool { return f.Code == codeOrID || f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return s.SlipFields[i], true
}
