package kickflow

// asDocumented is the switch of a world that leaves out the keys of route steps which the definition does not allow to
// be null. Without it they are null: recorded, the webhook body of 2025-04 that the client Rextlab/kickflow keeps in its
// test_json.php.
const asDocumented = "as-documented"

func (a *api) documented() bool { return a.World().Enabled(asDocumented) }

// documentedTarget is a targetView as the definition has it.
type documentedTarget struct {
	Team        *teamView `json:"team,omitempty"`
	Descendants bool      `json:"descendants"`
	GradeSymbol *string   `json:"gradeSymbol"`
	Grades      []Grade   `json:"grades"`
	Variable    *string   `json:"variable"`
}

// documentedThreshold is a stepThresholdView as the definition has it.
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
