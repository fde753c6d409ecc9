package kickflow

// asDocumented is the feature of a world that omits null keys of route steps which the definition
// does not allow to be null. Without it they are null: recorded in the webhook body of 2025-04 in
// test_json.php of the client Rextlab/kickflow.
const asDocumented = "as-documented"

func (a *api) documented() bool { return a.World().Enabled(asDocumented) }

// documentedTarget is a targetView as in the definition.
type documentedTarget struct {
	Team        *teamView `json:"team,omitempty"`
	Descendants bool      `json:"descendants"`
	GradeSymbol *string   `json:"gradeSymbol"`
	Grades      []Grade   `json:"grades"`
	Variable    *string   `json:"variable"`
}

// documentedThreshold is a stepThresholdView as in the definition.
type documentedThreshold struct {
	ID       string    `json:"id"`
	Variable *string   `json:"variable,omitempty"`
	FieldKey string    `json:"fieldKey"`
	Symbol   string    `json:"symbol"`
	Value    *string   `json:"value,omitempty"`
	Grade    *Grade    `json:"grade,omitempty"`
	Team     *teamView `json:"team,omitempty"`
	Item     *itemView `json:"generalMasterItem,omitempty"`
}
