package audit

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/conduct"
)

func tokenRules() []Rule {
	return []Rule{
		{"code-reused", "used an authorization code a second time", "RFC 6749, section 4.1.2", (*history).codeReused},
		{"never-refreshed", "went on with an access token that had ended, or signed in anew, instead of refreshing it",
			"RFC 6749, section 6", (*history).neverRefreshed},
		{"refreshed-late", "used an access token after the end that was announced with it", Advice,
			(*history).refreshedLate},
		{"refreshed-every-call", "refreshed an access token that had most of its life before it", Advice,
			(*history).refreshedEveryCall},
		{"login-per-request", "signed in again for nearly every request", Advice, (*history).loginPerRequest},
	}
}

// session is the life of one access token.
type session struct {
	issued    *call
	access    string
	renewal   string // the refresh token that came with it, or ""
	end       time.Time
	uses      []*call
	late      []*call // uses after the end
	refreshed *call   // the request that refreshed it; nil if there was none
}

// sessions returns the access tokens that the client was given.
func (h *history) sessions() (all []*session) {
	t := h.doc.Tokens
	for _, c := range h.calls {
		for _, s := range all {
			s.note(c)
		}
		if access := c.answered(t.Access); c.isToken && c.ok() && access != "" {
			all = append(all, &session{issued: c, access: access, renewal: c.answered(t.Renewal), end: c.end()})
		}
	}
	return all
}

// end returns when the access token of an answer ends; zero if the answer does not say.
func (c *call) end() time.Time {
	t := c.doc.Tokens
	for _, v := range conduct.At(c.decode().answer, t.Lifetime) {
		if seconds, ok := v.(float64); ok && t.Lifetime != "" {
			return c.at.Add(time.Duration(seconds) * time.Second)
		}
	}
	end, _ := time.Parse(time.RFC3339, c.answered(t.Expires))
	return end
}

func (s *session) note(c *call) {
	if c.isToken {
		if s.renewal != "" && bytes.Contains(c.entry.Body, []byte(s.renewal)) && s.refreshed == nil {
			s.refreshed = c
		}
		return
	}
	if !strings.Contains(c.entry.Header.Get("Authorization"), s.access) {
		return
	}
	s.uses = append(s.uses, c)
	if !s.end.IsZero() && !c.at.Before(s.end) {
		s.late = append(s.late, c)
	}
}

func (h *history) codeReused() (found []Finding) {
	first := map[string]*call{}
	for _, c := range h.calls {
		if h.doc.Tokens.Code == "" || !c.matchesForm(h.doc.Tokens.Login) {
			continue
		}
		code := c.field(h.doc.Tokens.Code)
		if before := first[code]; before != nil {
			found = append(found, finding("", "the same code in two requests", before, c))
			continue
		}
		if code != "" && c.entry.Status < http.StatusInternalServerError {
			first[code] = c
		}
	}
	return found
}

func (h *history) neverRefreshed() (found []Finding) {
	all := h.sessions()
	for i, s := range all {
		var refused []*call
		for _, c := range s.uses {
			if c.entry.Status == http.StatusUnauthorized {
				refused = append(refused, c)
			}
		}
		if s.renewal == "" || s.refreshed != nil || len(refused) == 0 {
			continue
		}
		switch {
		case len(refused) > 1:
			found = append(found, finding("", fmt.Sprintf("%d answers 401, and the refresh token stayed unused",
				len(refused)),
				append([]*call{s.issued}, refused...)...))
		case i+1 < len(all) && all[i+1].issued.matchesForm(h.doc.Tokens.Login):
			found = append(found, finding("", "it signed in again, and the refresh token stayed unused", s.issued,
				refused[0],
				all[i+1].issued))
		}
	}
	return found
}

func (h *history) refreshedLate() (found []Finding) {
	for _, s := range h.sessions() {
		if s.renewal != "" && s.refreshed != nil && len(s.late) > 0 {
			found = append(found, finding("", fmt.Sprintf("the token ended at %s, and the client had been told so",
				s.end.UTC().Format(time.RFC3339)), append(append([]*call{s.issued}, s.late...), s.refreshed)...))
		}
	}
	return found
}

// leastRefreshes is from how many needless refreshes, or logins, in a row on they are a finding.
const leastRefreshes = 3

// refreshedEveryCall counts refreshes of a token that had more than half of its life left and was used once at most.
// A refresh after a 401 is not needless: the token may have been revoked.
func (h *history) refreshedEveryCall() (found []Finding) {
	var needless []*call
	for _, s := range h.sessions() {
		if s.refreshed == nil || s.end.IsZero() || len(s.uses) > 1 {
			continue
		}
		if len(s.uses) == 1 && s.uses[0].entry.Status == http.StatusUnauthorized {
			continue
		}
		if life := s.end.Sub(s.issued.at); s.end.Sub(s.refreshed.at) > life/2 {
			needless = append(needless, s.refreshed)
		}
	}
	if len(needless) >= leastRefreshes {
		found = append(found, finding("", fmt.Sprintf("%d refreshes of tokens that were valid and hardly used",
			len(needless)),
			needless...))
	}
	return found
}

func (h *history) loginPerRequest() (found []Finding) {
	var logins []*call
	for _, s := range h.sessions() {
		if s.issued.matchesForm(h.doc.Tokens.Login) && len(s.uses) == 1 {
			logins = append(logins, s.issued)
		}
	}
	if len(logins) >= leastRefreshes {
		found = append(found, finding("", fmt.Sprintf("%d logins, each for one request", len(logins)), logins...))
	}
	return found
}
