package kickflow_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// step adds to the default seed a workflow with a form of four fields and a route of the given
// steps.
func step(steps ...kickflow.RouteStep) []fake.Option {
	field := func(code, kind string) kickflow.Field {
		return kickflow.Field{FieldSettings: kickflow.FieldSettings{Code: code, Title: code, FieldType: kind,
			Multiple: true, Options: []string{"a", "b"}}}
	}
	var route kickflow.Route
	route.ID, route.Code, route.Current, route.FolderID, route.Steps = "50000000-0000-4000-8000-00000000000f",
		"one-step", true, company, steps
	var w kickflow.Workflow
	w.ID, w.Code, w.Current, w.FolderID, w.AvailableTeamIDs = "40000000-0000-4000-8000-00000000000f", "one-step", true,
		company, []string{sales}
	w.SectionList = []kickflow.Section{{FormFields: []kickflow.Field{field("amount", "number"), field("team", "team"),
		field("who", "user"), field("choice", "pull_down")}}}
	w.RouteConditions = []kickflow.Branch{{RouteID: route.ID}}
	return []fake.Option{kickflow.WithRoutes(route), kickflow.WithWorkflows(w)}
}

// assigned returns the codes of the users that the step of a submitted ticket waits for, or the
// status of the error.
func assigned(t *testing.T, s kickflow.RouteStep, approvers string) string {
	t.Helper()
	srv := newServer(t, step(s)...)
	body := fmt.Sprintf(`{"status": "in_progress", "workflowId": "40000000-0000-4000-8000-00000000000f", `+
		`"authorTeamId": %q, "approvers": %s, "inputs": [{"formFieldCode": "amount", "value": "1200.5"},
		{"formFieldCode": "team", "teamId": [%q]}, {"formFieldCode": "who", "userId": [%q, %q]},`+
		` {"formFieldCode": "choice", "value": "b"}]}`, sales1, approvers, finance, suzuki, hoshino)
	a := send(t, srv, call{as: suzuki, do: "POST /v1/tickets", body: body})
	if a.status != 200 {
		return fmt.Sprint(a.status)
	}
	var ticket struct {
		Steps []struct {
			Status         string
			FallbackResult string
			Assignees      []struct{ User struct{ Code string } }
		}
	}
	if err := json.Unmarshal([]byte(a.body), &ticket); err != nil {
		t.Fatal(err)
	}
	if len(ticket.Steps) == 0 {
		return "left out"
	}
	got := []string{ticket.Steps[0].Status}
	if f := ticket.Steps[0].FallbackResult; f != "" {
		got = append(got, f)
	}
	for _, one := range ticket.Steps[0].Assignees {
		got = append(got, one.User.Code)
	}
	return strings.Join(got, " ")
}

func stateOf[T any](v T) *T { return &v }

func TestWhoDecides(t *testing.T) {
	t.Parallel()
	kind := func(stepType string, fallback string, targets ...kickflow.Target) (s kickflow.RouteStep) {
		s.StepType, s.Targets = stepType, targets
		if fallback != "" {
			s.FallbackType = &fallback
		}
		return s
	}
	self := func(s kickflow.RouteStep) kickflow.RouteStep { s.AllowSelfApproval = true; return s }
	all := kind("manager", "")
	all.ManagerSelectionType = "all"
	users := func(ids ...string) kickflow.RouteStep { s := kind("user", ""); s.UserIDs = ids; return s }
	grade := func(symbol string, ids ...string) kickflow.Target {
		return kickflow.Target{GradeSymbol: &symbol, GradeIDs: ids}
	}
	inTeam := func(id string, below bool) kickflow.Target { return kickflow.Target{TeamID: id, Descendants: below} }
	variable := func(name string) kickflow.Target { return kickflow.Target{Variable: &name} }
	named := func(ids ...string) string {
		text, _ := json.Marshal(ids)
		return `[{"routeStepCode": "s", "userId": ` + string(text) + `}]`
	}
	choose := kind("author_customizable", "", inTeam(sales, true))
	choose.Code = "s"
	for _, tt := range []struct {
		name      string
		step      kickflow.RouteStep
		approvers string
		want      string
	}{
		{name: "the author", step: kind("author", ""), want: "in_progress suzuki"},
		{name: "the nearest leader above", step: kind("manager", ""), want: "in_progress yamada"},
		{name: "all leaders above", step: all, want: "in_progress yamada tanaka hoshino"},
		{
			name: "the nearest leader with a grade",
			step: kind("manager", "", grade("greater_than", director)),
			want: "in_progress hoshino",
		},
		{
			name: "a grade that no leader has falls back",
			step: kind("manager", "direct_manager", grade("less_than", staff)),
			want: "in_progress direct_manager yamada",
		},
		{
			name: "the manager's manager",
			step: kind("manager", "higher_manager", grade("less_than", staff)),
			want: "in_progress higher_manager tanaka",
		},
		{
			name: "a fallback may skip the step",
			step: kind("manager", "skip", grade("less_than", staff)),
			want: "skipped skip",
		},
		{
			name: "without fallback the application is refused",
			step: kind("manager", "no_fallback", grade("less_than", staff)),
			want: "422",
		},
		{
			name: "members of a team, without the applicant",
			step: kind("team", "", inTeam(sales1, false)),
			want: "in_progress yamada ito",
		},
		{
			name: "the applicant too where that is allowed",
			step: self(kind("team", "", inTeam(sales1, false))),
			want: "in_progress yamada suzuki ito",
		},
		{
			name: "members with one of some grades",
			step: kind("team", "", kickflow.Target{
				TeamID:      sales1,
				GradeSymbol: stateOf("any_of"),
				GradeIDs:    []string{staff},
			}),
			want: "in_progress ito",
		},
		{
			name: "the team above",
			step: kind("team", "higher_team", kickflow.Target{
				TeamID:      sales1,
				GradeSymbol: stateOf("equal"),
				GradeIDs:    []string{director},
			}),
			want: "in_progress higher_team tanaka",
		},
		{
			name: "users, none of them gone",
			step: users(watanabe, tanaka, sato, tanaka),
			want: "in_progress tanaka sato",
		},
		{
			name: "users that a field names",
			step: kind("dynamic_user", "", variable("who")),
			want: "in_progress hoshino",
		},
		{
			name: "members of a team that a field names",
			step: kind("dynamic_team", "", variable("team")),
			want: "in_progress sato",
		},
		{
			name:      "whom the author chooses among the candidates",
			step:      choose,
			approvers: named(tanaka),
			want:      "in_progress tanaka",
		},
		{name: "the author must choose", step: choose, want: "422"},
		{name: "the author cannot choose others", step: choose, approvers: named(sato), want: "422"},
		{
			name: "all candidates where an assignee would choose",
			step: kind("assignee_customizable", "", inTeam(sales, true)),
			want: "in_progress tanaka yamada ito",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.approvers == "" {
				tt.approvers = "null"
			}
			if diff := cmp.Diff(tt.want, assigned(t, tt.step, tt.approvers)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestConditionsOfSteps(t *testing.T) {
	t.Parallel()
	type threshold = kickflow.Threshold
	on := func(key, variable, symbol, value string, change ...func(*threshold)) kickflow.StepThreshold {
		c := kickflow.StepThreshold{
			Variable:  &variable,
			FieldKey:  key,
			Threshold: threshold{Symbol: symbol, Value: &value},
		}
		for _, f := range change {
			f(&c.Threshold)
		}
		return c
	}
	team := func(id string) func(*threshold) { return func(c *threshold) { c.TeamID = id } }
	gradeOf := func(id string) func(*threshold) { return func(c *threshold) { c.GradeID = id } }
	for _, tt := range []struct {
		name string
		c    kickflow.StepThreshold
		met  bool
	}{
		{"numbers compare as numbers", on("number_variable", "amount", "greater_than", "999"), true},
		{"less", on("number_variable", "amount", "less_than", "1200.5"), false},
		{"less or equal", on("number_variable", "amount", "less_than_or_equal", "1200.50"), true},
		{"texts are equal", on("text_variable", "choice", "equal", "b"), true},
		{"texts differ", on("text_variable", "choice", "not_equal", "b"), false},
		{"a text contains", on("text_variable", "choice", "include", "b"), true},
		{"a text does not contain", on("text_variable", "choice", "exclude", "a"), true},
		{"a field is empty", on("text_variable", "nothing", "is_empty", ""), true},
		{"a field is not empty", on("text_variable", "choice", "is_not_empty", ""), true},
		{"the author's team", on("author_team", "", "equal", "", team(sales1)), true},
		{"the author's team lies below", on("author_team", "", "descendants_or_equal", "", team(hq)), true},
		{"the author's team does not lie below", on("author_team", "", "not_descendants_or_equal", "", team(hq)),
			false},
		{"the author's grade", on("author_grade", "", "equal", "", gradeOf(staff)), true},
		{"the author's grade is lower", on("author_grade", "", "less_than", "", gradeOf(director)), true},
		{"a team that a field names", on("other_variable", "team", "equal", "", team(finance)), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for conditionType, status := range map[string]bool{"conditional": tt.met, "conditional_skip": !tt.met,
				"always": true} {
				s := kickflow.RouteStep{
					UserIDs: []string{tanaka},
					Condition: &kickflow.StepCondition{
						ConditionType: conditionType,
						Fields:        []kickflow.StepThreshold{tt.c},
					},
				}
				s.StepType = "user"
				want := "in_progress tanaka"
				if !status {
					want = map[string]string{"conditional": "left out", "conditional_skip": "skipped"}[conditionType]
				}
				if diff := cmp.Diff(want, assigned(t, s, "null")); diff != "" {
					t.Errorf("%s: %s", conditionType, diff)
				}
			}
		})
	}
}

func TestHowManyMustAgree(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ number, percent, want int }{{0, 0, 1}, {2, 0, 2}, {9, 0, 3}, {0, 50, 2}, {0, 100, 3},
		{0, 1, 1}} {
		s := kickflow.RouteStep{UserIDs: []string{tanaka, sato, hoshino}}
		s.StepType, s.RequiredApprovalsNumber, s.RequiredApprovalsPercent = "user", tt.number, tt.percent
		srv := newServer(t, step(s)...)
		ticket := apply(t, srv, suzuki, fmt.Sprintf(`{"status": "in_progress", "workflowId": `+
			`"40000000-0000-4000-8000-00000000000f", "authorTeamId": %q, "inputs": [{"formFieldCode": "amount", `+
			`"value": null},
			{"formFieldCode": "team", "teamId": null}, {"formFieldCode": "who", "userId": null},`+
			` {"formFieldCode": "choice", "value": null}]}`, sales1))
		for i, who := range []string{tanaka, sato, hoshino}[:tt.want] {
			want := `{"status": "in_progress"}`
			if i == tt.want-1 {
				want = `{"status": "completed"}`
			}
			check(t, srv, call{as: who, do: "POST " + ticket + "/approve", want: want})
		}
	}
}

func TestAWorkflowForSomeTeams(t *testing.T) {
	t.Parallel()
	srv := newServer(t, step(kickflow.RouteStep{})...)
	body :=
		fmt.Sprintf(`{"status": "draft", "workflowId": "40000000-0000-4000-8000-00000000000f",`+
			` "authorTeamId": %q, "inputs": [{"formFieldCode": "amount"}, {"formFieldCode": "team"},`+
			` {"formFieldCode": "who"}, {"formFieldCode": "choice"}]}`, finance)
	check(t, srv, call{
		as:     sato,
		do:     "POST /v1/tickets",
		body:   body,
		status: 422,
		want:   `{"errors": {"workflowId": ["is invalid"]}}`,
	})
	check(t, srv, call{as: suzuki, do: "POST /v1/tickets", body: strings.Replace(body, finance, sales1, 1)})
}

func TestRestrictedSectionsHideTheirInputs(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	change(t, srv, "workflows", func(w *kickflow.Workflow) {
		w.SectionList = append([]kickflow.Section(nil), w.SectionList...)
		for i := range w.SectionList {
			w.SectionList[i].ViewRestriction, w.SectionList[i].AllowViewApprover = true, true
		}
	})
	check(t, srv, call{
		as:   suzuki,
		do:   "GET " + firstStep,
		want: `{"inputs": [], "ticketSections": [{"viewRestriction": true, "viewable": false, "inputs": []}]}`,
	})
	check(t, srv, call{
		as:   tanaka,
		do:   "GET " + firstStep,
		want: `{"inputs": [{}, {}, {}, {}, {}, {}], "ticketSections": [{"viewable": true}]}`,
	})
	check(t, srv, call{do: "GET " + firstStep, want: `{"ticketSections": [{"viewable": true}]}`})
}
