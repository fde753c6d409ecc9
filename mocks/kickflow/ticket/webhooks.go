package ticket

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

type webhookBody struct {
	EventType string         `json:"eventType"`
	Tenant    webhookTenant  `json:"tenant"`
	User      *org.PlainUser `json:"user"`
	Data      any            `json:"data"`
}

type webhookTenant struct {
	ID       string `json:"id"`
	PublicID string `json:"publicId"`
	Name     string `json:"name"`
}

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
func (a *API) emit(r *fake.Request, event string, t Ticket) {
	a.send(r, event, t, func() any { return map[string]any{"ticket": a.ticketDetail(r, t, nil)} })
}

func (a *API) emitComment(r *fake.Request, event string, c Comment) {
	t, _ := a.Tickets.Find(c.TicketID)
	a.send(r, event, t, func() any {
		return map[string]any{"ticket": a.ticketWithSteps(t), "comment": a.commentView(r, c)}
	})
}

func (a *API) send(r *fake.Request, event string, t Ticket, data func() any) {
	w, _ := a.Workflows.Find(t.WorkflowVersionID)
	for h := range a.webhooks.All() {
		if (len(h.Events) == 0 || slices.Contains(h.Events, event)) &&
			(len(h.WorkflowCodes) == 0 || slices.Contains(h.WorkflowCodes, w.Code)) {
			a.deliver(h, webhookBody{EventType: event, User: a.Person(org.Caller(r).ID), Data: data()})
		}
	}
}

// deliver queues one event. The text that is signed and sent has &, < and > as \u0026, \u003c and
// \u003e, which is the default of encoding/json: documented.
func (a *API) deliver(h Webhook, body webhookBody) {
	firm := a.Settings()
	body.Tenant = webhookTenant{firm.ID, firm.PublicID, firm.Name}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain data can always be encoded
	}
	header := map[string]string{"Content-Type": "application/json", "User-Agent": "kickflow-Hookshot/v1",
		"X-Kickflow-Delivery": a.NewID()}
	if h.Secret != "" {
		mac := hmac.New(sha256.New, []byte(h.Secret))
		mac.Write(text)
		header["X-Kickflow-Signature"] = "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	a.Deliver(fake.Delivery{Event: body.EventType, URL: h.URL, Header: header, Body: string(text),
		Timeout: 10 * time.Second, Retries: waits()})
}

// Ping sends the event ping to a webhook.
func (a *API) Ping(webhookID, userID string) error {
	h, err := a.webhooks.Get(webhookID)
	if err == nil {
		a.deliver(h, webhookBody{EventType: "ping", User: a.Person(userID), Data: map[string]string{"message": "ping"}})
	}
	return err
}
