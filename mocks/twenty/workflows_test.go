package twenty

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// workflowOf makes a workflow with one trigger and steps, activates it and returns the id of its version.
func workflowOf(t *testing.T, srv *fake.TestServer, tim, id, trigger string, steps ...string) string {
	t.Helper()
	run := func(document string) string {
		_, out := ask(t, srv, tim, "POST /graphql", fmt.Sprintf(`{"query":%q}`, document))
		return out
	}
	run(`mutation { createWorkflow(data: {id: "` + id + `", name: "W"}) { id } }`)
	found := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(
		run(`{ workflowVersions(filter: {workflowId: {eq: "` + id + `"}}) { edges { node { id } } } }`))
	if found == nil {
		t.Fatal("no version")
	}
	run(`mutation { updateWorkflowVersion(id: "` + found[1] + `", data: {trigger: ` + trigger + `}) { id } }`)
	writeSteps(t, srv, found[1], steps)
	if got := run(`mutation { activateWorkflowVersion(workflowVersionId: "` + found[1] + `") }`); !strings.Contains(
		got, "true") {
		t.Fatal(got)
	}
	return found[1]
}

// writeSteps stores the steps of a version as the server does, which lets clients add one by one only.
func writeSteps(t *testing.T, srv *fake.TestServer, version string, steps []string) {
	t.Helper()
	keys := regexp.MustCompile(`([{,]\s*)(\w+):\s*`)
	data, err := js.ParseJSON(`{"steps": [` + keys.ReplaceAllString(strings.Join(steps, ","), `$1"$2": `) + `]}`)
	if err == nil {
		err = srv.State.Change(func() error {
			a := fake.Of[api](srv.State)
			_, err := write.NewScope(t.Context(), a.records, nil, a.tables.Schema().Singular("workflowVersion")).
				Update(version, data.(*js.Object))
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
}

const (
	onCompany = `{type: "DATABASE_EVENT", settings: {eventName: "company.created"}, nextStepIds: ["a"]}`
	flowID    = "b0000000-0000-4000-8000-00000000000a"
)

func step(id, kind, input string, next ...string) string {
	return fmt.Sprintf(`{id: %q, name: "S", type: %q, valid: true, settings: {input: %s}, nextStepIds: [%s]}`,
		id, kind, input, strings.Join(next, ","))
}

func TestRunsOfWorkflows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []string
		want  []string
	}{
		{"a step that calls out", []string{step("a", "HTTP_REQUEST", `{url: "http://x.test"}`, `"b"`), step("b",
			"FIND_RECORDS", `{objectName: "note"}`)},
			[]string{`"status":"FAILED"`, `"error":"steps of type HTTP_REQUEST are not in this fake"`,
				`"b":{"status":"NOT_STARTED"}`}},
		{"a workflow that starts itself", []string{step("a", "CREATE_RECORD",
			`{objectName: "company", objectRecord: {name: "again"}}`)},
			[]string{`"name":"#10 - W"`, `"totalCount":11`}},
		{"a value as it is",
			[]string{step("a", "UPDATE_RECORD",
				`{objectName: "company", objectRecordId: "{{trigger.recordId}}", objectRecord: {address:
			"{{trigger.properties.after.address}}", name: "other"}, fieldsToUpdate: ["address"]}`)},
			[]string{`"name":"Acme"`, `"status":"COMPLETED"`}},
		{"an object that is not there", []string{step("a", "FIND_RECORDS", `{objectName: "nope"}`)},
			[]string{"the workspace has no object nope"}},
		{"a record that is deleted", []string{step("a", "DELETE_RECORD",
			`{objectName: "company", objectRecordId: "{{trigger.recordId}}"}`)}, []string{`"status":"COMPLETED"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
			workflowOf(t, srv, credential(t, srv, "tim", "valid"), flowID, onCompany, c.steps...)
			ask(t, srv, Key, "POST /rest/companies", `{"name":"Acme"}`)
			_, got := ask(t, srv, Key, "GET /rest/workflowRuns?order_by=name", "")
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %s in %.3000s", want, got)
				}
			}
		})
	}
}

// TestWorkflowsLiveInTheirWorld checks that without a worker a run waits, and that a rewind undoes
// a run and its workflow still listens.
func TestWorkflowsLiveInTheirWorld(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
	workflowOf(t, srv, credential(t, srv, "tim", "valid"), flowID, onCompany, step("a", "CREATE_RECORD",
		`{objectName: "note", objectRecord: {title: "N"}}`))
	ask(t, srv, "", "GET /healthz", "")
	entries, _ := srv.World.Journal.Entries()
	notes := func(world string) int {
		_, got := ask(t, srv, Key, "GET "+world+"/rest/notes", "")
		return strings.Count(got, `"title":"N"`)
	}
	fork, err := srv.Server.NewWorld("fork", fake.Settings{}, srv.World)
	if err != nil {
		t.Fatal(err)
	}
	ask(t, srv, Key, "POST /rest/companies", `{"name":"Acme"}`)
	if got := notes(""); got != 1 {
		t.Errorf("%d notes after an event", got)
	}
	if _, err := srv.World.Rewind(entries[len(entries)-1].ID); err != nil {
		t.Fatal(err)
	}
	if got := notes(""); got != 0 {
		t.Errorf("%d notes after a rewind", got)
	}
	ask(t, srv, Key, "POST /rest/companies", `{"name":"Acme"}`)
	if got := notes(""); got != 1 {
		t.Errorf("%d notes after a rewind and an event", got)
	}
	ask(t, srv, Key, "POST /__world/fork/rest/companies", `{"name":"Acme"}`)
	if got := notes("/__world/fork"); got != map[bool]int{true: 1, false: 0}[fork.Enabled(worker)] {
		t.Errorf("%d notes in the fork", got)
	}
}
