package twenty

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// fixtures/twenty/rest_timeline_activities_async
func TestTheWorkerWritesWhatHappensOnTheTimeline(t *testing.T) {
	t.Parallel()
	const company, note = "c0000000-0000-4000-8000-000000000001", "e0000000-0000-4000-8000-000000000001"
	run := func(srv *fake.TestServer) string {
		ask(t, srv, Key, "POST /rest/companies", `{"id":"`+company+`","name":"Timeline Inc"}`)
		ask(t, srv, Key, "PATCH /rest/companies/"+company, `{"name":"Timeline Ltd"}`)
		ask(t, srv, Key, "POST /rest/notes", `{"id":"`+note+`","title":"N"}`)
		ask(t, srv, Key, "POST /rest/noteTargets", `{"noteId":"`+note+`","targetCompanyId":"`+company+`"}`)
		_, body := ask(t, srv, Key, "GET /rest/timelineActivities", "")
		return body
	}
	body := run(NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true)))
	for _, want := range []string{`"totalCount":4`, `"name":"company.created"`,
		`"properties":{"diff":{"name":{"after":"Timeline Ltd","before":"Timeline Inc"}}}`,
		`"name":"note.created"`, `"name":"linked-note.created"`, `"linkedRecordCachedName":"N","linkedRecordId":"` +
			note + `"`, `"targetNoteId":"` + note + `"`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in %s", want, body)
		}
	}
	if body := run(NewServer(t, fake.WithSeed("empty"))); !strings.Contains(body, `"totalCount":0`) {
		t.Errorf("without the worker: %s", body)
	}
}
