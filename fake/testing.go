package fake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake/listen"
)

// TB is the part of *testing.T that a test server uses.
type TB interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
	Failed() bool
	Cleanup(func())
}

// Option configures NewServer.
type Option func(*setup)

type setup struct {
	options Config
	rows    []func(*State) error
	seed    string
}

// WithSeed selects another seed of the fake than "default".
func WithSeed(name string) Option { return func(c *setup) { c.seed = name } }

// WithLimits turns the vendor's rate limits on, which are off in test servers.
func WithLimits() Option { return func(c *setup) { c.options.Settings.LimitsOff = false } }

// WithFeature sets one of the vendor's features; the fake's package documents their names.
func WithFeature(name string, on bool) Option {
	return func(c *setup) { c.options.Settings.Features[name] = on }
}

// WithUnfriendly varies the answers in ways that the vendor may, by a seed; see package unfriendly.
// The environment variable MOCKSERVER_UNFRIENDLY, which mockserver shrink sets, takes precedence.
func WithUnfriendly(setting string) Option {
	return func(c *setup) { c.options.Settings.Unfriendly = setting }
}

// WithoutAnswerChecks leaves out the check of every answer against the document. Servers for
// benchmarks use it; internal errors of the fake still fail the test.
func WithoutAnswerChecks() Option { return func(c *setup) { c.options.CheckAnswers = false } }

// WithState runs do on the State after its seed, as one write. The fakes' typed options use it.
func WithState(do func(*State) error) Option { return func(c *setup) { c.rows = append(c.rows, do) } }

// WithRows adds rows to a table after the seed.
func WithRows[T any](table string, rows ...T) Option {
	return WithState(func(s *State) error {
		t := TableOf[T](s, table)
		if t == nil {
			return fmt.Errorf("%s has no table %q with rows of %T%s", s.Fake(), table, *new(T),
				Hint(table, slices.Sorted(maps.Keys(s.RowTypes()))))
		}
		for _, row := range rows {
			if _, err := t.Insert(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// TestServer is one fake on a loopback port, for one test. It has the methods of its world:
// Advance, Freeze, Reset, SetBaseline, Diff, ChangesSince, Rewind, Dump, Load, Faults, Journal.
type TestServer struct {
	URL string
	*App
}

// NewServer starts a fake on a loopback port and stops it when the test ends. Rate limits are off.
// An answer that breaks the fake's document, or an internal error of the fake, fails the test. A
// failed test prints the journal.
func NewServer(tb TB, def *Def, opts ...Option) *TestServer {
	tb.Helper()
	var mu sync.Mutex
	ended := false
	app, err := newApp(def, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			tb.Errorf("%v", err)
		}
	}, opts)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(func() {
		app.Close()
		mu.Lock()
		ended = true
		mu.Unlock()
		if tb.Failed() {
			printJournal(tb, app.World)
		}
	})
	return &TestServer{Serve(tb, app.Server.Handler(def.Name)), app}
}

// Serve serves a handler, such as a receiver of webhooks, on a loopback port until the test ends,
// and returns its URL.
func Serve(tb TB, h http.Handler) string {
	tb.Helper()
	url, stop, err := listen.Serve(h)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	tb.Cleanup(stop)
	return url
}

func printJournal(tb TB, w *World) {
	entries, dropped := w.Journal.Entries()
	tb.Logf("journal: %d requests, %d dropped", len(entries), dropped)
	for _, e := range entries {
		why := ""
		if e.Rejection != nil {
			why = fmt.Sprintf("  (%s; %s: %s)", e.Rejection.Rule, e.Rejection.Evidence, e.Rejection.Source)
		}
		tb.Logf("%s %s %s → %d%s", e.ID, e.Method, e.URL, e.Status, why)
	}
}

// Settle waits up to ten seconds until no webhook request is in flight.
func (t *TestServer) Settle() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return t.Server.Settle(ctx)
}

// Rows returns the rows of a table as JSON, bypassing the API.
func (t *TestServer) Rows(table string) []json.RawMessage {
	return t.State.Dump(table)
}
