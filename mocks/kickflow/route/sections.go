package route

import (
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

type masterDefaults struct {
	GeneralMaster            *org.MasterView `json:"generalMaster"`
	DefaultGeneralMasterItem *org.ItemView   `json:"defaultGeneralMasterItem"`
}

type formFieldView struct {
	form.FieldSettings
	form.FieldOptions
	masterDefaults
	ExternalAPISetting         dialect.Hidden `json:"externalApiSetting"`
	KintoneAppSetting          dialect.Hidden `json:"kintoneAppSetting"`
	ClimberCloudSetting        dialect.Hidden `json:"climberCloudSetting"`
	GeneralMasterSearchFilters dialect.Hidden `json:"generalMasterSearchFilters"`
	SelectableTicketWorkflows  []workflowView `json:"selectableTicketWorkflows"`
}

type slipFieldView struct {
	form.FieldSettings
	Description dialect.Hidden `json:"description,omitempty"`
	Size        dialect.Hidden `json:"size,omitempty"`
	Orientation dialect.Hidden `json:"orientation,omitempty"`
	form.FieldOptions
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

type conditionView struct {
	ID                string              `json:"id"`
	Symbol            string              `json:"symbol"`
	Value             *string             `json:"value"`
	FormField         *form.FieldSettings `json:"formField"`
	Grade             *org.Grade          `json:"grade"`
	Team              *org.TeamView       `json:"team"`
	GeneralMasterItem *org.ItemView       `json:"generalMasterItem"`
}

func (a *API) sectionView(w Workflow, s form.Section) any {
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
			if other, ok := a.Workflow(code); ok {
				shown.SelectableTicketWorkflows = append(shown.SelectableTicketWorkflows,
					workflowView{WorkflowFields: other.WorkflowFields, Categories: []Category{}})
			}
		}
		v.FormFields = append(v.FormFields, shown)
	}
	return v
}

func (a *API) masterDefaults(f form.Field) masterDefaults {
	return masterDefaults{dialect.View(a.Masters, f.GeneralMasterID, a.MasterView),
		a.ItemRef(f.DefaultGeneralMasterItemID)}
}

func (a *API) conditionViews(w Workflow, list []form.Condition) []conditionView {
	out := []conditionView{}
	for _, c := range list {
		v := conditionView{ID: c.ID, Symbol: c.Symbol, Value: c.Value, Grade: a.GradeRef(c.GradeID),
			Team: a.TeamRef(c.TeamID), GeneralMasterItem: a.ItemRef(c.ItemID)}
		if f, ok := w.SectionList.Field(c.FormFieldCode); ok {
			v.FormField = &f.FieldSettings
		}
		out = append(out, v)
	}
	return out
}
