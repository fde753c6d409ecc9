package unfriendly_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/examples/unfriendly"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

type client interface {
	Emails(context.Context) ([]string, error)
}

// start starts a fake with the variations of a setting, and both clients.
func start(t *testing.T, setting string) (*fake.TestServer, map[string]client) {
	srv := kickflow.NewServer(t, fake.WithUnfriendly(setting))
	return srv, map[string]client{
		"good": unfriendly.Good{URL: srv.URL, Token: kickflow.AdminToken,
			Wait: func(d time.Duration) { srv.Advance(d) }},
		"bad": unfriendly.Bad{URL: srv.URL, Token: kickflow.AdminToken},
	}
}

// TestEachVariationIsCaught tries each variation with some seeds: the good client always gets all users, the bad client
// fails with one seed at least.
func TestEachVariationIsCaught(t *testing.T) {
	_, clients := start(t, "off")
	want, err := clients["good"].Emails(t.Context())
	if err != nil || len(want) < 5 {
		t.Fatalf("%v, %v", want, err)
	}
	if usual, err := clients["bad"].Emails(t.Context()); err != nil || len(usual) != len(want) {
		t.Fatalf("without variations both work: %v, %v", usual, err)
	}
	for _, variation := range []string{"key-order", "unknown-field", "absent-null", "time-fraction", "small-page",
		"list-order", "row-inserted", "limit", "gateway", "slow"} {
		caught := 0
		for seed := range 12 {
			_, clients := start(t, fmt.Sprintf("%d:%s", seed, variation))
			got, err := clients["good"].Emails(t.Context())
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, seed %d: the good client got %v, %v", variation, seed, got, err)
			}
			_, clients = start(t, fmt.Sprintf("%d:%s", seed, variation))
			if got, err := clients["bad"].Emails(t.Context()); err != nil || !slices.Equal(got, usual(t)) {
				caught++
			}
		}
		if caught == 0 {
			t.Errorf("%s: the bad client was never caught", variation)
		}
	}
}

// usual is what the bad client gets from a server that answers as usual.
func usual(t *testing.T) []string {
	_, clients := start(t, "off")
	got, err := clients["bad"].Emails(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestTheAuditTellsThemApart has no need of variations: the bad client gets its answers, and is reported.
func TestTheAuditTellsThemApart(t *testing.T) {
	srv, clients := start(t, "off")
	clients["good"].Emails(t.Context())
	srv.Audit(t)
	srv, clients = start(t, "off")
	clients["bad"].Emails(t.Context())
	report, err := srv.Server.Audit(srv.World, audit.Options{})
	if err != nil || len(report.Findings) == 0 || !strings.HasPrefix(report.Findings[0].String(),
		"page-url-built: kickflow admin") {
		t.Errorf("%v, %v", report.Findings, err)
	}
}
