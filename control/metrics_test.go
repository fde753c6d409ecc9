package control_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// sample is one line of the text format of Prometheus.
var sample = regexp.MustCompile(`^[a-z_:][a-z0-9_:]*(\{[a-zA-Z_]+="[^"]*"(, ?[a-zA-Z_]+="[^"]*")*\})? [-+0-9.e]+$`)

// TestMetricsCountRequests asks each fake once, rightly and wrongly, and looks for both.
func TestMetricsCountRequests(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for _, m := range members {
		w := g.world("POST /__admin/worlds", `{}`)
		m.put(g, w.of(t, m.fake, m.principal).Value, "x")
		m.list(g, "nobody")
	}
	_, text := g.ask("GET /metrics", "")
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "#") && !sample.MatchString(line) {
			t.Errorf("not a sample: %s", line)
		}
	}
	if n := strings.Count(text, "# TYPE mockserver_request_duration_seconds histogram\n"); n != 1 {
		t.Errorf("the type of the latencies is declared %d times", n)
	}
	for _, m := range members {
		for _, pattern := range []string{
			`mockserver_requests_total\{fake="` + m.fake +
				`",operation="[^"]+",status="20[01]",evidence="[a-z]+"\} 1\n`,
			`mockserver_requests_total\{fake="` + m.fake +
				`",operation="[^"]+",status="40[13]",evidence="[a-z]+"\} 1\n`,
			`mockserver_request_duration_seconds_bucket\{fake="` + m.fake + `",operation="[^"]+",le="\+Inf"\} [12]\n`,
			`mockserver_rows\{fake="` + m.fake + `"\} [1-9]`,
		} {
			if !regexp.MustCompile(pattern).MatchString(text) {
				t.Errorf("no %s", pattern)
			}
		}
	}
	worlds := fmt.Sprintf("\nmockserver_worlds %d\n", 1+len(members))
	if !strings.Contains(text, worlds) || !strings.Contains(text, "\nmockserver_bugs_total 0\n") {
		t.Errorf("worlds or bugs are not counted:\n%s", text)
	}
}

// TestMetricsAreGuarded like the control plane, and are not taken from a fake's own host.
func TestMetricsAreGuarded(t *testing.T) {
	t.Parallel()
	g := start(t, control.Options{Token: "t0k3n"})
	if status, _ := g.ask("GET /metrics", ""); status != 401 {
		t.Errorf("without a token: %d", status)
	}
	if status, text := g.ask("GET /metrics", "", "Authorization: Bearer t0k3n"); status != 200 {
		t.Errorf("with the token: %d %s", status, text)
	}
	if status, text := g.ask("GET /metrics", "", "Host: api.alpha.test"); status != 404 ||
		strings.Contains(text, "mockserver_") {
		t.Errorf("at a fake's host: %d %s", status, text)
	}
}
