package twenty

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

func (a *api) listWebhooks(*fake.Request) (any, error) {
	out := []schema.Webhook{}
	for hook := range a.tables.Webhooks.All() {
		out = append(out, hook)
	}
	return out, nil
}

func (a *api) getWebhook(r *fake.Request) (any, error) {
	hook, ok := a.tables.Webhooks.Find(r.Path("id"))
	if !ok {
		return nothing(r)
	}
	return hook, nil
}

func (a *api) createWebhook(r *fake.Request) (any, error) {
	hook, err := a.tables.CreateWebhook(object(r))
	if err != nil {
		return nil, webhookError(err)
	}
	return hook, nil
}

func (a *api) updateWebhook(r *fake.Request) (any, error) {
	hook, err := a.tables.UpdateWebhook(r.Path("id"), object(r))
	if err != nil {
		return nil, webhookError(err)
	}
	return hook, nil
}

// deleteWebhook answers with a bare true, as a page: fixtures/twenty/metadata_webhooks_apikeys.
func (a *api) deleteWebhook(r *fake.Request) (any, error) {
	if _, err := a.tables.DeleteWebhook(r.Path("id")); err != nil {
		return nil, webhookError(err)
	}
	r.SetHeader("Content-Type", "text/html; charset=utf-8")
	return &fake.Response{Body: []byte("true")}, nil
}

// webhookError hides the complaints of a validation behind their count, as the server does for webhooks.
func webhookError(err error) error {
	var no *schema.ChangeError
	if !errors.As(err, &no) || no.Report == nil {
		return restError(err)
	}
	e := refuse(no.Status, no.Report.Message)
	e.Rule, e.Source = "a webhook needs a target", "fixtures/twenty/metadata_webhooks_apikeys"
	e.Body = plainBody{StatusCode: no.Status, Error: "WorkspaceMigrationBuilderException",
		Messages: []string{no.Report.Message}}
	return e
}

// delivery is the body of a webhook request, in the order of its keys: the reference file of deliveries.
type delivery struct {
	TargetURL      string          `json:"targetUrl"`
	EventName      string          `json:"eventName"`
	ObjectMetadata deliveredObject `json:"objectMetadata"`
	WorkspaceID    string          `json:"workspaceId"`
	WebhookID      string          `json:"webhookId"`
	EventDate      string          `json:"eventDate"`
	UserID         string          `json:"userId,omitempty"`
	MemberID       string          `json:"workspaceMemberId,omitempty"`
	Record         *record.Record  `json:"record"`
	UpdatedFields  []string        `json:"updatedFields,omitempty"`
}

type deliveredObject struct {
	ID           string `json:"id"`
	NameSingular string `json:"nameSingular"`
}

// tell sends an event to the webhooks that subscribe to it. There are no events for timeline
// activities.
func (a *api) tell(e record.Event) {
	if e.Model.NameSingular == "timelineActivity" {
		return
	}
	for _, hook := range a.servedWebhooks() {
		if hook.Wants(e.Model.NameSingular, e.Action) {
			a.deliver(hook, e)
		}
	}
}

func (a *api) servedWebhooks() []schema.Webhook {
	return a.tables.ServedWebhooks(a.World().Enabled(worker))
}

func (a *api) deliver(hook schema.Webhook, e record.Event) {
	body := delivery{TargetURL: hook.TargetURL, EventName: e.Model.NameSingular + "." + e.Action,
		ObjectMetadata: deliveredObject{e.Model.ID, e.Model.NameSingular},
		WorkspaceID:    hook.WorkspaceID, WebhookID: hook.ID,
		EventDate: a.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		Record:    e.Record, UpdatedFields: e.Updated}
	if e.Caller != nil && e.Caller.User != nil {
		body.UserID, body.MemberID = e.Caller.User.ID, e.Caller.User.WorkspaceMemberID
	}
	raw := record.WithoutFileURLs(jsText(body))
	a.Deliver(fake.Delivery{Event: body.EventName, URL: hook.TargetURL, Body: raw, Timeout: 5 * time.Second,
		Follow: true, Header: a.signed(hook.Secret, raw)})
}

// jsText encodes a value as JavaScript does, which escapes no HTML.
func jsText(v any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // plain data
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// signed returns the headers of a delivery. An empty secret means that it is not signed.
func (a *api) signed(secret, body string) map[string]string {
	header := map[string]string{"Content-Type": "application/json", "Accept": "application/json, text/plain, */*",
		"User-Agent": "axios/1.17.0"}
	if secret == "" {
		return header
	}
	stamp := strconv.FormatInt(a.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + ":" + body))
	header["X-Twenty-Webhook-Timestamp"] = stamp
	header["X-Twenty-Webhook-Signature"] = hex.EncodeToString(mac.Sum(nil))
	header["X-Twenty-Webhook-Nonce"] = strings.ReplaceAll(a.NewID(), "-", "")
	return header
}
