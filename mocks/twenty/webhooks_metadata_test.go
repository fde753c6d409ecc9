package twenty

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// TestMetadataEventsAreTheRecordedOnes repeats a recorded conversation and compares the whole bodies.
// testdata/metadata-deliveries.jsonl has what the real server sent, but for identifiers and times, and without
// the kinds that the fake does not tell (see the package comment) and page layouts.
func TestMetadataEventsAreTheRecordedOnes(t *testing.T) {
	t.Parallel()
	srv, in := NewServer(t, fake.WithSeed("empty")), newInbox(t)
	create(t, srv, "/rest/metadata/webhooks", `{"targetUrl":"`+in.URL+`/meta","operations":["metadata.*.*"],"secret":"my-webhook-secret"}`)
	vessel := create(t, srv, "/rest/metadata/objects", `{"nameSingular":"vessel","namePlural":"vessels","labelSingular":"Vessel","labelPlural":"Vessels","icon":"IconShip"}`)
	tonnage := create(t, srv, "/rest/metadata/fields", `{"objectMetadataId":"`+vessel+`","type":"NUMBER","name":"tonnage","label":"Tonnage"}`)
	ask(t, srv, Key, "PATCH /rest/metadata/fields/"+tonnage, `{"label":"Gross tonnage"}`)
	ask(t, srv, Key, "POST /rest/vessels", `{"name":"Titanic"}`)
	ask(t, srv, Key, "DELETE /rest/metadata/objects/"+vessel, "")
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/metadata-deliveries.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSpace(string(text)), "\n")
	slices.Sort(want)
	if diff := cmp.Diff(want, toldKinds(in, "objectMetadata", "fieldMetadata", "view", "viewField")); diff != "" {
		t.Errorf("-recorded +got:\n%s", diff)
	}
}

// toldKinds are the deliveries of some kinds without what differs each time, sorted.
func toldKinds(in *inbox, kinds ...string) (out []string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, body := range in.got {
		body = strings.ReplaceAll(body, in.URL, "URL")
		body = recordedID.ReplaceAllString(recordedTime.ReplaceAllString(body, "TIME"), "ID")
		if slices.ContainsFunc(kinds, func(kind string) bool { return strings.Contains(body, `"metadataName":"`+kind+`"`) }) {
			out = append(out, body)
		}
	}
	slices.Sort(out)
	return out
}

var (
	recordedID   = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	recordedTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT[\d:.]+Z`)
)

// TestMetadataEventsGoToWhomTheyConcern asks over GraphQL and for parts of views.
func TestMetadataEventsGoToWhomTheyConcern(t *testing.T) {
	t.Parallel()
	srv, in := NewServer(t, fake.WithSeed("empty")), newInbox(t)
	create(t, srv, "/rest/metadata/webhooks", `{"targetUrl":"`+in.URL+`/a","operations":["metadata.objectMetadata.*","metadata.*.deleted"],"secret":""}`)
	create(t, srv, "/rest/metadata/webhooks", `{"targetUrl":"`+in.URL+`/b","operations":["company.*"],"secret":""}`)
	_, text := ask(t, srv, Key, "POST /metadata", `{"query":"mutation{createOneObject(input:{object:{nameSingular:\"boat\",namePlural:\"boats\",labelSingular:\"Boat\",labelPlural:\"Boats\"}}){id}}"}`)
	ask(t, srv, Key, "POST /metadata", `{"query":"mutation{createOneObject(input:{object:{nameSingular:\"boat\"}}){id}}"}`)
	ask(t, srv, Key, "GET /rest/metadata/objects", "")
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	if len(in.got) != 1 || !strings.Contains(in.got[0], `"eventName":"metadata.objectMetadata.created"`) {
		t.Errorf("%s\n%v", text, in.got)
	}
}
