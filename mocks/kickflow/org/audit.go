package org

import (
	"fmt"
	"strings"
	"unicode"

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

// Audited wraps the handler of an operation so that a successful request is added to the audit log. The names of
// actions are inferred: create_user for createUser.
func (a *API) Audited(operation string, h fake.Handler) fake.Handler {
	action := snake(operation)
	return func(r *fake.Request) (any, error) {
		answer, err := h(r)
		if err == nil && r.Op.Writes {
			a.record(r, action)
		}
		return answer, err
	}
}

// record logs the caller's action.
func (a *API) record(r *fake.Request, action string) {
	data := map[string]any{}
	for _, name := range pathNames(r.Op.Path) {
		data[name] = r.Path(name)
	}
	u := Caller(r)
	a.log(AuditLog{Action: action, Data: data, RemoteIP: new(r.Remote()), RequestID: new(a.NewID()), UserID: new(u.ID)})
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
