package kickflow

import (
	"cmp"
	"slices"

	"github.com/afba07b5/mockserver/fake"
)

// plan chooses the route and works out the steps with their assignees. A branching that refuses leaves a
// draft without a route: documented. Submitting is refused with the branch's message.
func (k *api) plan(e *editor, submit bool) error {
	t := e.t
	t.RouteVersionID, t.Steps = "", nil
	b, _ := k.branch(e.w, *t)
	route, ok := k.route(b.RouteID)
	if !ok {
		if !submit {
			return nil
		}
		return invalid("base", cmp.Or(given(b.ErrorMessage), "no route fits the form"))
	}
	t.RouteVersionID = route.VersionID
	for _, s := range route.Steps {
		if s.Condition.ConditionType == "conditional" && k.passedOver(e.w, *t, s) {
			continue // the numbers close up (client Rextlab/kickflow)
		}
		step, err := k.step(e, s, submit)
		if err != nil {
			return err
		}
		step.StepOrder = len(t.Steps) + 1
		step.DisplayOrder = step.StepOrder
		t.Steps = append(t.Steps, step)
	}
	return nil
}

// branch is the first branch whose conditions hold: documented.
func (k *api) branch(w Workflow, t Ticket) (Branch, bool) {
	for _, b := range w.RouteConditions {
		if b.ConditionType != "field" || k.holdsAll(w, t, b.CombinationType, b.CombinationExpression, b.ConditionFields) {
			return b, true
		}
	}
	return Branch{}, false
}

// step is a step of the route for this ticket. One that nobody can decide falls back as the route says;
// without a fallback the application is refused (inferred).
func (k *api) step(e *editor, s RouteStep, submit bool) (TicketStep, error) {
	step := TicketStep{Code: s.Code, SubStatusID: s.SubStatusID, Assignees: []Assignee{}}
	step.TicketStepFacts = TicketStepFacts{ID: k.NewID(), RouteStepID: ptr(s.ID), Title: ptr(s.Title), ActionType: s.ActionType, Status: "pending",
		RequiredApprovalsNumber: s.RequiredApprovalsNumber, RequiredApprovalsPercent: s.RequiredApprovalsPercent, Instruction: s.Instruction}
	if k.passedOver(e.w, *e.t, s) {
		step.Skip, step.Status = true, "skipped"
		return step, nil
	}
	users, err := k.assign(e.w, *e.t, s)
	if err == nil && submit && s.StepType == "author_customizable" && len(users) < max(given(s.MinCustomAssignees), 1) {
		err = invalid("approvers."+s.Code, blank)
	}
	if err != nil {
		return step, err
	}
	if len(users) == 0 && s.FallbackType != nil && *s.FallbackType != "no_fallback" {
		step.Fallback, step.FallbackResult = true, s.FallbackType
		users = k.fallback(*e.t, s)
		if *s.FallbackType == "skip" {
			step.Skip, step.Status = true, "skipped"
			return step, nil
		}
	}
	if len(users) == 0 && submit && s.ActionType != "none" {
		return step, invalid("base", "nobody can be assigned to the step "+s.Title)
	}
	for _, id := range users {
		step.Assignees = append(step.Assignees, Assignee{ID: k.NewID(), UserID: id})
	}
	return step, nil
}

// passedOver evaluates the condition of a step. Without a conditional one the ticket has no such step; one with
// conditional_skip is there and says that it is skipped, as the definition has it (inferred).
func (k *api) passedOver(w Workflow, t Ticket, s RouteStep) bool {
	c := s.Condition
	if c.ConditionType == "always" {
		return false
	}
	results := make([]bool, len(c.Fields))
	for i, f := range c.Fields {
		subject := have(w, t, given(f.Variable))
		switch f.FieldKey {
		case "author_grade":
			subject = []string{t.applicant()}
		case "author_team":
			subject = []string{given(t.AuthorTeamID)}
		}
		results[i] = k.met(f.Threshold, subject)
	}
	return combine(c.CombinationType, "", results) == (c.ConditionType == "conditional_skip")
}

// assign resolves who decides at a step, without the applicant unless the step allows self approval.
func (k *api) assign(w Workflow, t Ticket, s RouteStep) (users []string, err error) {
	if s.StepType == "author" {
		return []string{t.applicant()}, nil
	}
	switch s.StepType {
	case "manager":
		users = k.managers(t, s)
		if s.ManagerSelectionType != "all" && len(users) > 1 {
			users = users[:1]
		}
	case "team":
		for _, target := range s.Targets {
			users = append(users, k.teamMembers(target.TeamID, target)...)
		}
	case "user":
		users = s.UserIDs
	case "author_customizable":
		if users, err = k.chosen(t, s); err != nil {
			return nil, err
		}
	case "assignee_customizable":
		users = k.candidates(t, s)
	case "dynamic_user", "dynamic_team":
		users = k.named(w, t, s)
	}
	return k.eligible(t, s, users), nil
}

// named are the users, or the members of the teams, that form fields name.
func (k *api) named(w Workflow, t Ticket, s RouteStep) (users []string) {
	for _, target := range s.Targets {
		for _, id := range have(w, t, given(target.Variable)) {
			if s.StepType == "dynamic_user" {
				users = append(users, id)
				continue
			}
			users = append(users, k.teamMembers(id, target)...)
		}
	}
	return users
}

// eligible leaves out doubles, users who are gone and, unless allowed, the applicant.
func (k *api) eligible(t Ticket, s RouteStep, users []string) (out []string) {
	for _, id := range users {
		if k.alive(id) && !slices.Contains(out, id) && (s.AllowSelfApproval || id != t.applicant()) {
			out = append(out, id)
		}
	}
	return out
}

// managers walks from the applicant's team upwards and takes the leaders: documented. With a required grade
// it walks on until one has it.
func (k *api) managers(t Ticket, s RouteStep) (users []string) {
	grade := Target{}
	if len(s.Targets) > 0 {
		grade = s.Targets[0]
	}
	for team := range k.upwards(given(t.AuthorTeamID)) {
		for row := range k.memberships.By("team", team.ID) {
			if m := row.Value; m.Leader && k.gradeFits(m, grade) {
				users = append(users, m.UserID)
			}
		}
	}
	return k.eligible(t, s, users)
}

func (k *api) teamMembers(team string, grade Target) (users []string) {
	for row := range k.memberships.By("team", team) {
		if k.gradeFits(row.Value, grade) {
			users = append(users, row.Value.UserID)
		}
	}
	return users
}

// gradeFits compares the grades of a membership with those of a target; without any, everybody fits.
func (k *api) gradeFits(m Membership, target Target) bool {
	if len(target.GradeIDs) == 0 {
		return true
	}
	symbol := cmp.Or(given(target.GradeSymbol), "equal")
	return slices.ContainsFunc(m.GradeIDs, func(id string) bool {
		if symbol == "any_of" || symbol == "equal" {
			return slices.Contains(target.GradeIDs, id)
		}
		have, _ := k.grades.Find(id)
		want, _ := k.grades.Find(target.GradeIDs[0])
		return compare(symbol, have.Level-want.Level)
	})
}

// candidates are who may be named for a customizable step: its users and the members of its teams, or
// everybody if it has neither (inferred).
func (k *api) candidates(t Ticket, s RouteStep) (users []string) {
	users = slices.Clone(s.UserIDs)
	for _, target := range s.Targets {
		for team := range k.teams.All() {
			if team.ID == target.TeamID || target.Descendants && k.teamWithin(team.ID, []string{target.TeamID}) {
				users = append(users, k.teamMembers(team.ID, target)...)
			}
		}
	}
	if len(s.UserIDs)+len(s.Targets) == 0 {
		for u := range k.users.All() {
			users = append(users, u.ID)
		}
	}
	return k.eligible(t, s, users)
}

// fallback is who decides when a step finds nobody.
func (k *api) fallback(t Ticket, s RouteStep) []string {
	plain := RouteStep{StepFacts: StepFacts{AllowSelfApproval: s.AllowSelfApproval}}
	switch given(s.FallbackType) {
	case "direct_manager", "higher_manager":
		managers := k.managers(t, plain)
		from := 0
		if *s.FallbackType == "higher_manager" {
			from = 1
		}
		if len(managers) > from {
			return managers[from : from+1]
		}
	case "higher_team":
		return k.higherTeam(t, s)
	}
	return nil
}

// higherTeam are the members who fit in the nearest team above that has any.
func (k *api) higherTeam(t Ticket, s RouteStep) []string {
	for _, target := range s.Targets {
		team, _ := k.teams.Find(target.TeamID)
		for up := range k.upwards(given(team.ParentID)) {
			if users := k.eligible(t, s, k.teamMembers(up.ID, target)); len(users) > 0 {
				return users
			}
		}
	}
	return nil
}

// represents reports whether somebody may act for another in this workflow today.
func (k *api) represents(proxies *fake.Table[Proxy], acting, represented string, w Workflow) bool {
	if represented == "" {
		return false
	}
	for row := range proxies.By("user", represented) {
		if p := row.Value; p.ProxyUserID == acting && k.inForce(p, w) {
			return true
		}
	}
	return false
}

// proxiesOf are who may approve for somebody in this workflow today.
func (k *api) proxiesOf(user string, w Workflow) []string {
	ids := []string{}
	for row := range k.proxyApprovers.By("user", user) {
		if k.inForce(row.Value, w) {
			ids = append(ids, row.Value.ProxyUserID)
		}
	}
	return ids
}
