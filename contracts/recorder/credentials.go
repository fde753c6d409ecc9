package recorder

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// holder is whose a credential is.
type holder struct {
	principal, state string
	secret           bool // the secret that goes with a credential, as of an OAuth client
}

// credentialUses are the credentials of a recording.
type credentialUses struct {
	*Recorder
	holders map[string]holder
	listed  map[string]holder // value as it was sent → who that was
	unnamed []string          // accepted, and nobody knows whose
	bare    map[int]string    // accepted requests without any, and why that is a reason to leave them out
}

// offered returns the credentials in a request, as the fake's dialect finds them.
func (r *Recorder) offered(x *exchange) []string {
	q, err := x.request()
	if err != nil || r.options.Fake.Credential == nil {
		return nil
	}
	return strings.Fields(r.options.Fake.Credential(q))
}

// observeCredentials finds out whose the credentials of a recording are. What an earlier answer gave out is a variable of
// the conversation and nobody's.
func (r *Recorder) observeCredentials(all []*exchange) *credentialUses {
	s := &credentialUses{Recorder: r, holders: r.public.holders(), listed: map[string]holder{}, bare: map[int]string{}}
	for value, who := range r.sender {
		s.holders[value] = who
	}
	minted := map[string]bool{}
	for n, x := range all {
		offered := r.offered(x)
		if len(offered) == 0 && x.status < 500 && !slices.Contains(refusals, x.status) {
			s.withoutCredential(n, x)
		}
		for _, value := range offered {
			if _, known := s.holders[value]; !known && !minted[value] && gaveOut(all[:n], value) {
				minted[value] = true
			}
			if !minted[value] {
				s.sent(x, value)
			}
		}
	}
	return s
}

// withoutCredential takes down a request that the fake would refuse. Where Options.As says who called, the credential
// was taken out before.
func (s *credentialUses) withoutCredential(n int, x *exchange) {
	if s.options.As != "" {
		return
	}
	if q, err := x.request(); err == nil && s.public.refuses(q) {
		s.bare[n] = noCredential
	}
}

// noCredential is why a request is left out that was answered and should not have been.
const noCredential = "no credential was found in it, and it was answered: the credential is somewhere else than this vendor's are, or was taken out"

// gaveOut reports whether an answer held a value.
func gaveOut(earlier []*exchange, value string) bool {
	return slices.ContainsFunc(earlier, func(x *exchange) bool {
		if strings.Contains(string(x.result), value) {
			return true
		}
		for _, values := range x.answer {
			if strings.Contains(strings.Join(values, "\n"), url.QueryEscape(value)) || strings.Contains(strings.Join(values, "\n"), value) {
				return true
			}
		}
		return false
	})
}

// refusals are the statuses by which services refuse who calls, OAuth clients included. Other errors come after
// the caller is known.
var refusals = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden}

// sent lists a credential in the spellings in which it was sent. One that nobody knows is listed if it was
// accepted: a refused one is refused again.
func (s *credentialUses) sent(x *exchange, value string) {
	who, known := s.holders[value]
	if !known {
		if slices.Contains(refusals, x.status) {
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

// name names who sends a credential that nobody knows.
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

// notes tells a user what was assumed.
func (s *credentialUses) notes() (notes []string) {
	for n, name := range s.unnamed {
		if n >= len(s.options.Principals) {
			notes = append(notes, fmt.Sprintf("credential %d in the order of first use is listed as %q in case.yaml; --principal names it, once for each", n+1, name))
		}
	}
	return notes
}
