package org

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

type auditView struct {
	AuditLog
	UserID dialect.Hidden `json:"userId,omitempty"`
	User   *PlainUser     `json:"user"`
}

// AuditOps makes the tables of the audit log and adds their operations.
func (a *API) AuditOps(ops fake.Ops) {
	a.audits = fake.NewTable(a.State, "auditLogs", func(auditLog AuditLog) string { return auditLog.ID },
		func(auditLog *AuditLog) {
			dialect.SetDefaults(a, &auditLog.ID, nil, &auditLog.CreatedAt, &auditLog.UpdatedAt)
		})
	known := dialect.Orders[AuditLog]{"createdAt": func(auditLog *AuditLog) string { return auditLog.CreatedAt }}
	ops["listAuditLogs"] = func(r *fake.Request) (any, error) {
		created, err := dialect.ParseSpan(r, "createdAt")
		if err != nil {
			return nil, err
		}
		user := strings.ToLower(r.Query("userId"))
		match := fake.Query[AuditLog]{}
		if created != (dialect.Span{}) || user != "" {
			match.Name = fmt.Sprintf("createdAt %q user %q", created, user)
			match.Match = func(auditLog *AuditLog) bool {
				return created.Has(auditLog.CreatedAt) && (user == "" || dialect.Deref(auditLog.UserID) == user)
			}
		}
		return dialect.ListTable(r, a.audits, match, known, func(auditLog AuditLog) any {
			return auditView{AuditLog: auditLog, User: a.Person(dialect.Deref(auditLog.UserID))}
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

// record logs the caller's action. The names of actions are inferred: create_user for createUser.
func (a *API) record(r *fake.Request) {
	data := map[string]any{}
	for _, name := range pathNames(r.Op.Path) {
		data[name] = r.Path(name)
	}
	u := Caller(r)
	a.log(AuditLog{Action: snake(r.Op.ID), Data: data, RemoteIP: dialect.To(r.Remote()),
		RequestID: dialect.To(a.NewID()), UserID: dialect.To(u.ID)})
	if now := dialect.To(dialect.Day(r.Now())); dialect.Deref(u.LastUsedOn) != *now {
		// The user may have changed in this request.
		if _, err := a.Users.Update(u.ID,
			func(u User) (User, error) { u.LastUsedOn = now; return u, nil }); err != nil {
			panic(err) // users are never removed
		}
	}
}

// recordSystem logs an action without a caller.
func (a *API) recordSystem(action string, data map[string]any) {
	a.log(AuditLog{Action: action, Data: data})
}

func (a *API) log(auditLog AuditLog) {
	if _, err := a.audits.Insert(auditLog); err != nil {
		panic(err) // its identifier is new
	}
}

func pathNames(path string) (names []string) {
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

func snake(camel string) string {
	var b strings.Builder
	for _, c := range camel {
		if unicode.IsUpper(c) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
