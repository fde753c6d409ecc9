package contracts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/fake"
)

// Live is the real service at a URL. It gets no header of ours, no control request, and only credentials from the
// environment, in variables such as MOCKSERVER_LIVE_TWENTY_ADMIN. It skips cases that write unless allowWrites is set,
// cases that need what only a fake can do or a credential that the environment lacks, and cases for another host than
// base, so that credentials are never sent elsewhere.
func Live(base string, allowWrites bool) Target {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	transport.ResponseHeaderTimeout = time.Minute
	return &live{strings.TrimSuffix(base, "/"), allowWrites, transport, &leftovers{}}
}

// itWrites is the reason to skip a case that writes.
const itWrites = "it writes; replay it with --allow-writes"

type live struct {
	base        string
	allowWrites bool
	transport   http.RoundTripper
	leftovers   *leftovers
}

func (t *live) World(_ context.Context, start Start) (World, error) {
	switch {
	case start.Writes && !t.allowWrites:
		return nil, &Skip{itWrites}
	case start.Clock:
		return nil, &Skip{"it moves the clock, which only a fake can do"}
	}
	if start.Receives && !loopback(t.base) {
		return nil, &Skip{"it waits for deliveries on this machine, which only a target on this machine can send"}
	}
	for _, host := range start.Hosts {
		if !strings.HasSuffix(t.base, "://"+host) {
			return nil, &Skip{"it asks " + host + ", which is not the target"}
		}
	}
	if !offered(start.Fake) {
		return nil, &Skip{"no credentials: no environment variable begins with " +
			recording.CredentialVariable(start.Fake, "", "")}
	}
	if lacking := t.lacking(start); len(lacking) > 0 {
		return nil, &Skip{"no credential: " + lacking[0].liveName(start.Fake) + " is not set"}
	}
	return &liveWorld{t, start}, nil
}

// lacking returns the callers of a case whose credential is not set.
func (t *live) lacking(start Start) (all []Principal) {
	for _, who := range start.Callers {
		if os.Getenv(who.liveName(start.Fake)) == "" {
			all = append(all, who)
		}
	}
	return all
}

// liveName returns the environment variable of a principal's credential, or of the secret that belongs to it.
func (who Principal) liveName(fakeName string) string {
	name := recording.CredentialVariable(fakeName, who.Principal, who.State)
	if who.Secret {
		name += "_SECRET"
	}
	return name
}

// offered reports whether the environment has any credential for a fake's vendor.
func offered(fakeName string) bool {
	prefix := recording.CredentialVariable(fakeName, "", "")
	return slices.ContainsFunc(os.Environ(), func(pair string) bool { return strings.HasPrefix(pair, prefix) })
}

type liveWorld struct {
	*live
	start Start
}

func (w *liveWorld) Base(string) string { return w.base }

func (w *liveWorld) Do(r *http.Request) (*http.Response, error) {
	quiet(r)
	send := w.transport.RoundTrip
	if w.start.LimitsOff { // the case is not about limits, but the service has them
		send = func(r *http.Request) (*http.Response, error) {
			return retryOn429(r.Context(), r, w.transport.RoundTrip)
		}
	}
	res, err := send(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return res, nil
}

func (w *liveWorld) Credential(principal, state string) (c fake.Credential, err error) {
	name := recording.CredentialVariable(w.start.Fake, principal, state)
	value := os.Getenv(name)
	if value == "" {
		return c, &Skip{"no credential: " + name + " is not set"}
	}
	return fake.Credential{Principal: principal, State: state, Value: value, Secret: os.Getenv(name + "_SECRET")}, nil
}

func (w *liveWorld) left() *leftovers          { return w.leftovers }
func (w *liveWorld) Literals() ([]byte, error) { return nil, nil }
func (w *liveWorld) Now() (time.Time, error)   { return time.Now(), nil }
func (w *liveWorld) Close() error              { return nil }

func (w *liveWorld) Advance(time.Duration) error {
	return errors.New("the real service's clock does not move")
}
