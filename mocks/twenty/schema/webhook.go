package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// webhookRefused returns the error for an invalid webhook, which does not include the messages
// (fixtures/twenty/metadata_webhooks_apikeys).
func webhookRefused(change string) *ChangeError {
	return &ChangeError{Status: 400,
		Report: &Report{Message: "Multiple validation errors occurred while " + change + " webhook"}}
}

var webhookMissing = &ChangeError{Status: 400, Code: "WEBHOOK_NOT_FOUND", Message: "Webhook not found"}

// CreateWebhook creates a webhook from a body. Without operations it gets all events, without a
// secret a generated one; an empty secret means that deliveries are not signed.
func (t *Tables) CreateWebhook(body map[string]any) (Webhook, error) {
	w, now := t.Workspace(), stamp(t.State.Now())
	all := "*.*"
	hook := Webhook{ID: t.chosenID(body), Operations: []*string{&all}, WorkspaceID: w.ID,
		ApplicationID: w.CustomApplicationID, CreatedAt: now, UpdatedAt: now}
	sum := sha256.Sum256([]byte(t.State.NewID()))
	hook.Secret = hex.EncodeToString(sum[:])
	if target, ok := targetOf(body["targetUrl"]); ok {
		hook.TargetURL = target
	} else {
		return hook, webhookRefused("creating")
	}
	if body["secret"] == nil {
		body = maps.Clone(body)
		delete(body, "secret")
	}
	if err := hook.apply(body); err != nil {
		return hook, err
	}
	if _, taken := t.Webhooks.Find(hook.ID); taken {
		return hook, alreadyThere(hook.ID)
	}
	if why := badID("webhook", hook.ID, false); why != "" {
		return hook, &ChangeError{Status: 400, Message: why}
	}
	return t.Webhooks.Insert(hook)
}

// UpdateWebhook applies the changes in a body.
func (t *Tables) UpdateWebhook(id string, body map[string]any) (Webhook, error) {
	if _, ok := t.Webhooks.Find(id); !ok {
		return Webhook{}, webhookMissing
	}
	return table.Update(t.Webhooks, id, func(was Webhook) (Webhook, error) {
		hook := was
		if target, said := body["targetUrl"]; said && target != nil {
			url, ok := targetOf(target)
			if !ok {
				return hook, webhookRefused("updating")
			}
			hook.TargetURL = url
		} else if said {
			return hook, webhookNull("targetUrl")
		}
		if err := hook.apply(body); err != nil {
			return hook, err
		}
		if !reflect.DeepEqual(hook, was) { // kind_webhook_urls 48 to 51
			hook.UpdatedAt = stamp(t.State.Now())
		}
		return hook, nil
	})
}

// workerCache is what the queue worker keeps of the webhooks. A world has one.
type workerCache struct {
	ID       string    `json:"id"`
	Webhooks []Webhook `json:"webhooks"`
	UsedAt   time.Time `json:"usedAt"`
}

// cacheLifetime is how long the worker keeps what it has read since it last needed it.
const cacheLifetime = 10 * time.Second

// ServedWebhooks returns the webhooks to which an event is sent. A queue worker reads them into its memory and keeps
// them while not more than ten seconds pass from one event to the next, so that a webhook that was made, changed or
// deleted in between is served as it was (fixtures/twenty/kind_webhook_deliveries 41; that each use prolongs it is
// known from the vendor's public source). Without a worker they are as they are.
func (t *Tables) ServedWebhooks(worker bool) []Webhook {
	now, all := t.State.Now(), slices.Collect(t.Webhooks.All())
	if !worker {
		return all
	}
	cache, ok := t.workerCaches.Find("webhooks")
	if !ok || now.Sub(cache.UsedAt) > cacheLifetime {
		cache = workerCache{ID: "webhooks", Webhooks: all}
	}
	cache.UsedAt = now
	t.workerCaches.Delete(cache.ID)
	if _, err := t.workerCaches.Insert(cache); err != nil {
		return all
	}
	return cache.Webhooks
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

// apply sets the values that the database stores unchanged.
func (w *Webhook) apply(body map[string]any) error {
	if description, said := body["description"]; said {
		w.Description = columnText(tidied(description))
	}
	if secret, said := body["secret"]; said {
		text := columnText(secret)
		if text == nil {
			return webhookNull("secret")
		}
		w.Secret = *text
	}
	operations, said := body["operations"]
	if !said {
		return nil
	}
	switch list := operations.(type) {
	case nil:
		return webhookNull("operations")
	case []any:
		w.Operations = []*string{}
		for _, one := range list {
			w.Operations = append(w.Operations, columnText(one))
		}
	default:
		given := *columnText(operations)
		if given != "{}" { // the database's empty array
			return &ChangeError{Status: 400, Message: `malformed array literal: "` + given + `"`}
		}
		w.Operations = []*string{}
	}
	return nil
}

// webhookNull is the database's refusal of a column without a value: kind_webhook_urls 34, 41 and 45.
func webhookNull(column string) *ChangeError {
	return &ChangeError{Status: 400, Message: isNull("webhook", column)}
}

// columnText is what the database driver writes into a text column: kind_webhook_urls 35, 36, 47 and 58.
func columnText(v any) *string {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return &v
	}
	raw, _ := json.Marshal(v) // decoded JSON
	text := string(raw)
	return &text
}

// targetOf returns the address of a webhook as new URL(address).toString() writes it, and whether it is one of
// HTTP: kind_webhook_urls 0 to 28.
func targetOf(v any) (string, bool) {
	text, _ := v.(string)
	u, err := js.ParseURL(text)
	if err != nil || u.Scheme() != "http" && u.Scheme() != "https" {
		return "", false
	}
	return u.Href(false), true
}

// Wants reports whether the webhook asks for an event: its exact name, or a star for one of its two halves
// or for both. No other patterns exist.
func (w *Webhook) Wants(object, action string) bool {
	return w.asks(object+"."+action, object+".*", "*."+action, "*.*")
}

// WantsMetadata reports whether the webhook asks for an event of the data model, which is named
// metadata.<kind>.<action>.
func (w *Webhook) WantsMetadata(kind, action string) bool {
	return w.asks("metadata."+kind+"."+action, "metadata."+kind+".*", "metadata.*."+action, "metadata.*.*", "*.*")
}

func (w *Webhook) asks(names ...string) bool {
	return slices.ContainsFunc(w.Operations,
		func(one *string) bool { return one != nil && slices.Contains(names, *one) })
}
