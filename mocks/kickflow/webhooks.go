package kickflow

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Webhook sends events of workflows to an address; webhooks are set up on the vendor's screens only.
type Webhook struct {
	ID            string   `json:"id"`
	URL           string   `json:"url"`
	Secret        string   `json:"secret,omitempty"`        // without one nothing is signed
	Events        []string `json:"events,omitempty"`        // ping, ticket_opened, comment_created …; none = all
	WorkflowCodes []string `json:"workflowCodes,omitempty"` // none = all
}

type webhookBody struct {
	EventType string        `json:"eventType"`
	Tenant    webhookTenant `json:"tenant"`
	User      *plainUser    `json:"user"`
	Data      any           `json:"data"`
}

type webhookTenant struct {
	ID       string `json:"id"`
	PublicID string `json:"publicId"`
	Name     string `json:"name"`
}

const attempts = 10 // further ones, after the first: documented

// waits grow exponentially: documented. Where they begin is assumed.
func waits() (all []time.Duration) {
	for i := range attempts {
		all = append(all, 30*time.Second<<i)
	}
	return all
}

func (k *api) webhookOps(fake.Ops) {
	k.webhooks = fake.NewTable(k.State, "webhooks", func(h Webhook) string { return h.ID }, func(h *Webhook) { k.name(&h.ID) })
}

// emit tells the webhooks of a ticket's workflow what happened to it.
func (k *api) emit(r *fake.Request, event string, t Ticket) {
	k.send(r, event, t, func() any { return map[string]any{"ticket": k.ticketDetail(r, t, nil)} })
}

func (k *api) emitComment(r *fake.Request, event string, c Comment) {
	t, _ := k.tickets.Find(c.TicketID)
	k.send(r, event, t, func() any { return map[string]any{"ticket": k.ticketWithSteps(t), "comment": k.commentView(r, c)} })
}

func (k *api) send(r *fake.Request, event string, t Ticket, data func() any) {
	w, _ := k.workflows.Find(t.WorkflowVersionID)
	for h := range k.webhooks.All() {
		if (len(h.Events) == 0 || slices.Contains(h.Events, event)) && (len(h.WorkflowCodes) == 0 || slices.Contains(h.WorkflowCodes, w.Code)) {
			k.deliver(h, webhookBody{EventType: event, User: k.person(caller(r).ID), Data: data()})
		}
	}
}

// deliver queues one event. The text that is signed and sent writes &, < and > as \u0026, \u003c and
// \u003e, as encoding/json does by itself: documented.
func (k *api) deliver(h Webhook, body webhookBody) {
	firm := k.firm()
	body.Tenant = webhookTenant{firm.ID, firm.PublicID, firm.Name}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // plain data always encodes
	}
	header := map[string]string{"Content-Type": "application/json", "User-Agent": "kickflow-Hookshot/v1", "X-Kickflow-Delivery": k.NewID()}
	if h.Secret != "" {
		mac := hmac.New(sha256.New, []byte(h.Secret))
		mac.Write(text)
		header["X-Kickflow-Signature"] = "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	k.Deliver(fake.Delivery{Event: body.EventType, URL: h.URL, Header: header, Body: string(text), Timeout: 10 * time.Second, Retries: waits()})
}
