package route

import (
	"testing"

	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

// priced is an application with a price, in a workflow that sends prices from 100 on another route.
func priced(price string) *Application {
	hundred := "100"
	sections := form.Form{{SectionType: "form", FormFields: []form.Field{
		{FieldSettings: form.FieldSettings{ID: "p", Code: "price", FieldType: "number"}}}}}
	dear := []form.Condition{{FormFieldCode: "price",
		Threshold: form.Threshold{Symbol: "greater_than_or_equal", Value: &hundred}}}
	return &Application{
		Filled: form.Filled{Form: sections, Inputs: []form.Input{{FieldID: "p", Value: price}}},
		Workflow: &Workflow{SectionList: sections, RouteConditions: []Branch{
			{ConditionType: "field", RouteID: "long", ConditionFields: dear},
			{ConditionType: "always", RouteID: "short"}}},
	}
}

func TestFirstBranchThatHolds(t *testing.T) {
	t.Parallel()
	for price, want := range map[string]string{"99.9": "short", "100": "long", "": "short"} {
		if b := (&API{}).branch(priced(price)); b.RouteID != want {
			t.Errorf("price %q takes %q, want %q", price, b.RouteID, want)
		}
	}
}

func TestSkippedSteps(t *testing.T) {
	t.Parallel()
	variable, hundred := "$price", "100"
	for _, tt := range []struct {
		kind, price string
		want        bool
	}{
		{"always", "200", false},
		{"conditional", "200", false},
		{"conditional", "1", true},
		{"conditional_skip", "200", true},
		{"conditional_skip", "1", false},
	} {
		step := RouteStep{Condition: &StepCondition{ConditionType: tt.kind, Fields: []StepThreshold{
			{Variable: &variable, Threshold: form.Threshold{Symbol: "greater_than", Value: &hundred}}}}}
		if got := (&API{}).skipped(priced(tt.price), step); got != tt.want {
			t.Errorf("%s with %s: %v", tt.kind, tt.price, got)
		}
	}
}

func TestNeededApprovals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ number, percent, assignees, want int }{
		{0, 0, 3, 1}, {2, 0, 3, 2}, {9, 0, 3, 3}, {0, 50, 3, 2}, {0, 100, 3, 3}, {0, 0, 0, 1},
	} {
		s := TicketStep{Assignees: make([]Assignee, tt.assignees)}
		s.RequiredApprovalsNumber, s.RequiredApprovalsPercent = tt.number, tt.percent
		if got := s.Needed(); got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
	}
}
