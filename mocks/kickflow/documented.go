package kickflow

import "github.com/afba07b5/mockserver/mocks/kickflow/org"

// asDocumented is the feature of a world that omits null keys of route steps which the definition
// does not allow to be null. Without it they are null: recorded in the webhook body of 2025-04 in
// test_json.php of the client Rextlab/kickflow.
const asDocumented = "as-documented"

func (a *api) documented() bool { return a.World().Enabled(asDocumented) }

// documentedTarget is a targetView as in the definition.
type documentedTarget struct {
	Team        *org.TeamView `json:"team,omitempty"`
	Descendants bool          `json:"descendants"`
	GradeSymbol *string       `json:"gradeSymbol"`
	Grades      []org.Grade   `json:"grades"`
	Variable    *string       `json:"variable"`
}

// documentedThreshold is a stepThresholdView as in the definition.
type documentedThreshold struct {
	ID       string        `json:"id"`
	Variable *string       `json:"variable,omitempty"`
	FieldKey string        `json:"fieldKey"`
	Symbol   string        `json:"symbol"`
	Value    *string       `json:"value,omitempty"`
	Grade    *org.Grade    `json:"grade,omitempty"`
	Team     *org.TeamView `json:"team,omitempty"`
	Item     *org.ItemView `json:"generalMasterItem,omitempty"`
}
