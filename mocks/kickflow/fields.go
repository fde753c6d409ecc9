package kickflow

import (
	"cmp"
	"iter"
	"slices"
	"strings"
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

type masterDefaults struct {
	GeneralMaster            *masterView `json:"generalMaster"`
	DefaultGeneralMasterItem *itemView   `json:"defaultGeneralMasterItem"`
}

type formFieldView struct {
	FieldSettings
	FieldOptions
	masterDefaults
	ExternalAPISetting         hidden         `json:"externalApiSetting"`
	KintoneAppSetting          hidden         `json:"kintoneAppSetting"`
	ClimberCloudSetting        hidden         `json:"climberCloudSetting"`
	GeneralMasterSearchFilters hidden         `json:"generalMasterSearchFilters"`
	SelectableTicketWorkflows  []workflowView `json:"selectableTicketWorkflows"`
}

type slipFieldView struct {
	FieldSettings
	Description hidden `json:"description,omitempty"`
	Size        hidden `json:"size,omitempty"`
	Orientation hidden `json:"orientation,omitempty"`
	FieldOptions
	masterDefaults
	ShowTotal bool `json:"showTotal"`
}

type formSectionView struct {
	SectionType           string          `json:"sectionType"`
	Title                 *string         `json:"title"`
	Description           *string         `json:"description"`
	ID                    string          `json:"id"`
	FormFields            []formFieldView `json:"formFields"`
	Conditional           bool            `json:"conditional"`
	CombinationType       string          `json:"combinationType"`
	CombinationExpression *string         `json:"combinationExpression"`
	ConditionFields       []conditionView `json:"conditionFields"`
}

type slipSectionView struct {
	SectionType             string          `json:"sectionType"`
	Title                   *string         `json:"title"`
	Description             *string         `json:"description"`
	Code                    string          `json:"code"`
	SlipFields              []slipFieldView `json:"slipFields"`
	AllowApproverToAddItems bool            `json:"allowApproverToAddItems"`
}

func (s *Section) fill(a *api) {
	a.name(&s.ID)
	s.SectionType, s.CombinationType = cmp.Or(s.SectionType, "form"), cmp.Or(s.CombinationType, "all")
	if s.SectionType == "slip" && s.Code == "" {
		s.Code = randomCode(a.State)
	}
	s.FormFields, s.SlipFields = slices.Clone(s.FormFields), slices.Clone(s.SlipFields)
	for i := range s.FormFields {
		s.FormFields[i].fill(a)
	}
	for i := range s.SlipFields {
		s.SlipFields[i].fill(a)
	}
	s.ConditionFields = a.nameConditions(s.ConditionFields)
}

func (f *Field) fill(a *api) {
	a.name(&f.ID)
	if f.Code == "" {
		f.Code = randomCode(a.State)
	}
	f.Author = cmp.Or(f.Author, pointerTo(true))
	f.Size, f.Orientation = cmp.Or(f.Size, "full"), cmp.Or(f.Orientation, "vertical")
	f.Options, f.AllowedTicketStatus, f.AllowedExtensions = listed(f.Options), listed(f.AllowedTicketStatus),
		listed(f.AllowedExtensions)
	f.Hidden, f.ReadonlyOnUI = cmp.Or(f.Hidden, pointerTo(false)), cmp.Or(f.ReadonlyOnUI, pointerTo(false))
	// null for others: documented
	if slices.Contains([]string{"integer", "number", "calculation"}, f.FieldType) {
		f.Delimited = cmp.Or(f.Delimited, pointerTo(false))
	}
}

// formFields yields the fields of all form sections.
func (w Workflow) formFields() iter.Seq2[Section, Field] {
	return func(yield func(Section, Field) bool) {
		for _, s := range w.SectionList {
			for _, f := range s.FormFields {
				if !yield(s, f) {
					return
				}
			}
		}
	}
}

// field returns the form field with a code or id.
func (w Workflow) field(codeOrID string) (Field, bool) {
	id := strings.ToLower(codeOrID)
	for _, f := range w.formFields() {
		if f.Code == codeOrID || f.ID == id {
			return f, true
		}
	}
	return Field{}, false
}

// slips returns the slip sections.
func (w Workflow) slips() (all []Section) {
	for _, s := range w.SectionList {
		if s.SectionType == "slip" {
			all = append(all, s)
		}
	}
	return all
}

// slipField returns the column with an id, of any slip section.
func (w Workflow) slipField(id string) (Field, bool) {
	for _, s := range w.slips() {
		if f, ok := s.column(id); ok {
			return f, true
		}
	}
	return Field{}, false
}

func (s Section) column(codeOrID string) (Field, bool) {
	id := strings.ToLower(codeOrID)
	i := slices.IndexFunc(s.SlipFields, func(f Field) bool { return f.Code == codeOrID || f.ID == id })
	if i < 0 {
		return Field{}, false
	}
	return s.SlipFields[i], true
}

func (a *api) sectionView(w Workflow, s Section) any {
	if s.SectionType == "slip" {
		v := slipSectionView{SectionType: "slip", Title: s.Title, Description: s.Description, Code: s.Code,
			SlipFields: []slipFieldView{}, AllowApproverToAddItems: s.AllowApproverToAddItems}
		for _, f := range s.SlipFields {
			shown := slipFieldView{FieldSettings: f.FieldSettings, FieldOptions: f.FieldOptions,
				masterDefaults: a.masterDefaults(f), ShowTotal: f.ShowTotal}
			v.SlipFields = append(v.SlipFields, shown)
		}
		return v
	}
	v := formSectionView{SectionType: s.SectionType, Title: s.Title, Description: s.Description, ID: s.ID,
		FormFields:  []formFieldView{},
		Conditional: s.Conditional, CombinationType: s.CombinationType, CombinationExpression: s.CombinationExpression,
		ConditionFields: a.conditionViews(w, s.ConditionFields)}
	for _, f := range s.FormFields {
		shown := formFieldView{FieldSettings: f.FieldSettings, FieldOptions: f.FieldOptions,
			masterDefaults: a.masterDefaults(f), SelectableTicketWorkflows: []workflowView{}}
		for _, code := range f.SelectableWorkflowCodes {
			if other, ok := a.workflow(code); ok {
				shown.SelectableTicketWorkflows = append(shown.SelectableTicketWorkflows,
					workflowView{WorkflowFields: other.WorkflowFields, Categories: []Category{}})
			}
		}
		v.FormFields = append(v.FormFields, shown)
	}
	return v
}

func (a *api) masterDefaults(f Field) (d masterDefaults) {
	if m, ok := a.masters.Find(f.GeneralMasterID); ok {
		d.GeneralMaster = pointerTo(a.masterView(m))
	}
	d.DefaultGeneralMasterItem = a.itemRef(f.DefaultGeneralMasterItemID)
	return d
}

func listed(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
