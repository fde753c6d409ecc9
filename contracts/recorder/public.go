package recorder

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/fake"
)

// public is what the fake itself reveals: the content of its seed, the holders of its credentials,
// and which requests it rejects for lack of one.
type public struct {
	options Options
	world   string
	handler http.Handler
	rows    string
	known   []fake.Credential
}

// publicOf starts the fake, without a network, from the seed of the case.
func publicOf(o Options) (*public, error) {
	srv, err := fake.New(fake.Config{NoEvidence: true}, o.Fake)
	if err != nil {
		return nil, err
	}
	name := o.Fake.Name
	world, err := srv.NewWorld("seed",
		fake.Settings{Seeds: map[string]string{name: o.Seed}, LimitsOff: true, Features: o.Settings.Features}, nil)
	if err != nil {
		return nil, err
	}
	state, err := world.State(name)
	if err != nil {
		return nil, err
	}
	content, err := world.DumpFake(name)
	if err != nil {
		return nil, err
	}
	rows, err := json.Marshal(content)
	p := &public{options: o, world: world.Name, handler: srv.Handler(name), rows: string(rows)}
	if o.Fake.Known != nil {
		state.View(func() { p.known = o.Fake.Known(state) })
	}
	return p, errors.Join(err, p.knows(o.Principals),
		p.knows(slices.DeleteFunc([]string{o.As}, func(name string) bool { return name == "" })))
}

// knows returns an error for principals that the seed does not have, because a replay could not act
// as them.
func (p *public) knows(principals []string) error {
	var names []string
	for _, c := range p.known {
		if !slices.Contains(names, c.Principal) {
			names = append(names, c.Principal)
		}
	}
	for _, name := range principals {
		if !slices.Contains(names, name) {
			return fmt.Errorf("no principal %q in seed %s%s; principals: %s", name, p.options.Seed,
				fake.Hint(name, names), strings.Join(names, ", "))
		}
	}
	return nil
}

// holders returns the holders of the credentials of the seed, and of the real ones in the
// environment.
func (p *public) holders() map[string]holder {
	all := map[string]holder{}
	add := func(value, secret, principal, state string) {
		who := holder{principal: principal, state: state}
		if value != "" {
			all[value] = who
		}
		if who.secret = true; secret != "" {
			all[secret] = who
		}
	}
	for _, c := range p.known {
		add(c.Value, c.Secret, c.Principal, c.State)
	}
	names := slices.Clone(p.options.Principals)
	for _, c := range p.known {
		names = append(names, c.Principal)
	}
	for _, principal := range names {
		for _, state := range []string{"valid", "revoked", "expired"} {
			name := recording.CredentialVariable(p.options.Fake.Name, principal, state)
			add(os.Getenv(name), os.Getenv(name+"_SECRET"), principal, state)
		}
	}
	return all
}

// refuses reports whether the fake rejects a request for lack of a credential.
func (p *public) refuses(q *http.Request) bool {
	q.Header.Set("Mockserver-World", p.world)
	q.Host = p.options.Fake.Name + ".localhost"
	a := &answer{header: http.Header{}, status: http.StatusOK}
	p.handler.ServeHTTP(a, q)
	return a.status == http.StatusUnauthorized || a.status == http.StatusForbidden ||
		strings.Contains(a.body.String(), `"UNAUTHENTICATED"`)
}

// answer is an http.ResponseWriter that stores what is written to it.
type answer struct {
	header http.Header
	status int
	body   strings.Builder
}

func (a *answer) Header() http.Header            { return a.header }
func (a *answer) WriteHeader(status int)         { a.status = status }
func (a *answer) Write(data []byte) (int, error) { return a.body.Write(data) }
