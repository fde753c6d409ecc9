package recorder

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// holder says which principal a credential belongs to.
type holder struct {
	principal, state string
	secret           bool // the secret that belongs to a credential, as of an OAuth client
}

// credentialUses collects the credentials of a recording.
type credentialUses struct {
	*Recorder
	holders map[string]holder
	listed  map[string]holder // value as sent → its holder
	unnamed []string          // accepted, holder unknown
	bare    map[int]string    // accepted requests without a credential → the reason to leave them out
}

// offered returns the credentials of a request, as found by the fake's Def.Credential.
func (r *Recorder) offered(x *exchange) []string {
	q, err := x.request()
	if err != nil || r.options.Fake.Credential == nil {
		return nil
	}
	return strings.Fields(r.options.Fake.Credential(q))
}

// observeCredentials determines the holders of a recording's credentials. A credential from an
// earlier answer is a variable of the conversation and has no holder.
func (r *Recorder) observeCredentials(all []*exchange) *credentialUses {
	s := &credentialUses{Recorder: r, holders: r.public.holders(), listed: map[string]holder{}, bare: map[int]string{}}
	for value, who := range r.sender {
		s.holders[value] = who
	}
	issued := map[string]bool{}
	for n, x := range all {
		offered := r.offered(x)
		if len(offered) == 0 && x.status < 500 && !slices.Contains(authFailures, x.status) {
			s.withoutCredential(n, x)
		}
		for _, value := range offered {
			if _, known := s.holders[value]; !known && !issued[value] && gaveOut(all[:n], value) {
				issued[value] = true
			}
			if !issued[value] {
				s.sent(x, value)
			}
		}
	}
	return s
}

// withoutCredential records a request that the fake would reject. If Options.As names the caller,
// the credential was removed before recording.
func (s *credentialUses) withoutCredential(n int, x *exchange) {
	if s.options.As != "" {
		return
	}
	if q, err := x.request(); err == nil && s.public.refuses(q) {
		s.bare[n] = noCredential
	}
}

// noCredential is the reason to leave out a request that was accepted without a visible credential.
const noCredential = "no credential was found in it, and it was answered: " +
	"the credential is somewhere else than this vendor's are, or was taken out"

// gaveOut reports whether an earlier answer contained a value.
func gaveOut(earlier []*exchange, value string) bool {
	return slices.ContainsFunc(earlier, func(x *exchange) bool {
		if strings.Contains(string(x.result), value) {
			return true
		}
		for _, values := range x.answer {
			if strings.Contains(strings.Join(values, "\n"), url.QueryEscape(value)) ||
				strings.Contains(strings.Join(values, "\n"), value) {
				return true
			}
		}
		return false
	})
}

// authFailures are the statuses of failed authentication, of OAuth clients too. Any other error implies
// that the caller was authenticated.
var authFailures = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}

// sent lists a credential in the spellings in which it was sent. A credential of unknown holder is
// listed if it was accepted; a rejected one is rejected in a replay as well.
func (s *credentialUses) sent(x *exchange, value string) {
	who, known := s.holders[value]
	if !known {
		if slices.Contains(authFailures, x.status) {
			return
		}
		who = holder{principal: s.name(), state: "valid"}
		s.holders[value] = who
	}
	for _, values := range x.header {
		for _, h := range values {
			if strings.HasSuffix(h, " "+value) {
				s.listed[h] = who
			}
		}
	}
	s.listed[value] = who
	s.beside(x, who)
}

// beside lists the secret that is sent with a client's id.
func (s *credentialUses) beside(x *exchange, who holder) {
	form, err := url.ParseQuery(string(x.body))
	if err != nil {
		return
	}
	if value := form.Get("client_secret"); value != "" {
		who.secret = true
		if known, ok := s.holders[value]; ok {
			who = known
		}
		s.listed[value] = who
	}
}

// name returns a principal for a credential of unknown holder.
func (s *credentialUses) name() string {
	n := len(s.unnamed)
	name := fmt.Sprint("principal-", n+1)
	switch {
	case n < len(s.options.Principals):
		name = s.options.Principals[n]
	case n == 0 && len(s.public.known) > 0:
		name = s.public.known[0].Principal
	}
	s.unnamed = append(s.unnamed, name)
	return name
}

// notes returns the assumptions made, for the user.
func (s *credentialUses) notes() (notes []string) {
	for n, name := range s.unnamed {
		if n >= len(s.options.Principals) {
			notes = append(notes,
				fmt.Sprintf("credential %d in the order of first use is listed as %q in case.yaml; "+
					"--principal names it, once for each", n+1, name))
		}
	}
	return notes
}
