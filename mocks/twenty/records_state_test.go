package twenty

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/google/go-cmp/cmp"
)

func TestRecordsSurviveASavedState(t *testing.T) {
	t.Parallel()
	from := NewServer(t, fake.WithSeed("default"))
	for line, body := range map[string]string{
		"POST /rest/people": `{"name":{"firstName":"Ada"},"phones":{"primaryPhoneNumber":"+33612345678",` +
			`"additionalPhones":[{"number":"+442079460958"}]},"emails":{"additionalEmails":["a@x.example"]}}`,
		"POST /rest/companies": `{"deletedAt":"2026-06-15T12:34:56.789Z",` +
			`"position":2.5,"linkedinLink":{"primaryLinkUrl":"https://l.example",` +
			`"secondaryLinks":[{"url":"https://s.example"}]}}`,
		"POST /rest/metadata/objects": `{"nameSingular":"rocket","namePlural":"rockets","labelSingular":"Rocket",` +
			`"labelPlural":"Rockets",` +
			`"icon":"IconRocket"}`,
	} {
		if status, text := ask(t, from, Key, line, body); status != 201 {
			t.Fatal(status, text)
		}
	}
	if status, text := ask(t, from, Key, "POST /rest/rockets", `{"name":"Ariane"}`); status != 201 {
		t.Fatal(status, text)
	}
	to := NewServer(t, fake.WithSeed("empty"))
	if err := to.World.Load(from.World.Dump()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(dump(t, from), dump(t, to)); diff != "" {
		t.Errorf("-saved +loaded\n%s", diff)
	}
	if status, text := ask(t, to, Key, "GET /rest/rockets", ""); status != 200 || !strings.Contains(text, "Ariane") {
		t.Error(status, text)
	}
}

func TestMetadataChangesRewriteRecords(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	if status, text := ask(t, srv, Key, "POST /rest/companies", `{"name":"Acme"}`); status != 201 {
		t.Fatal(status, text)
	}
	body := `{"objectMetadataId":"1effed75-5a5e-45da-9c11-a5ec750ce9a4","name":"tier","label":"Tier",` +
		`"type":"SELECT","defaultValue":"'A'","options":[{"label":"A","value":"A","color":"red","position":0},` +
		`{"label":"B","value":"B","color":"red","position":1}]}`
	status, text := ask(t, srv, Key, "POST /rest/metadata/fields", body)
	if status != 201 {
		t.Fatal(status, text)
	}
	var field struct{ ID string }
	if err := json.Unmarshal([]byte(text), &field); err != nil {
		t.Fatal(err)
	}
	if got := tierOf(t, srv); got != "A" {
		t.Errorf("a new field gives old records its default: got %v", got)
	}
	if status, text := ask(t, srv, Key, "DELETE /rest/metadata/fields/"+field.ID, ""); status != 200 {
		t.Fatal(status, text)
	}
	if got := tierOf(t, srv); got != nil {
		t.Errorf("a deleted field takes its values along: got %v", got)
	}
}

func tierOf(t *testing.T, srv *fake.TestServer) any {
	t.Helper()
	_, text := ask(t, srv, Key, "GET /rest/companies?limit=1", "")
	v, err := js.ParseJSON(text)
	if err != nil {
		t.Fatal(err)
	}
	list := js.Plain(v).(map[string]any)["data"].(map[string]any)["companies"].([]any)
	return list[0].(map[string]any)["tier"]
}
