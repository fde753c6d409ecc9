package kickflow

import (
	"cmp"
	"slices"

	"github.com/afba07b5/mockserver/fake"
)

// plan selects the route and computes the steps with their assignees. If the branching refuses, a
// draft has no route: documented. Submitting then fails with the branch's message.
func (a *api) plan(e *editor, submit bool) error {
	t := e.t
	t.RouteVersionID, t.Steps = "", nil
	b, _ := a.branch(e.w, *t)
	route, ok := a.route(b.RouteID)
	if !ok {
		if !submit {
			return nil
		}
		return invalid("base", cmp.Or(deref(b.ErrorMessage), "no route fits the form"))
	}
	t.RouteVersionID = route.VersionID
	for _, s := range route.Steps {
		if s.Condition.ConditionType == "conditional" && a.skipped(e.w, *t, s) {
			continue // the numbers are consecutive (client Rextlab/kickflow)
		}
		step, err := a.step(e, s, submit)
		if err != nil {
			return err
		}
		step.StepOrder = len(t.Steps) + 1
		step.DisplayOrder = step.StepOrder
		t.Steps = append(t.Steps, step)
	}
	return nil
}

// branch returns the first branch whose conditions hold: documented.
func (a *api) branch(w Workflow, t Ticket) (Branch, bool) {
	for _, b := range w.RouteConditions {
		if b.ConditionType != "field" ||
			a.holdsAll(w, t, b.CombinationType, b.CombinationExpression, b.ConditionFields) {
			return b, true
		}
	}
	return Branch{}, false
}

// step computes a step of the route for this ticket. A step without assignees uses the route's
// fallback; without a fallback the application is rejected (inferred).
func (a *api) step(e *editor, s RouteStep, submit bool) (TicketStep, error) {
	step := TicketStep{Code: s.Code, SubStatusID: s.SubStatusID, Assignees: []Assignee{}}
	step.TicketStepFields = TicketStepFields{ID: a.NewID(), RouteStepID: pointerTo(s.ID), Title: pointerTo(s.Title),
		ActionType: s.ActionType, Status: "pending",
		RequiredApprovalsNumber: s.RequiredApprovalsNumber, RequiredApprovalsPercent: s.RequiredApprovalsPercent,
		Instruction: s.Instruction}
	if a.skipped(e.w, *e.t, s) {
		step.Skip, step.Status = true, "skipped"
		return step, nil
	}
	users, err := a.assign(e.w, *e.t, s)
	if err == nil && submit && s.StepType == "author_customizable" && len(users) < max(deref(s.MinCustomAssignees), 1) {
		err = invalid("approvers."+s.Code, blank)
	}
	if err != nil {
		return step, err
	}
	if len(users) == 0 && s.FallbackType != nil && *s.FallbackType != "no_fallback" {
		step.Fallback, step.FallbackResult = true, s.FallbackType
		users = a.fallback(*e.t, s)
		if *s.FallbackType == "skip" {
			step.Skip, step.Status = true, "skipped"
			return step, nil
		}
	}
	if len(users) == 0 && submit && s.ActionType != "none" {
		return step, invalid("base", "nobody can be assigned to the step "+s.Title)
	}
	for _, id := range users {
		step.Assignees = append(step.Assignees, Assignee{ID: a.NewID(), UserID: id})
	}
	return step, nil
}

// skipped evaluates the condition of a step. If a conditional step does not apply, the ticket lacks
// it; a conditional_skip step is present and marked as skipped, as in the definition (inferred).
func (a *api) skipped(w Workflow, t Ticket, s RouteStep) bool {
	c := s.Condition
	if c.ConditionType == "always" {
		return false
	}
	results := make([]bool, len(c.Fields))
	for i, f := range c.Fields {
		subject := have(w, t, deref(f.Variable))
		switch f.FieldKey {
		case "author_grade":
			subject = []string{t.applicant()}
		case "author_team":
			subject = []string{deref(t.AuthorTeamID)}
		}
		results[i] = a.met(f.Threshold, subject)
	}
	return combine(c.CombinationType, "", results) == (c.ConditionType == "conditional_skip")
}

// assign computes the assignees of a step. It leaves out the applicant unless the step allows self
// approval.
func (a *api) assign(w Workflow, t Ticket, s RouteStep) (users []string, err error) {
	if s.StepType == "author" {
		return []string{t.applicant()}, nil
	}
	switch s.StepType {
	case "manager":
		users = a.managers(t, s)
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
		if users, err = a.chosen(t, s); err != nil {
			return nil, err
		}
	case "assignee_customizable":
		users = a.candidates(t, s)
	case "dynamic_user", "dynamic_team":
		users = a.named(w, t, s)
	}
	return a.eligible(t, s, users), nil
}

// named returns the users, or the members of the teams, that form fields name.
func (a *api) named(w Workflow, t Ticket, s RouteStep) (users []string) {
	for _, target := range s.Targets {
		for _, id := range have(w, t, deref(target.Variable)) {
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
func (a *api) eligible(t Ticket, s RouteStep, users []string) (out []string) {
	for _, id := range users {
		if a.alive(id) && !slices.Contains(out, id) && (s.AllowSelfApproval || id != t.applicant()) {
			out = append(out, id)
		}
	}
	return out
}

// managers walks up from the applicant's team and returns the leaders: documented. If a grade is
// required, it continues until a leader has it.
func (a *api) managers(t Ticket, s RouteStep) (users []string) {
	grade := Target{}
	if len(s.Targets) > 0 {
		grade = s.Targets[0]
	}
	for team := range a.upwards(deref(t.AuthorTeamID)) {
		for row := range a.memberships.By("team", team.ID) {
			if m := row.Value; m.Leader && a.gradeFits(m, grade) {
				users = append(users, m.UserID)
			}
		}
	}
	return a.eligible(t, s, users)
}

func (a *api) teamMembers(team string, grade Target) (users []string) {
	for row := range a.memberships.By("team", team) {
		if a.gradeFits(row.Value, grade) {
			users = append(users, row.Value.UserID)
		}
	}
	return users
}

// gradeFits compares the grades of a membership with those of a target. A target without grades
// matches every member.
func (a *api) gradeFits(m Membership, target Target) bool {
	if len(target.GradeIDs) == 0 {
		return true
	}
	symbol := cmp.Or(deref(target.GradeSymbol), "equal")
	return slices.ContainsFunc(m.GradeIDs, func(id string) bool {
		if symbol == "any_of" || symbol == "equal" {
			return slices.Contains(target.GradeIDs, id)
		}
		have, _ := a.grades.Find(id)
		want, _ := a.grades.Find(target.GradeIDs[0])
		return compare(symbol, have.Level-want.Level)
	})
}

// candidates returns the users who may be chosen for a customizable step: its users and the members
// of its teams, or every user if it has neither (inferred).
func (a *api) candidates(t Ticket, s RouteStep) (users []string) {
	users = slices.Clone(s.UserIDs)
	for _, target := range s.Targets {
		for team := range a.teams.All() {
			if team.ID == target.TeamID || target.Descendants && a.teamWithin(team.ID, []string{target.TeamID}) {
				users = append(users, a.teamMembers(team.ID, target)...)
			}
		}
	}
	if len(s.UserIDs)+len(s.Targets) == 0 {
		for u := range a.users.All() {
			users = append(users, u.ID)
		}
	}
	return a.eligible(t, s, users)
}

// fallback returns the assignees of a step that found none.
func (a *api) fallback(t Ticket, s RouteStep) []string {
	plain := RouteStep{StepFields: StepFields{AllowSelfApproval: s.AllowSelfApproval}}
	switch deref(s.FallbackType) {
	case "direct_manager", "higher_manager":
		managers := a.managers(t, plain)
		from := 0
		if *s.FallbackType == "higher_manager" {
			from = 1
		}
		if len(managers) > from {
			return managers[from : from+1]
		}
	case "higher_team":
		return a.higherTeam(t, s)
	}
	return nil
}

// higherTeam returns the matching members of the nearest ancestor team that has any.
func (a *api) higherTeam(t Ticket, s RouteStep) []string {
	for _, target := range s.Targets {
		team, _ := a.teams.Find(target.TeamID)
		for up := range a.upwards(deref(team.ParentID)) {
			if users := a.eligible(t, s, a.teamMembers(up.ID, target)); len(users) > 0 {
				return users
			}
		}
	}
	return nil
}

// represents reports whether one user may act for another in this workflow today.
func (a *api) represents(proxies *fake.Table[Proxy], acting, represented string, w Workflow) bool {
	if represented == "" {
		return false
	}
	for row := range proxies.By("user", represented) {
		if p := row.Value; p.ProxyUserID == acting && a.inForce(p, w) {
			return true
		}
	}
	return false
}

// proxiesOf returns the users who may approve for a user in this workflow today.
func (a *api) proxiesOf(user string, w Workflow) []string {
	ids := []string{}
	for row := range a.proxyApprovers.By("user", user) {
		if a.inForce(row.Value, w) {
			ids = append(ids, row.Value.ProxyUserID)
		}
	}
	return ids
}
