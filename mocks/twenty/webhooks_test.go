package twenty

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// inbox is a webhook target that keeps what it gets.
type inbox struct {
	URL  string
	mu   sync.Mutex
	got  []string
	head []http.Header
}

func newInbox(t *testing.T) *inbox {
	in := &inbox{}
	in.URL = fake.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		in.mu.Lock()
		defer in.mu.Unlock()
		in.got, in.head = append(in.got, string(body)), append(in.head, r.Header)
	}))
	return in
}

func TestRecordEventsAreDeliveredSigned(t *testing.T) {
	t.Parallel()
	srv, in := NewServer(t, fake.WithSeed("empty")), newInbox(t)
	create(t, srv, "/rest/metadata/webhooks", `{"targetUrl":"`+in.URL+`/hook","operations":["company.*"],"secret":"my-webhook-secret"}`)
	const id = "c0000000-0000-4000-8000-000000000001"
	for _, line := range []string{
		`POST /rest/companies {"id":"` + id + `","name":"Hooked"}`, `PATCH /rest/companies/` + id + ` {"name":"Hooked 2"}`,
		`POST /rest/people {"jobTitle":"not asked for"}`, `DELETE /rest/companies/` + id + `?soft_delete=true`,
		`PATCH /rest/restore/companies?filter=id[eq]:` + id + ` {}`, `DELETE /rest/companies/` + id, `POST /rest/companies {"stage":"refused"}`,
	} {
		method, rest, _ := strings.Cut(line, " ")
		path, body, _ := strings.Cut(rest, " ")
		ask(t, srv, Key, method+" "+path, body)
		if err := srv.Settle(); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"company.created", "company.updated", "company.deleted", "company.restored", "company.destroyed"}
	updated := map[string]string{"company.updated": `"updatedFields":["name"]`, "company.deleted": `"updatedFields":["deletedAt"]`, "company.restored": `"updatedFields":["deletedAt"]`}
	if len(in.got) != len(want) {
		t.Fatalf("%d deliveries: %s", len(in.got), in.got)
	}
	for i, name := range want {
		body, head := in.got[i], in.head[i]
		if !strings.HasPrefix(body, `{"targetUrl":"`+in.URL+`/hook","eventName":"`+name+`","objectMetadata":{"id":"1effed75-5a5e-45da-9c11-a5ec750ce9a4","nameSingular":"company"},"workspaceId":"`) || !strings.Contains(body, updated[name]) {
			t.Errorf("%s: %s", name, body)
		}
		mac := hmac.New(sha256.New, []byte("my-webhook-secret"))
		mac.Write([]byte(head.Get("X-Twenty-Webhook-Timestamp") + ":" + body))
		if got := head.Get("X-Twenty-Webhook-Signature"); got != hex.EncodeToString(mac.Sum(nil)) || len(head.Get("X-Twenty-Webhook-Nonce")) != 32 {
			t.Errorf("%s: headers %v", name, head)
		}
	}
}

func TestAnEmptySecretMeansThatDeliveriesAreNotSigned(t *testing.T) {
	t.Parallel()
	srv, in := NewServer(t, fake.WithSeed("empty")), newInbox(t)
	create(t, srv, "/rest/webhooks", `{"targetUrl":"`+in.URL+`","secret":""}`)
	ask(t, srv, Key, "POST /rest/companies", `{"name":"x"}`)
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	if len(in.head) != 1 || in.head[0].Get("X-Twenty-Webhook-Signature") != "" {
		t.Errorf("%v", in.head)
	}
}
