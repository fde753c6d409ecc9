package flexcrm

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// The states of an application. The vendor publishes only 5; the other numbers are ours.
const (
	draft     = 1
	applying  = 2
	remanded  = 3
	rejected  = 4
	completed = 5
)

var statusNames = map[int64]string{draft: "下書き", applying: "申請中", remanded: "差し戻し", rejected: "却下", completed: "完了"}

// Format is the template of an application: its name and its default approval route.
type Format struct {
	ID        int64   `json:"id"`
	Name      string  `json:"name"`
	RouteName string  `json:"route_name"`
	Routes    []Route `json:"routes"`
}

// Route is one step of an approval route, as answers show it within the text of approval_routes.
type Route struct {
	Rank                 int64    `json:"rank"`
	OrgRank              string   `json:"org_rank"`
	Name                 string   `json:"name"`
	RouteType            string   `json:"route_type"`    // assumed: "1" approval, "2" circulation
	ApprovalType         string   `json:"approval_type"` // assumed: "0" one suffices, "1" all of them
	UserIDs              []string `json:"userIds"`
	GroupIDs             []string `json:"groupIds"`
	DepartmentIDs        []string `json:"departmentIds"`
	ApproverUnchangeable *int64   `json:"approver_unchangeable"`
	Users                []string `json:"users"`
}

// Application is one workflow application, as basicdata shows it.
type Application struct {
	ID                     int64   `json:"id"`
	WorkflowSettingID      int64   `json:"workflow_setting_id"`
	HNumber                int64   `json:"h_number"`
	Applicant              int64   `json:"applicant"`
	ApplicationDate        string  `json:"application_date"`
	Deadline               string  `json:"deadline"`
	Subject                string  `json:"subject"`
	Contents               string  `json:"contents"`
	SupplierID             *int64  `json:"supplier_id"`
	ContractType           *int64  `json:"contract_type"`
	ContractDate           *string `json:"contract_date"`
	ApprovalRoutes         string  `json:"approval_routes"` // a JSON text
	Status                 int64   `json:"status"`
	ProxyFlg               int64   `json:"proxy_flg"`
	Progress               int64   `json:"progress"` // completed steps
	Times                  int64   `json:"times"`    // rounds of application
	IntermediateRejectings int64   `json:"intermediate_reject_times"`
	ApprovalName           string  `json:"approval_name"`
	Timestamps

	Form    map[string]string `json:"form,omitempty"`    // values of the form without its id
	Process int64             `json:"process,omitempty"` // the process that waits for it
}

// start submits an application along routes.
func (a *Application) start(f Format, routes []Route) {
	a.Status, a.Times, a.Progress = applying, 1, 0
	a.ApprovalRoutes, a.ApprovalName = jsonText(routes), f.RouteName
}

func (a Application) routes() (routes []Route) {
	json.Unmarshal([]byte(a.ApprovalRoutes), &routes) // an invalid text of a seed is no route
	return routes
}

func fillApplication(a *api) func(*Application) {
	return func(application *Application) {
		application.ID = a.Number("applications", application.ID)
		if application.HNumber == 0 {
			application.HNumber = application.ID
		}
		if application.ApprovalRoutes == "" {
			application.ApprovalRoutes = "[]"
		}
		application.Timestamps.fill(a.Now())
	}
}

func (a *api) workflowOps() fake.Ops {
	return fake.Ops{
		"getApplication":   a.getApplication,
		"draftApplication": a.apply(draft),
		"apply":            a.apply(applying),
		"reapply":          a.reapply,
		"reapplyByPost":    a.reapply,
		"listApprovals":    a.listApprovals,
		"decide":           a.decideByHTTP,
	}
}

// basicData is an application as answers show it.
type basicData struct {
	Application
	Form           hidden `json:"form,omitempty"`
	Process        hidden `json:"process,omitempty"`
	CreateUserName string `json:"create_user_name"`
	UpdateUserName string `json:"update_user_name"`
	StatusName     string `json:"status_name"`
}

type applicationAnswer struct {
	Status    string            `json:"status"`
	Count     string            `json:"count"`
	Data      map[string]string `json:"data"`
	BasicData basicData         `json:"basicdata"`
}

// getApplication answers with count as a text and the application's keys in basicdata.
func (a *api) getApplication(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.applications, "application_id")
	if err != nil {
		return nil, err
	}
	application := row.Value
	if format, ok := rowNumber(r.Path("format_id")); !ok || format != application.WorkflowSettingID {
		return nil, refuse("format %q has no application %d", r.Path("format_id"), application.ID)
	}
	data := map[string]string{}
	for key, value := range application.Form {
		data[key] = value
	}
	data["id"] = strconv.FormatInt(application.ID, 10)
	return applicationAnswer{success, "1", data,
		basicData{Application: application, CreateUserName: a.userName(application.CreateUserID),
			UpdateUserName: a.userName(application.UpdateUserID), StatusName: statusNames[application.Status]}}, nil
}

func (a *api) userName(id int64) string {
	u, _ := a.users.Find(rowKey(id))
	return u.Name
}

// apply creates an application, as a draft or submitted. The vendor publishes no call that submits
// a draft. user_id is a login here.
func (a *api) apply(status int64) fake.Handler {
	return func(r *fake.Request) (any, error) {
		f := readForm(r)
		f.require("format_id", "user_id", "applicant_date")
		if status == applying {
			f.require("applicant_title")
		}
		application := Application{Status: status}
		f.number("format_id", &application.WorkflowSettingID)
		f.applicationKeys(&application)
		if f.err != nil {
			return nil, f.err
		}
		format, ok := a.formats.Find(rowKey(application.WorkflowSettingID))
		if !ok {
			return nil, refuse("no workflow format %d", application.WorkflowSettingID)
		}
		user := a.users.One("userid", f.values["user_id"])
		if user == nil {
			return nil, refuse("no user has the login %q", f.values["user_id"])
		}
		application.Applicant = user.Value.ID
		if err := application.begin(format, status, f.values["approval_routes"]); err != nil {
			return nil, err
		}
		application.Timestamps.by(user.Value.ID, r.Now())
		application, err := a.applications.Insert(application)
		return createdID(r, application.ID), err
	}
}

// applicationKeys reads the keys that all three calls writing applications share.
func (f *form) applicationKeys(a *Application) {
	f.date("applicant_date", &a.ApplicationDate)
	f.date("applicant_deadline", &a.Deadline)
	f.text("applicant_title", &a.Subject)
	for _, date := range []*string{&a.ApplicationDate, &a.Deadline} {
		if *date != "" {
			*date = (*date)[:10] + " 00:00:00"
		}
	}
}

// begin gives a new application its route: the one that was sent, or else the format's.
func (a *Application) begin(format Format, status int64, sent string) error {
	routes := format.Routes
	if sent != "" {
		var err error
		if routes, err = readRoutes(sent); err != nil {
			return err
		}
	}
	if status == applying && len(routes) == 0 {
		return refuse("format %d has no route of its own, so approval_routes is needed", format.ID)
	}
	if a.start(format, routes); status == draft {
		a.Status, a.Times = draft, 0
	}
	return nil
}

// routeBody is an element of approval_routes as it is sent. org_rank may be omitted.
type routeBody struct {
	Rank          *json.Number `json:"rank"`
	OrgRank       any          `json:"org_rank"`
	Name          *string      `json:"name"`
	RouteType     any          `json:"route_type"`
	ApprovalType  any          `json:"approval_type"`
	Users         []any        `json:"users"`
	UserIDs       []any        `json:"userIds"`
	GroupIDs      []any        `json:"groupIds"`
	DepartmentIDs []any        `json:"departmentIds"`
	Unchangeable  *int64       `json:"approver_unchangeable"`
}

// readRoutes parses the JSON text of approval_routes and sorts the steps. Assumed: any other value
// is a 400, see fixtures/flexcrm/malformed-approval-routes.
func readRoutes(text string) ([]Route, error) {
	var sent []routeBody
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&sent); err != nil || d.More() {
		return nil, refuse("approval_routes is the text of a JSON list of steps: %v", err)
	}
	var routes []Route
	for i, s := range sent {
		route, err := s.route()
		if err != nil {
			return nil, refuse("approval_routes[%d]: %v", i, err)
		}
		if slices.ContainsFunc(routes, func(r Route) bool { return r.Rank == route.Rank }) {
			return nil, refuse("approval_routes: two steps have the rank %d", route.Rank)
		}
		routes = append(routes, route)
	}
	if len(routes) == 0 {
		return nil, refuse("approval_routes has no step")
	}
	slices.SortFunc(routes, func(a, b Route) int { return int(a.Rank - b.Rank) })
	return routes, nil
}

func (s routeBody) route() (Route, error) {
	if s.Rank == nil || s.Name == nil || s.RouteType == nil || s.ApprovalType == nil || s.Users == nil {
		return Route{}, refuse("a step has rank, name, route_type, approval_type and users")
	}
	rank, err := s.Rank.Int64()
	if err != nil || rank < 1 || rank > 1000 {
		return Route{}, refuse("rank is a number from 1, not %s", *s.Rank)
	}
	r := Route{Rank: rank, OrgRank: flatten(s.OrgRank), Name: *s.Name, RouteType: flatten(s.RouteType),
		ApprovalType: flatten(s.ApprovalType),
		UserIDs:      flattenAll(s.UserIDs), GroupIDs: flattenAll(s.GroupIDs), Users: flattenAll(s.Users),
		DepartmentIDs: flattenAll(s.DepartmentIDs), ApproverUnchangeable: s.Unchangeable}
	if r.OrgRank == "" {
		r.OrgRank = strconv.FormatInt(rank, 10)
	}
	if r.RouteType != "1" && r.RouteType != "2" || r.ApprovalType != "0" && r.ApprovalType != "1" {
		return r, refuse("route_type is 1 or 2, approval_type 0 or 1")
	}
	return r, nil
}

func flattenAll(values []any) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = flatten(v)
	}
	return out
}

// reapply submits a remanded application again, under its number (assumed). user_id is a record
// number here.
func (a *api) reapply(r *fake.Request) (any, error) {
	f := readForm(r)
	f.require("application_id", "user_id")
	if f.err != nil {
		return nil, f.err
	}
	row, err := rowAt(a.applications, f.values["application_id"])
	if err != nil {
		return nil, err
	}
	user, err := rowAt(a.users, f.values["user_id"])
	if err != nil {
		return nil, err
	}
	application := row.Value
	if application.Status != remanded {
		return nil, refuse("application %d is %s, not %s", application.ID, statusNames[application.Status],
			statusNames[remanded])
	}
	if f.applicationKeys(&application); f.err != nil {
		return nil, f.err
	}
	application.Status, application.Progress, application.Times = applying, 0, application.Times+1
	application.Timestamps.by(user.Value.ID, r.Now())
	return fake.Raw(`{"status":"success","id":` + strconv.FormatInt(application.ID, 10) + `}`),
		a.applications.Set(application)
}
