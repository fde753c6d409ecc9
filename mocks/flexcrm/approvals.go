package flexcrm

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Results of an approver's decision. The vendor publishes only 1; the other numbers are ours.
const (
	Approve = 1
	Remand  = 2
	Reject  = 3
)

var issueNames = map[int64]string{Approve: "承認", Remand: "差し戻し", Reject: "却下"}

// Approval is one decision on an application.
type Approval struct {
	ID                     int64  `json:"id"`
	ApplicationID          int64  `json:"application_id"`
	ApprovalRouteRank      int64  `json:"approval_route_rank"`
	Authorizer             string `json:"authorizer"`
	Name                   string `json:"name"` // of the approver
	Issue                  int64  `json:"issue"`
	IssueName              string `json:"issue_name"`
	Comment                string `json:"comment"`
	Times                  int64  `json:"times"`
	IntermediateRejectings int64  `json:"intermediate_reject_times"`
	RemandRoute            int64  `json:"remand_route"` // the rank it returns to; 0 = the applicant
	RemandRouteName        string `json:"remand_route_name"`
	RemandAuthorizer       string `json:"remand_authorizer"`
	CommentNoticeTarget    string `json:"comment_notice_target"` // a JSON text
	CreateUserID           int64  `json:"create_user_id"`
	UpdateUserID           int64  `json:"update_user_id"`
	CreateDate             string `json:"create_date"`
	UpdateDate             string `json:"update_date"`
}

// approvalView is an Approval as answers show it, without its number.
type approvalView struct {
	Approval
	ID hidden `json:"id,omitempty"`
}

const (
	ofApplication = "application"
	noticeNobody  = `{"all":"","group":"","user":""}`
)

func fillApproval(a *api) func(*Approval) {
	return func(approval *Approval) {
		approval.ID = a.Number("approvals", approval.ID)
		if approval.CommentNoticeTarget == "" {
			approval.CommentNoticeTarget = noticeNobody
		}
		if approval.IssueName == "" {
			approval.IssueName = issueNames[approval.Issue]
		}
		if approval.CreateDate == "" {
			approval.CreateDate = showTime(a.Now())
		}
		if approval.UpdateDate == "" {
			approval.UpdateDate = approval.CreateDate
		}
	}
}

// listApprovals answers with the decisions so far, oldest first; status is the last key.
func (a *api) listApprovals(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.applications, "application_id")
	if err != nil {
		return nil, err
	}
	list := []approvalView{}
	for a := range a.approvals.By(ofApplication, rowKey(row.Value.ID)) {
		list = append(list, approvalView{Approval: a.Value})
	}
	return struct {
		ApprovalList []approvalView `json:"approvalList"`
		Status       string         `json:"status"`
	}{list, success}, nil
}

// Decision is an approver's decision on the current step of an application.
type Decision struct {
	Application int64
	User        int64 // the approver's record number
	Issue       int64 // Approve, Remand or Reject
	Comment     string
	Rank        int64 // for Remand: the earlier step it returns to; 0 = the applicant
}

// Decide decides as an approver; the vendor publishes no call for that. It returns an error where
// the vendor's screen would not allow the decision: if the application is not in progress, or if
// the user is not an approver of its step.
func Decide(s *fake.State, d Decision) error {
	return s.Change(func() error { return fake.Of[api](s).decide(d) })
}

func (a *api) decide(d Decision) error {
	row, err := rowAt(a.applications, strconv.FormatInt(d.Application, 10))
	if err != nil {
		return err
	}
	application, routes := row.Value, row.Value.routes()
	if application.Status != applying || int(application.Progress) >= len(routes) {
		return undefinable("application %d is %s; only one that is %s can be decided", application.ID,
			statusNames[application.Status], statusNames[applying])
	}
	step := routes[application.Progress]
	approvers := a.approvers(step)
	if len(approvers) > 0 && !slices.Contains(approvers, d.User) {
		return undefinable("user %d is no approver of step %d; approvers: %v", d.User, step.Rank, approvers)
	}
	entry := Approval{ApplicationID: application.ID, ApprovalRouteRank: step.Rank,
		Authorizer: strconv.FormatInt(d.User, 10), Name: a.userName(d.User),
		Issue: d.Issue, Comment: d.Comment, Times: application.Times,
		IntermediateRejectings: application.IntermediateRejectings,
		CreateUserID:           d.User, UpdateUserID: d.User}
	switch d.Issue {
	case Approve:
		err = a.approve(&application, entry, step, approvers)
	case Remand:
		err = a.remand(&application, &entry, routes, d.Rank)
	case Reject:
		application.Status = rejected
	default:
		err = undefinable("a decision is one of %v, not %d", issueNames, d.Issue)
	}
	if err != nil {
		return err
	}
	if _, err := a.approvals.Insert(entry); err != nil {
		return err
	}
	application.Timestamps.by(d.User, a.Now())
	if application.Status == applying && int(application.Progress) == len(routes) {
		application.Status = completed
		if err := a.approved(application); err != nil {
			return err
		}
	}
	return a.applications.Set(application)
}

// approve completes the step once enough approvers agree: one or all of them.
func (a *api) approve(application *Application, entry Approval, step Route, approvers []int64) error {
	agreed := map[string]bool{entry.Authorizer: true}
	for row := range a.approvals.By(ofApplication, rowKey(application.ID)) {
		e := row.Value
		if e.Times != entry.Times || e.IntermediateRejectings != entry.IntermediateRejectings ||
			e.ApprovalRouteRank != step.Rank {
			continue
		}
		if e.Authorizer == entry.Authorizer {
			return undefinable("user %s has decided step %d already", e.Authorizer, step.Rank)
		}
		agreed[e.Authorizer] = true
	}
	if step.ApprovalType == "0" || len(agreed) >= len(approvers) {
		application.Progress++
	}
	return nil
}

// remand returns an application to the applicant, who may apply again, or to an earlier step.
func (a *api) remand(application *Application, entry *Approval, routes []Route, rank int64) error {
	entry.RemandRoute = rank
	if rank == 0 {
		application.Status, application.Progress = remanded, 0
		entry.RemandRouteName, entry.RemandAuthorizer = application.ApprovalName, a.userName(application.Applicant)
		return nil
	}
	for i, step := range routes[:application.Progress] {
		if step.Rank == rank {
			application.Progress, entry.RemandRouteName = int64(i), step.Name
			application.IntermediateRejectings++
			if approvers := a.approvers(step); len(approvers) > 0 {
				entry.RemandAuthorizer = a.userName(approvers[0])
			}
			return nil
		}
	}
	return undefinable("application %d has not passed a step %d to go back to", application.ID, rank)
}

// approved completes the process that waits for an application.
func (a *api) approved(application Application) error {
	if application.Process == 0 {
		return nil
	}
	row, err := rowAt(a.processes, strconv.FormatInt(application.Process, 10))
	if err != nil {
		return err
	}
	p := row.Value
	a.finish(&p)
	return a.processes.Set(p)
}

// approvers returns the users who may decide a step; an empty list means any user.
func (a *api) approvers(step Route) (users []int64) {
	for _, id := range append(slices.Clone(step.UserIDs), step.Users...) {
		if n, ok := rowNumber(id); ok && !slices.Contains(users, n) {
			users = append(users, n)
		}
	}
	for u := range a.users.All() {
		if !slices.Contains(users, u.ID) &&
			(shares(namesOf(u.Group), step.GroupIDs) || shares(namesOf(u.Department), step.DepartmentIDs)) {
			users = append(users, u.ID)
		}
	}
	return users
}

func shares(a, b []string) bool {
	return slices.ContainsFunc(a, func(one string) bool { return slices.Contains(b, one) })
}

// namesOf decodes a JSON list of strings.
func namesOf(text string) (names []string) {
	json.Unmarshal([]byte(text), &names) // a text that is not a list has no names
	return names
}

// decideByHTTP implements the control hook /__flexcrm/applications/{application_id}/{decision}.
func (a *api) decideByHTTP(r *fake.Request) (any, error) {
	f := readForm(r)
	id, _ := rowNumber(r.Path("application_id"))
	d := Decision{Application: id,
		Issue: map[string]int64{"approve": Approve, "remand": Remand, "reject": Reject}[r.Path("decision")]}
	f.require("user_id")
	f.number("user_id", &d.User)
	f.number("rank", &d.Rank)
	f.text("comment", &d.Comment)
	if f.err != nil {
		return nil, f.err
	}
	d.Comment = strings.TrimSpace(d.Comment)
	return done, a.decide(d)
}
