package route

import (
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

type proxyView struct {
	Proxy
	UserID      dialect.Hidden `json:"userId,omitempty"`
	ProxyUserID dialect.Hidden `json:"proxyUserId,omitempty"`
	WorkflowIDs dialect.Hidden `json:"workflowIds,omitempty"`
	User        *org.PlainUser `json:"user"`
	ProxyUser   *org.PlainUser `json:"proxyUser"`
	Workflows   []workflowView `json:"workflows"`
}

// ProxyOps makes the tables of proxies and adds their operations.
func (a *API) ProxyOps(ops fake.Ops) {
	a.ProxyApplicants = a.proxyFamily(ops, "proxyApplicants", "ProxyApplicant", "proxyApplicantId")
	a.ProxyApprovers = a.proxyFamily(ops, "proxyApprovers", "ProxyApprover", "proxyApproverId")
}

func (a *API) proxyFamily(ops fake.Ops, table, name, param string) *fake.Table[Proxy] {
	t := fake.NewTable(a.State, table, func(p Proxy) string { return p.ID }, func(p *Proxy) {
		dialect.SetDefaults(a, &p.ID, nil, &p.CreatedAt, &p.UpdatedAt)
	})
	dialect.Index(t, "user", false, func(p Proxy) []string { return []string{p.UserID} })
	proxies := fake.Resource[Proxy]{Table: t, Param: param, Rule: a.proxyRule,
		Find: func(_ *fake.Request, id string) (Proxy, error) { return t.Get(strings.ToLower(id)) },
		View: func(_ *fake.Request, p Proxy) any { return a.proxyView(p) },
		Drop: func(r *fake.Request, p Proxy) error { return a.mayManageProxy(r, p) }}
	ops["list"+name+"s"] = dialect.List(t, nil, func(p Proxy) any { return a.proxyView(p) })
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
	return dialect.Stated(dialect.Definition, dialect.Refuse(http.StatusForbidden, "needs the permission user"))
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
	case p.StartsOn != nil && p.EndsOn != nil && *p.EndsOn < *p.StartsOn:
		return dialect.Invalid("endsOn", dialect.Wrong)
	}
	p.WorkflowIDs = dialect.Lower(p.WorkflowIDs)
	for _, id := range p.WorkflowIDs {
		if _, ok := a.WorkflowOf(id); !ok {
			return dialect.Invalid("workflowIds", dialect.Missing)
		}
	}
	return dialect.FirstError(dialect.Dates(map[string]*string{"startsOn": p.StartsOn, "endsOn": p.EndsOn}),
		a.mayManageProxy(r, *p))
}

func (a *API) proxyView(p Proxy) proxyView {
	v := proxyView{Proxy: p, User: a.Person(p.UserID), ProxyUser: a.Person(p.ProxyUserID), Workflows: []workflowView{}}
	for _, id := range p.WorkflowIDs {
		if w, ok := a.Workflow(id); ok {
			v.Workflows = append(v.Workflows, a.WorkflowView(w))
		}
	}
	return v
}
