package route

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// Application is what routing knows of a ticket.
type Application struct {
	form.Filled
	Workflow  *Workflow
	Applicant string              // the user that the ticket is for
	TeamID    string              // the team that the applicant applies from
	Approvers map[string][]string // users by the code of the step for which they were chosen
}

// Plan selects the route and computes the steps with their assignees. If the branching refuses,
// there is no plan, and submitting fails with the branch's message.
func (a *API) Plan(x *Application, submit bool) (versionID string, steps []TicketStep, err error) {
	b := a.branch(x)
	route := a.route(b.RouteID)
	if route == nil {
		if submit {
			err = dialect.Invalid("base", cmp.Or(dialect.Deref(b.ErrorMessage), "no route fits the form"))
		}
		return "", nil, err
	}
	for _, s := range route.Steps {
		if s.Condition.ConditionType == "conditional" && a.skipped(x, s) {
			continue // the numbers are consecutive (client Rextlab/kickflow)
		}
		step, err := a.step(x, s, submit)
		if err != nil {
			return "", nil, err
		}
		step.StepOrder = len(steps) + 1
		step.DisplayOrder = step.StepOrder
		steps = append(steps, step)
	}
	return route.VersionID, steps, nil
}

// branch returns the first branch whose conditions hold: documented.
func (a *API) branch(x *Application) (none Branch) {
	for _, b := range x.Workflow.RouteConditions {
		if b.ConditionType != "field" || x.HoldsAll(a, b.CombinationType, b.CombinationExpression, b.ConditionFields) {
			return b
		}
	}
	return none
}

// step computes a step of the route for this ticket. A step without assignees uses the route's
// fallback; without a fallback the application is rejected (inferred).
func (a *API) step(x *Application, s RouteStep, submit bool) (TicketStep, error) {
	step := TicketStep{Code: s.Code, SubStatusID: s.SubStatusID, Assignees: []Assignee{}}
	step.TicketStepFields = TicketStepFields{ID: a.NewID(), RouteStepID: new(s.ID), Title: new(s.Title),
		ActionType: s.ActionType, Status: "pending",
		RequiredApprovalsNumber: s.RequiredApprovalsNumber, RequiredApprovalsPercent: s.RequiredApprovalsPercent,
		Instruction: s.Instruction}
	if a.skipped(x, s) {
		step.Skip, step.Status = true, "skipped"
		return step, nil
	}
	users, err := a.assign(x, s)
	if err == nil && submit && s.StepType == "author_customizable" &&
		len(users) < max(dialect.Deref(s.MinCustomAssignees), 1) {
		err = dialect.Invalid("approvers."+s.Code, dialect.Blank)
	}
	if err != nil {
		return step, err
	}
	if len(users) == 0 && s.FallbackType != nil && *s.FallbackType != "no_fallback" {
		step.Fallback, step.FallbackResult = true, s.FallbackType
		users = a.fallback(x, s)
		if *s.FallbackType == "skip" {
			step.Skip, step.Status = true, "skipped"
			return step, nil
		}
	}
	if len(users) == 0 && submit && s.ActionType != "none" {
		return step, dialect.Invalid("base", "nobody can be assigned to the step "+s.Title)
	}
	for _, id := range users {
		step.Assignees = append(step.Assignees, Assignee{ID: a.NewID(), UserID: id})
	}
	return step, nil
}

// skipped evaluates the condition of a step. If a conditional step does not apply, the ticket lacks
// it; a conditional_skip step is present and marked as skipped, as in the definition (inferred).
func (a *API) skipped(x *Application, s RouteStep) bool {
	c := s.Condition
	if c.ConditionType == "always" {
		return false
	}
	results := make([]bool, len(c.Fields))
	for i, f := range c.Fields {
		subject := x.Have(dialect.Deref(f.Variable))
		switch f.FieldKey {
		case "author_grade":
			subject = []string{x.Applicant}
		case "author_team":
			subject = []string{x.TeamID}
		}
		results[i] = f.Threshold.Met(a, subject)
	}
	return form.Combine(c.CombinationType, "", results) == (c.ConditionType == "conditional_skip")
}

// assign computes the assignees of a step. It leaves out the applicant unless the step allows self
// approval.
func (a *API) assign(x *Application, s RouteStep) (users []string, err error) {
	switch s.StepType {
	case "author":
		return []string{x.Applicant}, nil
	case "manager":
		users = a.Managers(x, s)
		if s.ManagerSelectionType != "all" && len(users) > 1 {
			users = users[:1]
		}
	case "team":
		for _, target := range s.Targets {
			users = append(users, a.teamMembers(target.TeamID, target)...)
		}
	case "user":
		users = s.UserIDs
	case "author_customizable":
		if users, err = a.chosen(x, s); err != nil {
			return nil, err
		}
	case "assignee_customizable":
		users = a.candidates(x, s)
	case "dynamic_user", "dynamic_team":
		users = a.named(x, s)
	}
	return a.eligible(x, s, users), nil
}

// named returns the users, or the members of the teams, that form fields name.
func (a *API) named(x *Application, s RouteStep) (users []string) {
	for _, target := range s.Targets {
		for _, id := range x.Have(dialect.Deref(target.Variable)) {
			if s.StepType == "dynamic_user" {
				users = append(users, id)
				continue
			}
			users = append(users, a.teamMembers(id, target)...)
		}
	}
	return users
}

// eligible removes duplicates, users who have left and, unless allowed, the applicant.
func (a *API) eligible(x *Application, s RouteStep, users []string) (out []string) {
	for _, id := range users {
		if a.Alive(id) && !slices.Contains(out, id) && (s.AllowSelfApproval || id != x.Applicant) {
			out = append(out, id)
		}
	}
	return out
}

// Managers walks up from the applicant's team and returns the leaders: documented. If a grade is
// required, it continues until a leader has it.
func (a *API) Managers(x *Application, s RouteStep) (users []string) {
	grade := Target{}
	if len(s.Targets) > 0 {
		grade = s.Targets[0]
	}
	for _, team := range a.Upwards(x.TeamID) {
		for row := range a.Memberships.By("team", team.ID) {
			if m := row.Value; m.Leader && a.GradeFits(m, grade) {
				users = append(users, m.UserID)
			}
		}
	}
	return a.eligible(x, s, users)
}

func (a *API) teamMembers(team string, grade Target) (users []string) {
	for row := range a.Memberships.By("team", team) {
		if a.GradeFits(row.Value, grade) {
			users = append(users, row.Value.UserID)
		}
	}
	return users
}

// GradeFits compares the grades of a membership with those of a target. A target without grades
// matches every member.
func (a *API) GradeFits(m org.Membership, target Target) bool {
	if len(target.GradeIDs) == 0 {
		return true
	}
	symbol := cmp.Or(dialect.Deref(target.GradeSymbol), "equal")
	return slices.ContainsFunc(m.GradeIDs, func(id string) bool {
		if symbol == "any_of" || symbol == "equal" {
			return slices.Contains(target.GradeIDs, id)
		}
		have, _ := a.Grades.Find(id)
		want, _ := a.Grades.Find(target.GradeIDs[0])
		return form.Compare(symbol, have.Level-want.Level)
	})
}

// candidates returns the users who may be chosen for a customizable step: its users and the members
// of its teams, or every user if it has neither (inferred).
func (a *API) candidates(x *Application, s RouteStep) (users []string) {
	users = slices.Clone(s.UserIDs)
	for _, target := range s.Targets {
		for team := range a.Teams.All() {
			if team.ID == target.TeamID || target.Descendants && a.TeamWithin(team.ID, []string{target.TeamID}) {
				users = append(users, a.teamMembers(team.ID, target)...)
			}
		}
	}
	if len(s.UserIDs)+len(s.Targets) == 0 {
		for u := range a.Users.All() {
			users = append(users, u.ID)
		}
	}
	return a.eligible(x, s, users)
}

// fallback returns the assignees of a step that found none.
func (a *API) fallback(x *Application, s RouteStep) []string {
	plain := RouteStep{StepFields: StepFields{AllowSelfApproval: s.AllowSelfApproval}}
	managers := a.Managers(x, plain)
	direct := min(len(managers), 1)
	switch dialect.Deref(s.FallbackType) {
	case "direct_manager":
		return managers[:direct]
	case "higher_manager":
		return managers[direct:min(len(managers), 2)]
	case "higher_team":
		return a.higherTeam(x, s)
	}
	return nil
}

// higherTeam returns the matching members of the nearest ancestor team that has any.
func (a *API) higherTeam(x *Application, s RouteStep) []string {
	for _, target := range s.Targets {
		team, _ := a.Teams.Find(target.TeamID)
		for _, up := range a.Upwards(dialect.Deref(team.ParentID)) {
			if users := a.eligible(x, s, a.teamMembers(up.ID, target)); len(users) > 0 {
				return users
			}
		}
	}
	return nil
}

// chosen returns the users that the author chose for a step, if they are candidates.
func (a *API) chosen(x *Application, s RouteStep) (ids []string, err error) {
	candidates := a.candidates(x, s)
	for _, id := range x.Approvers[s.Code] {
		if id = strings.ToLower(id); !slices.Contains(candidates, id) {
			return nil, dialect.Invalid("approvers."+s.Code, dialect.Unlisted)
		}
		ids = append(ids, id)
	}
	return ids, nil
}
