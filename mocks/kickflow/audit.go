package kickflow

import (
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/afba07b5/mockserver/fake"
)

// AuditLog records one action.
type AuditLog struct {
	ID         string         `json:"id"`
	Action     string         `json:"action"`
	Data       map[string]any `json:"data"`
	RemoteIP   *string        `json:"remoteIp"`
	RequestID  *string        `json:"requestId"`
	SystemType *string        `json:"systemType"`
	CreatedAt  string         `json:"createdAt"`
	UpdatedAt  string         `json:"updatedAt"`
	UserID     *string        `json:"userId"` // null for actions of the system
}

type auditView struct {
	AuditLog
	UserID hidden     `json:"userId,omitempty"`
	User   *plainUser `json:"user"`
}

func (a *api) auditOps(ops fake.Ops) {
	a.audits = fake.NewTable(a.State, "auditLogs", func(auditLog AuditLog) string { return auditLog.ID },
		func(auditLog *AuditLog) {
			a.setCommonDefaults(&auditLog.ID, nil, &auditLog.CreatedAt, &auditLog.UpdatedAt)
		})
	known := orders[AuditLog]{"createdAt": func(auditLog *AuditLog) string { return auditLog.CreatedAt }}
	ops["listAuditLogs"] = func(r *fake.Request) (any, error) {
		created, err := span(r, "createdAt")
		if err != nil {
			return nil, err
		}
		user := strings.ToLower(r.Query("userId"))
		match := fake.Query[AuditLog]{}
		if created != (between{}) || user != "" {
			match.Name = fmt.Sprintf("createdAt %q user %q", created, user)
			match.Match = func(auditLog *AuditLog) bool {
				return created.has(auditLog.CreatedAt) && (user == "" || deref(auditLog.UserID) == user)
			}
		}
		return listTable(r, a.audits, match, known, func(auditLog AuditLog) any {
			return auditView{AuditLog: auditLog, User: a.person(deref(auditLog.UserID))}
		})
	}
}

// record logs the caller's action. The names of actions are inferred: create_user for createUser.
func (a *api) record(r *fake.Request) {
	data := map[string]any{}
	for _, name := range pathNames(r.Op.Path) {
		data[name] = r.Path(name)
	}
	u := caller(r)
	a.log(AuditLog{Action: snake(r.Op.ID), Data: data, RemoteIP: pointerTo(r.Remote()),
		RequestID: pointerTo(a.NewID()), UserID: pointerTo(u.ID)})
	if now := pointerTo(day(r.Now())); deref(u.LastUsedOn) != *now {
		// The user may have changed in this request.
		if _, err := a.users.Update(u.ID,
			func(u User) (User, error) { u.LastUsedOn = now; return u, nil }); err != nil {
			panic(err) // users are never removed
		}
	}
}

// recordSystem logs an action without a caller.
func (a *api) recordSystem(action string, data map[string]any) {
	a.log(AuditLog{Action: action, Data: data})
}

func (a *api) log(auditLog AuditLog) {
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

// between is a range of times, both ends included (inferred); an empty end is open.
type between struct{ from, to string }

func (b between) has(at string) bool {
	if b == (between{}) {
		return true
	}
	return at != "" && at >= b.from && (b.to == "" || at <= b.to)
}

// span parses <name>Start and <name>End.
func span(r *fake.Request, name string) (b between, err error) {
	if b.from, err = moment(r, name+"Start", 0); err == nil {
		b.to, err = moment(r, name+"End", 24*time.Hour-time.Millisecond)
	}
	return b, err
}

var moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04",
	"2006-01-02T15:04Z07:00"}

// moment parses a date, which means its whole Japanese day, or a date-time, which is Japanese
// unless it has an offset (inferred). A date-time whose plus sign was not escaped is invalid:
// documented in troubles.
func moment(r *fake.Request, name string, whole time.Duration) (string, error) {
	text := r.Query(name)
	if text == "" {
		return "", nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, jst); err == nil {
		return formatTime(t.Add(whole)), nil
	}
	for _, layout := range moments {
		if t, err := time.ParseInLocation(layout, text, jst); err == nil {
			return formatTime(t), nil
		}
	}
	return "", &fake.Error{Status: http.StatusBadRequest,
		Message: "Invalid request: " + name + ": value at root does not match format: date-time", Rule: name +
			" is a date or a date-time", Evidence: fake.Documented, Source: troubles}
}
