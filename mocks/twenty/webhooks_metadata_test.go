package twenty

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestMetadataEventsGoToWhomTheyConcern asks over GraphQL and for parts of views.
func TestMetadataEventsGoToWhomTheyConcern(t *testing.T) {
	t.Parallel()
	srv, in := NewServer(t, fake.WithSeed("empty")), newInbox(t)
	create(t, srv, "/rest/metadata/webhooks",
		`{"targetUrl":"`+in.URL+`/a","operations":["metadata.objectMetadata.*","metadata.*.deleted"],"secret":""}`)
	create(t, srv, "/rest/metadata/webhooks", `{"targetUrl":"`+in.URL+`/b","operations":["company.*"],"secret":""}`)
	_, text := ask(t, srv, Key, "POST /metadata",
		`{"query":"mutation{createOneObject(input:{object:{nameSingular:\"boat\",namePlural:\"boats\",`+
			`labelSingular:\"Boat\",labelPlural:\"Boats\"}}){id}}"}`)
	ask(t, srv, Key, "POST /metadata",
		`{"query":"mutation{createOneObject(input:{object:{nameSingular:\"boat\"}}){id}}"}`)
	ask(t, srv, Key, "GET /rest/metadata/objects", "")
	if err := srv.Settle(); err != nil {
		t.Fatal(err)
	}
	if len(in.got) != 1 || !strings.Contains(in.got[0], `"eventName":"metadata.objectMetadata.created"`) {
		t.Errorf("%s\n%v", text, in.got)
	}
}
