package ticket

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

const attempts = 10 // retries after the first attempt: documented

// waits returns exponentially growing delays: documented. The first delay is assumed.
func waits() (all []time.Duration) {
	for i := range attempts {
		all = append(all, 30*time.Second<<i)
	}
	return all
}

// WebhookOps makes the tables of webhooks and adds their operations.
func (a *API) WebhookOps(fake.Ops) {
	a.webhooks = fake.NewTable(a.State, "webhooks", func(h Webhook) string { return h.ID },
		func(h *Webhook) { dialect.SetID(a, &h.ID) })
}

// emit sends an event of a ticket to the webhooks of its workflow.
func (a *API) emit(r *fake.Request, event string, t *Ticket) {
	a.send(r, event, t, func() fake.Raw { return dialect.Object(nil).Add("ticket", a.ticketDetail(r, t, nil)).Raw() })
}

func (a *API) emitComment(r *fake.Request, event string, c *Comment) {
	t := &a.Tickets.Row(c.TicketID).Value
	a.send(r, event, t, func() fake.Raw {
		return dialect.Object(nil).Add("comment", a.commentView(r, c)).Add("ticket", a.ticketWithSteps(t)).Raw()
	})
}

func (a *API) send(r *fake.Request, event string, t *Ticket, data func() fake.Raw) {
	code := a.workflow(t).Code
	for h := range a.webhooks.All() {
		if (len(h.Events) == 0 || slices.Contains(h.Events, event)) &&
			(len(h.WorkflowCodes) == 0 || slices.Contains(h.WorkflowCodes, code)) {
			a.deliver(h, event, org.Caller(r).ID, data())
		}
	}
}

// deliver queues one event. The text that is signed and sent has &, < and > as \u0026, \u003c and
// \u003e, which is the default of encoding/json: documented.
func (a *API) deliver(h Webhook, event, userID string, data fake.Raw) {
	tenant := dialect.Fields(a.Settings(), "plan", "ownProxies", "requestsPerMinute").Raw()
	var text bytes.Buffer
	json.HTMLEscape(&text, dialect.Object(nil).Add("eventType", event).Add("tenant", tenant).
		Add("user", a.Person(userID)).Add("data", data).Raw())
	header := map[string]string{"Content-Type": "application/json", "User-Agent": "kickflow-Hookshot/v1",
		"X-Kickflow-Delivery": a.NewID()}
	if h.Secret != "" {
		header["X-Kickflow-Signature"] = "sha256=" + signature(h.Secret, text.Bytes())
	}
	a.Deliver(fake.Delivery{Event: event, URL: h.URL, Header: header, Body: text.String(),
		Timeout: 10 * time.Second, Retries: waits()})
}

// Ping sends the event ping to a webhook.
func (a *API) Ping(webhookID, userID string) error {
	h, err := a.webhooks.Get(webhookID)
	if err == nil {
		a.deliver(h, "ping", userID, dialect.Object(nil).Add("message", "ping").Raw())
	}
	return err
}
