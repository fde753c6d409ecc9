package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
)

// webhookRefused is what a webhook that is not valid gets; the complaints themselves do not show
// (fixtures/twenty/metadata_webhooks_apikeys).
func webhookRefused(change string) *Refusal {
	return &Refusal{Status: 400, Report: &Report{Message: "Multiple validation errors occurred while " + change + " webhook"}}
}

var webhookMissing = &Refusal{Status: 400, Code: "WEBHOOK_NOT_FOUND", Message: "Webhook not found"}

// CreateWebhook makes a webhook of what a body says. Without operations it gets all events, without a
// secret one of its own; an empty secret stays and means that deliveries are not signed.
func (t *Tables) CreateWebhook(body map[string]any) (Webhook, error) {
	w, now := t.Workspace(), stamp(t.State.Now())
	hook := Webhook{ID: t.State.NewID(), Operations: []string{"*.*"}, WorkspaceID: w.ID, ApplicationID: w.CustomApplicationID, CreatedAt: now, UpdatedAt: now}
	sum := sha256.Sum256([]byte(t.State.NewID()))
	hook.Secret = hex.EncodeToString(sum[:])
	if id := text(body, "id"); id != nil && IsUUID(*id) {
		hook.ID = *id
	}
	if err := hook.apply(body); err != nil {
		return hook, err
	}
	if hook.TargetURL == "" {
		return hook, webhookRefused("creating")
	}
	return t.Webhooks.Insert(hook)
}

// UpdateWebhook changes what a body says.
func (t *Tables) UpdateWebhook(id string, body map[string]any) (Webhook, error) {
	if _, ok := t.Webhooks.Find(id); !ok {
		return Webhook{}, webhookMissing
	}
	return t.Webhooks.Update(id, func(hook Webhook) (Webhook, error) {
		if err := hook.apply(body); err != nil {
			return hook, err
		}
		if hook.TargetURL == "" {
			return hook, webhookRefused("updating")
		}
		hook.UpdatedAt = stamp(t.State.Now())
		return hook, nil
	})
}

// DeleteWebhook removes a webhook and returns it as it was.
func (t *Tables) DeleteWebhook(id string) (Webhook, error) {
	hook, ok := t.Webhooks.Find(id)
	if !ok {
		return hook, webhookMissing
	}
	t.Webhooks.Delete(id)
	return hook, nil
}

func (w *Webhook) apply(body map[string]any) error {
	if target, said := body["targetUrl"]; said {
		given, _ := target.(string)
		w.TargetURL = absolute(given)
	}
	if description := optional(body, "description"); description.Set {
		w.Description = description.Value
	}
	if secret := text(body, "secret"); secret != nil {
		w.Secret = *secret
	}
	operations, said := body["operations"]
	if !said || operations == nil {
		return nil
	}
	list, ok := operations.([]any)
	if !ok {
		given, _ := operations.(string)
		return &Refusal{Status: 400, Message: `malformed array literal: "` + given + `"`}
	}
	w.Operations = []string{}
	for _, one := range list {
		if name, ok := one.(string); ok {
			w.Operations = append(w.Operations, name)
		}
	}
	return nil
}

// absolute returns a target with its scheme, "" if it cannot be one.
func absolute(target string) string {
	target = strings.TrimSpace(target)
	if target == "" {
		return ""
	}
	if !strings.Contains(target, "://") {
		target = "https://" + target
	}
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || strings.ContainsAny(u.Host, " ") || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return target
}

// Wants reports whether the webhook asks for an event: its exact name, or a star for one of its two halves
// or for both. No other patterns exist.
func (w *Webhook) Wants(object, action string) bool {
	for _, one := range w.Operations {
		switch one {
		case object + "." + action, object + ".*", "*." + action, "*.*":
			return true
		}
	}
	return false
}
