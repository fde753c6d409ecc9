package org

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// AuditOps makes the tables of the audit log and adds their operations.
func (a *API) AuditOps(ops fake.Ops) {
	a.audits = fake.NewTable(a.State, "auditLogs", func(l AuditLog) string { return l.ID },
		func(l *AuditLog) { dialect.SetDefaults(a, &l.ID, nil, &l.CreatedAt, &l.UpdatedAt) })
	known := dialect.Orders[AuditLog]{"createdAt": nil}
	ops["listAuditLogs"] = func(r *fake.Request) (any, error) {
		created, err := dialect.ParseSpan(r, "createdAt")
		if err != nil {
			return nil, err
		}
		user := strings.ToLower(r.Query("userId"))
		match := fake.Query[AuditLog]{}
		if created != (dialect.Span{}) || user != "" {
			match.Name = fmt.Sprintf("createdAt %q user %q", created, user)
			match.Match = func(l *AuditLog) bool {
				return created.Has(l.CreatedAt) && (user == "" || dialect.Deref(l.UserID) == user)
			}
		}
		return dialect.ListTable(r, a.audits, match, known, func(l *AuditLog) fake.Raw {
			return dialect.Fields(l, "userId").Add("user", a.Person(dialect.Deref(l.UserID))).Raw()
		})
	}
}

// Audited wraps a handler so that a successful request is added to the audit log.
func (a *API) Audited(h fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		answer, err := h(r)
		if err == nil && r.Op.Writes {
			a.record(r)
		}
		return answer, err
	}
}

var (
	upper     = regexp.MustCompile(`[A-Z]`)
	parameter = regexp.MustCompile(`\{(\w+)\}`)
)

// snake returns the name of an operation's action. It is inferred: create_user for createUser.
func snake(camel string) string { return strings.ToLower(upper.ReplaceAllString(camel, "_$0")) }

// record logs the caller's action.
func (a *API) record(r *fake.Request) {
	data := map[string]any{}
	for _, found := range parameter.FindAllStringSubmatch(r.Op.Path, -1) {
		data[found[1]] = r.Path(found[1])
	}
	u := Caller(r)
	a.log(AuditLog{Action: snake(r.Op.ID), Data: data, RemoteIP: new(r.Remote()),
		RequestID: new(a.NewID()), UserID: new(u.ID)})
	if today := dialect.Day(r.Now()); dialect.Deref(u.LastUsedOn) != today {
		u, _ := a.Users.Find(u.ID) // it may have changed in this request
		u.LastUsedOn = &today
		if err := a.Users.Set(u); err != nil {
			panic(err) // users are never removed
		}
	}
}

// log adds an action, of the system if it has no user.
func (a *API) log(l AuditLog) {
	if _, err := a.audits.Insert(l); err != nil {
		panic(err) // its identifier is new
	}
}
