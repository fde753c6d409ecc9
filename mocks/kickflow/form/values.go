package form

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

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

func (in Input) empty() bool { return in.Value == nil && len(in.Refs) == 0 }

// SlipItem is a row of a slip section.
type SlipItem struct {
	ID            string  `json:"id"`
	SlipSectionID string  `json:"slipSectionId"`
	Inputs        []Input `json:"inputs"`
	CreatedAt     string  `json:"createdAt"`
	UpdatedAt     string  `json:"updatedAt"`
}

// Values are the values of a form: those of its fields, and the rows of its slips.
type Values struct {
	Inputs    []Input
	SlipItems []SlipItem
}

// Input returns the value of a field and whether the field has one.
func (v *Values) Input(fieldID string) (Input, bool) {
	i := slices.IndexFunc(v.Inputs, func(in Input) bool { return in.FieldID == fieldID })
	if i < 0 {
		return Input{}, false
	}
	return v.Inputs[i], true
}

func (v *Values) put(in Input) {
	if in.UpdatedAt == "" {
		in.UpdatedAt = in.CreatedAt
	}
	if i := slices.IndexFunc(v.Inputs, func(o Input) bool { return o.FieldID == in.FieldID }); i >= 0 {
		v.Inputs[i] = in
		return
	}
	v.Inputs = append(v.Inputs, in)
}

// Filled is a form with its values.
type Filled struct {
	Form
	Values
}

// Have returns what conditions compare of a form field: texts, or ids of the rows it refers to.
// Routes write its code with a dollar sign before it.
func (f Filled) Have(code string) []string {
	field, _ := f.Field(strings.TrimPrefix(code, "$"))
	in, _ := f.Input(field.ID)
	if len(in.Refs) > 0 {
		return in.Refs
	}
	return StringList(in.Value)
}

// HoldsAll evaluates conditions on form fields.
func (f Filled) HoldsAll(x Company, kind, expression string, conditions []Condition) bool {
	results := make([]bool, len(conditions))
	for i, c := range conditions {
		results[i] = c.Met(x, f.Have(c.FormFieldCode))
	}
	return Combine(kind, expression, results)
}

// Visible reports whether a section is shown: its conditions hold, or it has none.
func (f Filled) Visible(x Company, s Section) bool {
	return !s.Conditional || f.HoldsAll(x, s.CombinationType, dialect.Deref(s.CombinationExpression), s.ConditionFields)
}

// CheckDemanded returns an error if fields are empty that the sub-status demands: documented,
// support.kickflow.com, 360044556134. That approving requires it is documented, the status is
// inferred.
func (f Filled) CheckDemanded(subStatusID string) error {
	var found mistakes
	for _, field := range f.Fields() {
		if in, _ := f.Input(field.ID); slices.Contains(field.DemandedIn, subStatusID) && in.empty() {
			found.Wrong("inputs."+field.Code, dialect.Blank)
		}
	}
	return found.Err()
}
