package route

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// ProxyOps makes the tables of proxies and adds their operations.
func (a *API) ProxyOps(ops fake.Ops) {
	a.ProxyApplicants = a.proxyFamily(ops, "proxyApplicants", "ProxyApplicant", "proxyApplicantId")
	a.ProxyApprovers = a.proxyFamily(ops, "proxyApprovers", "ProxyApprover", "proxyApproverId")
}

func (a *API) proxyFamily(ops fake.Ops, table, name, param string) *fake.Table[Proxy] {
	t := org.NewTable(a.API, table, func(p Proxy) string { return p.ID },
		func(p *Proxy) { dialect.SetDefaults(a, &p.ID, nil, &p.CreatedAt, &p.UpdatedAt) })
	org.Index(t, "user", false, func(p Proxy) []string { return []string{p.UserID} })
	proxies := fake.Resource[Proxy]{Table: t, Param: param, Rule: a.proxyRule,
		View: func(_ *fake.Request, p Proxy) any { return a.proxyView(&p) },
		Drop: func(r *fake.Request, p Proxy) error { return a.mayManageProxy(r, p) }}
	ops["list"+name+"s"] = dialect.List(t, nil, a.proxyView)
	ops["create"+name], ops["delete"+name] = proxies.Create, proxies.Delete
	return t
}

// mayManageProxy requires the permission user, except for the caller's own entries if the tenant
// allows that: documented. A user's own entries are those in which the user is represented
// (inferred).
func (a *API) mayManageProxy(r *fake.Request, p Proxy) error {
	me := org.Caller(r).ID
	if a.Holds(me, "user") || a.Settings().OwnProxies && p.UserID == me {
		return nil
	}
	return dialect.Stated(dialect.Definition, dialect.Forbidden("needs the permission user"))
}

func (a *API) proxyRule(r *fake.Request, _, p *Proxy) error {
	p.UserID, p.ProxyUserID = strings.ToLower(p.UserID), strings.ToLower(p.ProxyUserID)
	switch {
	case !a.Alive(p.UserID):
		return dialect.Invalid("userId", dialect.Missing)
	case !a.Alive(p.ProxyUserID):
		return dialect.Invalid("proxyUserId", dialect.Missing)
	case p.UserID == p.ProxyUserID:
		return dialect.Invalid("proxyUserId", dialect.Wrong)
	}
	p.WorkflowIDs = dialect.Lower(p.WorkflowIDs)
	for _, id := range p.WorkflowIDs {
		if a.WorkflowByID(id) == nil {
			return dialect.Invalid("workflowIds", dialect.Missing)
		}
	}
	return dialect.FirstError(dialect.Period(p.StartsOn, p.EndsOn), a.mayManageProxy(r, *p))
}

func (a *API) proxyView(p *Proxy) fake.Raw {
	var workflows []fake.Raw
	for _, id := range p.WorkflowIDs {
		if w := a.Workflow(id); w != nil {
			workflows = append(workflows, a.WorkflowView(w))
		}
	}
	return dialect.Fields(p, "userId", "proxyUserId", "workflowIds").Add("user", a.Person(p.UserID)).
		Add("proxyUser", a.Person(p.ProxyUserID)).Add("workflows", workflows).Raw()
}

// inForce reports whether a proxy is active in a workflow on this Japanese day; open ends are
// documented.
func (a *API) inForce(p *Proxy, w *Workflow) bool {
	today := dialect.Day(a.Now())
	if p.StartsOn != nil && today < *p.StartsOn || p.EndsOn != nil && today > *p.EndsOn || !a.Alive(p.ProxyUserID) {
		return false
	}
	return len(p.WorkflowIDs) == 0 ||
		slices.ContainsFunc(p.WorkflowIDs, func(id string) bool { return a.VersionsOf(id)[w.VersionID] })
}

// Represents reports whether one user may act for another in this workflow today.
func (a *API) Represents(proxies *fake.Table[Proxy], acting, represented string, w *Workflow) bool {
	if represented == "" {
		return false
	}
	for row := range proxies.By("user", represented) {
		if p := &row.Value; p.ProxyUserID == acting && a.inForce(p, w) {
			return true
		}
	}
	return false
}

// ProxiesOf returns the users who may approve for a user in this workflow today.
func (a *API) ProxiesOf(user string, w *Workflow) []string {
	ids := []string{}
	for row := range a.ProxyApprovers.By("user", user) {
		if a.inForce(&row.Value, w) {
			ids = append(ids, row.Value.ProxyUserID)
		}
	}
	return ids
}
