package contracts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Target is a server that cases are replayed against.
type Target interface {
	// World creates a new world for one case. A *Skip error says why the case cannot be replayed
	// here; the error wraps ErrUnreachable if nothing answers.
	World(ctx context.Context, start Start) (World, error)
}

// Start is the state in which a case begins.
type Start struct {
	Case      string
	Fake      string
	Seed      string
	LimitsOff bool // with limits, the clock of a world in this process stands still but for advance
	Features  map[string]bool
	Writes    bool        // whether the case may change something
	Clock     bool        // whether the case moves the clock
	Receives  bool        // whether the case waits for deliveries on a loopback port
	Hosts     []string    // further hosts of the vendor in the case
	Callers   []Principal // principals whose credentials the case sends
}

// World is where one case is replayed.
type World interface {
	// Base returns the origin, and the path prefix if any, of the fake. host is the vendor's host
	// name that the case uses; "" for the usual one.
	Base(host string) string
	// Do sends a request. It does not follow redirects.
	Do(*http.Request) (*http.Response, error)
	// Credential returns the credential of a principal of the seed; the default state is valid.
	Credential(principal, state string) (fake.Credential, error)
	// Literals returns the rows that the world started with, as JSON, or nil if they are unknown.
	Literals() ([]byte, error)
	// Now returns the world's time.
	Now() (time.Time, error)
	// Advance moves the world's clock.
	Advance(time.Duration) error
	Close() error
}

// refuser is a World that knows which of its rules rejected the latest request. The rule explains a
// difference in a report; no verdict depends on it.
type refuser interface {
	rejection() *fake.Rejection // nil if no rule did
}

// ErrUnreachable means that no target answered.
var ErrUnreachable = errors.New("target unreachable")

// Skip is the reason why a case cannot be replayed against a target.
type Skip struct{ Reason string }

func (s *Skip) Error() string { return s.Reason }

// find returns the credential of a principal in a state.
func find(all []fake.Credential, principal, state string) (fake.Credential, error) {
	if state == "" {
		state = "valid"
	}
	var known []string
	for _, c := range all {
		if c.Principal == principal && c.State == state {
			return c, nil
		}
		if one := c.Principal + " (" + c.State + ")"; !slices.Contains(known, one) {
			known = append(known, one)
		}
	}
	return fake.Credential{}, fmt.Errorf("no %s credential of %q; known: %s", state, principal,
		strings.Join(known, ", "))
}
