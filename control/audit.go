package control

import (
	"cmp"
	"context"
	"time"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/fake/world"
)

// auditRoutes lists what concerns the audit of one world; each line stands under /worlds/{name} as well.
func auditRoutes() []route {
	return []route{
		{"GET", "/audit", (*call).auditReport,
			"what clients did wrong although they got their answers, by page; client, rule and silence=rule=reason"},
		{"GET", "/audit/rules", (*call).auditRules, "the rules of the audit with their sources"},
		{"POST", "/audit/probe", (*call).probeWebhooks,
			"send each receiver of signed webhooks one with a wrong signature, for the audit"},
	}
}

// findingPage is the page of GET /audit without a limit in the query.
const findingPage = 100

// auditReport answers with what the clients of a world did wrong although they got their answers.
func (c *call) auditReport() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	p, err := c.paging(findingPage)
	if err != nil {
		return nil, err
	}
	silences, err := audit.ParseSilences(c.r.URL.Query()["silence"])
	if err != nil {
		return nil, badRequest("silence: %v", err)
	}
	report, err := c.plane.srv.Audit(w, audit.Options{Silences: append(silences, c.plane.options.Silences...),
		Client: c.r.FormValue("client"), Rule: c.r.FormValue("rule")})
	if err != nil {
		return nil, badRequest("%v", err)
	}
	byRule := map[string]int{}
	for _, f := range report.Findings {
		byRule[f.Rule]++
	}
	c.linkNext(p, len(report.Findings))
	return map[string]any{"world": w.Name, "findings": page(report.Findings, p), "rules": byRule,
		"silenced": report.Silenced, "dropped": report.Dropped,
		"meta": map[string]int{"total": len(report.Findings)}}, nil
}

// auditRules answers with all rules.
func (c *call) auditRules() (any, error) { return map[string]any{"rules": audit.Rules()}, nil }

// probeTimeout bounds how long a probe waits for the receivers.
const probeTimeout = 30 * time.Second

// probeWebhooks sends each receiver of signed webhooks one with a wrong signature and waits for the answers.
func (c *call) probeWebhooks() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	sent := 0
	if err := w.Open(); err != nil {
		return nil, c.storeProblem(err)
	}
	turn := world.Turn{Writes: true, Do: func() { sent, err = c.plane.srv.ProbeWebhooks(w) }}
	if err = cmp.Or(c.storeProblem(w.Use(&turn)), err); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), probeTimeout)
	defer cancel()
	return map[string]any{"world": w.Name, "sent": sent}, c.plane.srv.Settle(ctx)
}
