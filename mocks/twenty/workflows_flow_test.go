package twenty

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

const condition = `stepFilterGroups: [{id: "g", logicalOperator: "AND"}], stepFilters: [{type: "TEXT",
	stepOutputKey: "{{trigger.properties.after.name}}", operand: "CONTAINS", value: "Lead", stepFilterGroupId: "g"}]`

// ranStep is what a run says about one of its steps.
type ranStep struct {
	Status  string
	Result  json.RawMessage
	Error   string
	History []ranStep
}

func (s ranStep) String() string {
	text := s.Status + s.Error
	if len(s.Result) > 0 {
		text += " " + string(s.Result)
	}
	for _, h := range s.History {
		text += " < " + h.String()
	}
	return text
}

// ran returns the state of the newest run, and what it says about each of its steps in the order of their names.
func ran(t *testing.T, srv *fake.TestServer) string {
	t.Helper()
	_, got := ask(t, srv, Key, "GET /rest/workflowRuns?order_by=position&limit=1&filter=workflowId[eq]:"+flowID, "")
	var answer struct {
		Data struct {
			WorkflowRuns []struct {
				Status string
				State  struct{ StepInfos map[string]ranStep }
			}
		}
	}
	if err := json.Unmarshal([]byte(got), &answer); err != nil || len(answer.Data.WorkflowRuns) == 0 {
		t.Fatal(err, got)
	}
	run := answer.Data.WorkflowRuns[0]
	lines := []string{run.Status}
	for _, id := range strings.Split("abcdef", "") {
		if s, ok := run.State.StepInfos[id]; ok {
			lines = append(lines, id+": "+s.String())
		}
	}
	return strings.Join(lines, "\n")
}

// TestFlowsOfSteps follows forks, joins and loops. Known from the vendor's public source.
func TestFlowsOfSteps(t *testing.T) {
	t.Parallel()
	fork := step("a", "IF_ELSE", `{`+condition+`, branches: [{id: "yes", filterGroupId: "g", nextStepIds: ["b"]},
		{id: "no", nextStepIds: ["c"]}]}`)
	empty := func(id string, next ...string) string { return step(id, "EMPTY", "{}", next...) }
	loop := func(items, first string) string {
		return step("a", "ITERATOR", `{items: `+items+`, initialLoopStepIds: [`+first+`]}`, `"d"`)
	}
	for _, c := range []struct {
		name, company string
		steps         []string
		want          string
	}{
		{"a branch whose condition holds", "Lead", []string{fork, empty("b", `"d"`), empty("c", `"d"`), empty("d")},
			"COMPLETED\na: SUCCESS {\"matchingBranchId\":\"yes\"}\nb: SUCCESS {}\nc: SKIPPED\nd: SUCCESS {}"},
		{"the branch without a condition", "Acme", []string{fork, empty("b"), empty("c", `"d"`), empty("d")},
			"COMPLETED\na: SUCCESS {\"matchingBranchId\":\"no\"}\nb: SKIPPED\nc: SUCCESS {}\nd: SUCCESS {}"},
		{"no branch", "Acme", []string{step("a", "IF_ELSE", `{branches: []}`)},
			"FAILED\na: FAILEDIf-else action must have at least one branch"},
		{"a join waits for both", "Acme", []string{empty("a", `"b"`, `"c"`), empty("b", `"d"`), empty("c", `"e"`),
			empty("e", `"d"`), empty("d")},
			"COMPLETED\na: SUCCESS {}\nb: SUCCESS {}\nc: SUCCESS {}\nd: SUCCESS {}\ne: SUCCESS {}"},
		{"a loop", "Acme", []string{loop(`["x", "y"]`, `"b"`), empty("b", `"a"`), empty("d")},
			"COMPLETED\n" +
				"a: SUCCESS {\"currentItemIndex\":2,\"hasProcessedAllItems\":true}" +
				" < RUNNING {\"currentItem\":\"x\",\"currentItemIndex\":0,\"hasProcessedAllItems\":false}" +
				" < RUNNING {\"currentItem\":\"y\",\"currentItemIndex\":1,\"hasProcessedAllItems\":false}\n" +
				"b: SUCCESS {} < SUCCESS {}\nd: SUCCESS {}"},
		{"a loop over nothing", "Acme", []string{loop(`"[]"`, `"b"`), empty("b", `"a"`), empty("d")},
			"COMPLETED\na: SUCCESS {\"currentItemIndex\":0,\"hasProcessedAllItems\":true}\nb: SKIPPED\nd: SUCCESS {}"},
		{"a loop over no list", "Acme", []string{loop(`"x"`, `"b"`), empty("b", `"a"`), empty("d")},
			"FAILED\na: FAILEDIterator input items must be an array\nb: NOT_STARTED\nd: NOT_STARTED"},
		{"a filter in a loop", "Acme", []string{loop(`["x", "Lead"]`, `"b"`), step("b", "FILTER",
			`{stepFilterGroups: [], stepFilters: [{stepOutputKey: "{{a.currentItem}}", operand: "IS", value: "Lead"}]}`,
			`"c"`), empty("c", `"a"`), empty("d")},
			"COMPLETED\n" +
				"a: SUCCESS {\"currentItemIndex\":2,\"hasProcessedAllItems\":true}" +
				" < RUNNING {\"currentItem\":\"x\",\"currentItemIndex\":0,\"hasProcessedAllItems\":false}" +
				" < RUNNING {\"currentItem\":\"Lead\",\"currentItemIndex\":1,\"hasProcessedAllItems\":false}\n" +
				"b: SUCCESS {\"matchesFilter\":true} < STOPPED {\"matchesFilter\":false}\n" +
				"c: SUCCESS {} < SKIPPED\nd: SUCCESS {}"},
		{"a delay of no kind", "Acme", []string{step("a", "DELAY", `{delayType: "LONG"}`)},
			"FAILED\na: FAILEDInvalid delay type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
			workflowOf(t, srv, credential(t, srv, "tim", "valid"), flowID, onCompany, c.steps...)
			ask(t, srv, Key, "POST /rest/companies", `{"name":"`+c.company+`"}`)
			if diff := gocmp.Diff(c.want, ran(t, srv)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestDelaysOfSteps moves the clock of the world until a delay in a loop is over twice.
func TestDelaysOfSteps(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
	workflowOf(t, srv, credential(t, srv, "tim", "valid"), flowID, onCompany,
		step("a", "ITERATOR", `{items: [1, 2], initialLoopStepIds: ["b"]}`, `"d"`),
		step("b", "DELAY", `{delayType: "DURATION", duration: {days: 0, hours: 1, minutes: 0, seconds: 0}}`, `"c"`),
		step("c", "UPSERT_RECORD", `{objectName: "person", objectRecord: {jobTitle: "Late {{a.currentItem}}",
			emails: {primaryEmail: "late@x.example"}}}`, `"a"`), step("d", "EMPTY", "{}"))
	ask(t, srv, Key, "POST /rest/companies", `{"name":"Acme"}`)
	for i, want := range []string{"RUNNING", "RUNNING", "COMPLETED"} {
		if i > 0 {
			srv.World.Advance(time.Hour + time.Second)
		}
		if got, _, _ := strings.Cut(ran(t, srv), "\n"); got != want {
			t.Errorf("after %d hours: %s, want %s: %s", i, got, want, ran(t, srv))
		}
	}
	_, got := ask(t, srv, Key, "GET /rest/people?filter=jobTitle[startsWith]:Late", "")
	if !strings.Contains(got, `"totalCount":1`) || !strings.Contains(got, `"jobTitle":"Late 2"`) {
		t.Errorf("the second item did not update the record of the first: %s", got)
	}
}

// TestWebhooksStartWorkflows calls the webhook of a workflow before and after its activation and deactivation.
func TestWebhooksStartWorkflows(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
	tim := credential(t, srv, "tim", "valid")
	version := workflowOf(t, srv, tim, flowID, `{type: "WEBHOOK", settings: {}, nextStepIds: ["a"]}`,
		step("a", "CREATE_RECORD", `{objectName: "note", objectRecord: {title: "From {{trigger.who}}"}}`))
	const workspace = "8339630f-eab4-48cf-ad12-013c1158d97a"
	path := "/webhooks/workflows/" + workspace + "/" + flowID
	status, got := ask(t, srv, "", "POST "+path, `{"who":"outside"}`)
	if want := regexp.MustCompile(`^{"success":true,"workflowName":"W","workflowRunId":"[-0-9a-f]{` +
		`36}"}$`); status != 200 ||
		!want.MatchString(got) {
		t.Errorf("%d %s", status, got)
	}
	if _, notes := ask(t, srv, Key, "GET /rest/notes", ""); !strings.Contains(notes, `"title":"From outside"`) {
		t.Error(notes)
	}
	ask(t, srv, tim, "POST /graphql", fmt.Sprintf(
		`{"query":"mutation{deactivateWorkflowVersion(workflowVersionId:\"%s\")}"}`, version))
	status, got = ask(t, srv, "", "GET "+path, "")
	want := `{"statusCode":400,"error":"Error","messages":["[Webhook trigger] Workflow version ` + version +
		` is not active in workspace ` + workspace + `"],"code":"INVALID_WORKFLOW_STATUS"}`
	if status != http.StatusBadRequest || got != want {
		t.Errorf("%d %s", status, got)
	}
}

// TestAStepWritesListsOfObjects creates a person with further phones and a company with further links.
func TestAStepWritesListsOfObjects(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ object, record, path, want string }{
		{"person", `{phones: {primaryPhoneNumber: "30901820", primaryPhoneCountryCode: "DE", additionalPhones: ` +
			`[{number: "30901821", countryCode: "DE", callingCode: "+49"}]}}`, "/rest/people",
			`"additionalPhones":[{"number":"30901821","callingCode":"+49","countryCode":"DE"}]`},
		{"company", `{name: "N", domainName: {primaryLinkUrl: "a.example", secondaryLinks: ` +
			`[{url: "b.example", label: "B"}]}}`, "/rest/companies",
			`"secondaryLinks":[{"url":"b.example","label":"B"}]`},
	} {
		srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
		workflowOf(t, srv, credential(t, srv, "tim", "valid"), flowID,
			`{type: "WEBHOOK", settings: {}, nextStepIds: ["a"]}`,
			step("a", "CREATE_RECORD", `{objectName: "`+tt.object+`", objectRecord: `+tt.record+`}`))
		ask(t, srv, "", "POST /webhooks/workflows/8339630f-eab4-48cf-ad12-013c1158d97a/"+flowID, `{}`)
		if _, got := ask(t, srv, Key, "GET "+tt.path, ""); !strings.Contains(got, tt.want) {
			t.Errorf("%s: %s lacks %s", tt.object, got, tt.want)
		}
	}
}

// TestSchedulesStartWorkflows moves the clock over the times of a schedule.
func TestSchedulesStartWorkflows(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, true))
	srv.World.Set(time.Date(2027, 1, 1, 9, 58, 30, 0, time.UTC))
	tim := credential(t, srv, "tim", "valid")
	version := workflowOf(t, srv, tim, flowID,
		`{type: "CRON", settings: {type: "MINUTES", schedule: {minute: 20}}, nextStepIds: ["a"]}`,
		step("a", "CREATE_RECORD", `{objectName: "note", objectRecord: {title: "N"}}`))
	notes := func() int {
		_, got := ask(t, srv, Key, "GET /rest/notes", "")
		return strings.Count(got, `"title":"N"`)
	}
	for _, c := range []struct {
		wait time.Duration
		want int
	}{{0, 0}, {2 * time.Minute, 1}, {15 * time.Minute, 1}, {time.Hour, 4}} {
		srv.World.Advance(c.wait)
		if got := notes(); got != c.want {
			t.Errorf("%v later there are %d notes, want %d", c.wait, got, c.want)
		}
	}
	_, got := ask(t, srv, Key, "GET /rest/workflowAutomatedTriggers?filter=type[eq]:CRON", "")
	if !strings.Contains(got, `"settings":{"pattern":"*/20 * * * *"}`) {
		t.Error(got)
	}
	ask(t, srv, tim, "POST /graphql", fmt.Sprintf(
		`{"query":"mutation{deactivateWorkflowVersion(workflowVersionId:\"%s\")}"}`, version))
	srv.World.Advance(time.Hour)
	if got := notes(); got != 4 {
		t.Errorf("%d notes after the end of the schedule", got)
	}
}

// TestTriggersOfActivation refuses triggers that cannot start anything.
func TestTriggersOfActivation(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	version := workflowOf(t, srv, tim, flowID, `{type: "MANUAL"}`, step("a", "EMPTY", "{}"))
	draft := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(queried(t, srv, tim,
		`mutation { createDraftFromWorkflowVersion(input: {workflowId: "`+flowID+
			`", workflowVersionIdToCopy: "`+version+`"}) { id } }`))[1]
	for trigger, want := range map[string]string{
		`{name: "x"}`:              "No trigger type provided",
		`{type: "NOPE"}`:           "Invalid trigger type for enabling workflow trigger",
		`{type: "CRON"}`:           "No setting type provided in cron trigger",
		`{type: "DATABASE_EVENT"}`: "No event name provided in database event trigger",
		`{type: "CRON", settings: {type: "WEEKS"}}`: "Invalid setting " +
			"type provided in cron trigger",
		`{type: "CRON", settings: {type: "CUSTOM"}}`: "No pattern " +
			"provided in CUSTOM cron trigger",
		`{type: "CRON", settings: {type: "CUSTOM", pattern: "every day"}}`: "Cron pattern " +
			"'every day' is invalid",
		`{type: "CRON", settings: {type: "CUSTOM", pattern: "@daily"}}`: "Cron pattern " +
			"'@daily' is invalid",
		`{type: "CRON", settings: {type: "DAYS"}}`: "No schedule " +
			"provided in cron trigger",
		`{type: "CRON", settings: {type: "DAYS", schedule: {day: 0, hour: 1, minute: 1}}}`: "Invalid day " +
			"value. Should be integer greater than 1",
		`{type: "CRON", settings: {type: "DAYS", schedule: {day: 1, hour: 24, minute: 1}}}`: "Invalid hour " +
			"value. Should be integer between 0 and 23",
		`{type: "CRON", settings: {type: "HOURS", schedule: {hour: 1, minute: 60}}}`: "Invalid minute " +
			"value. Should be integer between 0 and 59",
	} {
		queried(t, srv, tim, `mutation { updateWorkflowVersion(id: "`+draft+`", data: {trigger: `+trigger+`}) { id } }`)
		got := queried(t, srv, tim, `mutation { activateWorkflowVersion(workflowVersionId: "`+draft+`") }`)
		whole := fmt.Sprintf(`{"errors":[{"message":%q,"extensions":{"subCode":"INVALID_WORKFLOW_TRIGGER",`+
			`"userFriendlyMessage":%q,"code":"BAD_USER_INPUT"}}],"data":null}`, want, want)
		if diff := gocmp.Diff(whole, got); diff != "" {
			t.Errorf("%s -want +got\n%s", trigger, diff)
		}
	}
}

func queried(t *testing.T, srv *fake.TestServer, token, text string) string {
	t.Helper()
	_, got := ask(t, srv, token, "POST /graphql", fmt.Sprintf(`{"query":%q}`, text))
	return got
}

// TestBuildingFlows makes loops and forks step by step, connects and moves steps, and copies a workflow. Identifiers
// that the server makes are numbered in the order in which they appear.
func TestBuildingFlows(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	queried(t, srv, tim, `mutation { createWorkflow(data: {id: "`+flowID+`", name: "W"}) { id } }`)
	version := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(queried(t, srv, tim,
		`{ workflowVersions(filter: {workflowId: {eq: "`+flowID+`"}}) { edges { node { id } } } }`))[1]
	queried(t, srv, tim, `mutation { updateWorkflowVersion(id: "`+version+
		`", data: {trigger: {type: "MANUAL", settings: {}}}) { id } }`)
	numbers, uuid := map[string]string{version: "<version>"}, regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[`+
		`0-9a-f]{12}`)
	// a step as it is made, and as it is read from the database
	const made = `"settings":{"outputSchema":{},"errorHandlingOptions":{"continueOnFailure":{"value":false},` +
		`"retryOnFailure":{"value":false}},"input":`
	const read = `,"outputSchema":{},"errorHandlingOptions":{"retryOnFailure":{"value":false},` +
		`"continueOnFailure":{"value":false}}}`
	unfiltered := func(message, user string) string {
		return `{"errors":[{"message":"` + message + `","extensions":{"code":"INTERNAL_SERVER_ERROR",` +
			`"userFriendlyMessage":"` + user + `"}}],"data":null}`
	}
	noStep := func(message string) string {
		return `{"errors":[{"message":"` + message + `","extensions":{"subCode":"NOT_FOUND",` +
			`"userFriendlyMessage":"Workflow step not found.","code":"NOT_FOUND"}}],"data":null}`
	}
	for _, c := range []struct{ name, text, want string }{
		{"a loop brings an empty step", `mutation { createWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", stepType: "ITERATOR", parentStepId: "trigger", id: "loop", position: {x: 1, y: 2}}) { stepsDiff } }`,
			`{"data":{"createWorkflowVersionStep":{"stepsDiff":[{"path":["steps"],"type":"CHANGE",` +
				`"value":[{"id":"loop","position":{"x":1,"y":2},"valid":false,"name":"Iterator","type":"ITERATOR",` +
				made + `{"initialLoopStepIds":["<1>"],"items":[]}}},{"id":"<1>","position":{"x":175,"y":85},` +
				`"valid":true,"name":"Add an Action","type":"EMPTY",` + made +
				`{}},"nextStepIds":["loop"]}],"oldValue":null}]}}}`},
		{"a step inside the loop", `mutation { createWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", stepType: "DELAY", parentStepId: "loop", id: "wait", parentStepConnectionOptions:
			{connectedStepType: "ITERATOR", settings: {shouldInsertToLoop: true}}}) { triggerDiff stepsDiff } }`,
			`{"data":{"createWorkflowVersionStep":{"triggerDiff":[],"stepsDiff":[{"type":"CREATE","path":["steps",0,` +
				`"settings","input","initialLoopStepIds",1],"value":"wait"},{"type":"CREATE","path":["steps",2],` +
				`"value":{"id":"wait","valid":false,"name":"Delay","type":"DELAY",` + made +
				`{"delayType":"DURATION","duration":{"days":0,"hours":0,"minutes":0,"seconds":0}}}}}]}}}`},
		{"a connection", `mutation { createWorkflowVersionEdge(input: {workflowVersionId: "` + version +
			`", source: "wait", target: "loop"}) { triggerDiff stepsDiff } }`,
			`{"data":{"createWorkflowVersionEdge":{"triggerDiff":[],"stepsDiff":[{"type":"CREATE",` +
				`"path":["steps",2,"nextStepIds"],"value":["loop"]}]}}}`},
		{"the connection again", `mutation { createWorkflowVersionEdge(input: {workflowVersionId: "` + version +
			`", source: "wait", target: "loop"}) { triggerDiff stepsDiff } }`,
			`{"data":{"createWorkflowVersionEdge":{"triggerDiff":[],"stepsDiff":[]}}}`},
		{"a connection from the trigger goes", `mutation { deleteWorkflowVersionEdge(input: {workflowVersionId: "` +
			version + `", source: "trigger", target: "loop"}) { triggerDiff stepsDiff } }`,
			`{"data":{"deleteWorkflowVersionEdge":{"triggerDiff":[{"type":"REMOVE","path":["trigger",` +
				`"nextStepIds",0],"oldValue":"loop"}],"stepsDiff":[]}}}`},
		{"no target", `mutation { createWorkflowVersionEdge(input: {workflowVersionId: "` + version +
			`", source: "wait", target: "nope"}) { stepsDiff } }`,
			`{"errors":[{"message":"Target step 'nope' not found in workflowVersion '<version>'",` +
				`"extensions":{"subCode":"NOT_FOUND","userFriendlyMessage":"Workflow edge not found.",` +
				`"code":"NOT_FOUND"}}],"data":null}`},
		{"positions", `mutation { updateWorkflowVersionPositions(input: {workflowVersionId: "` + version +
			`", positions: [{id: "trigger", position: {x: 5, y: 6}}, {id: "wait", position: {x: 7, y: 8}}]}) }`,
			`{"data":{"updateWorkflowVersionPositions":true}}`},
		{"a copy", `mutation { duplicateWorkflow(input: {workflowIdToDuplicate: "` + flowID +
			`", workflowVersionIdToCopy: "` + version + `"}) { id name status trigger steps } }`,
			`{"data":{"duplicateWorkflow":{"id":"<2>","name":"v1","status":"DRAFT","trigger":{"type":"MANUAL",` +
				`"position":{"x":5,"y":6},"settings":{},"nextStepIds":[]},"steps":[{"id":"<3>","name":"Iterator",` +
				`"type":"ITERATOR","valid":false,"position":{"x":1,"y":2},"settings":{"input":{"items":[],` +
				`"initialLoopStepIds":["<4>","<5>"]}` + read + `},{"id":"<4>","name":"Add an Action","type":"EMPTY",` +
				`"valid":true,"position":{"x":175,"y":85},"settings":{"input":{}` + read + `,"nextStepIds":["<3>"]},` +
				`{"id":"<5>","name":"Delay","type":"DELAY","valid":false,"position":{"x":7,"y":8},"settings":{` +
				`"input":{"duration":{"days":0,"hours":0,"minutes":0,"seconds":0},"delayType":"DURATION"}` + read +
				`,"nextStepIds":["<3>"]}]}}}`},
		{"a copy of nothing", `mutation { duplicateWorkflow(input: {workflowIdToDuplicate: "` + version +
			`", workflowVersionIdToCopy: "` + version + `"}) { id } }`,
			unfiltered("Source workflow not found", "Workflow step not found.")},
		{"a draft of another workflow's version", `mutation { createDraftFromWorkflowVersion(input: {workflowId: "` +
			version + `", workflowVersionIdToCopy: "` + version + `"}) { id } }`,
			unfiltered("WorkflowVersion to copy not found", "Workflow step not found.")},
		{"a change of no step", `mutation { updateWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", step: {id: "nope"}}) { id } }`, noStep("Step not found")},
		{"the end of no step", `mutation { deleteWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", stepId: "nope"}) { stepsDiff } }`, noStep("Can't delete not existing step")},
		{"a step that is replaced", `mutation { updateWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", step: {id: "wait", type: "DELAY", name: "W", settings: {}}}) { id name nextStepIds } }`,
			`{"data":{"updateWorkflowVersionStep":{"id":"wait","name":"W","nextStepIds":null}}}`},
		{"a step without settings", `mutation { updateWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", step: {id: "wait", type: "DELAY", name: "W"}}) { id settings } }`,
			unfiltered("Cannot return null for non-nullable field WorkflowAction.settings.", "An error occurred.")},
		{"the end of the trigger", `mutation { deleteWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", stepId: "trigger"}) { triggerDiff stepsDiff } }`,
			`{"data":{"deleteWorkflowVersionStep":{"triggerDiff":[{"path":["trigger"],"type":"CHANGE","value":null,` +
				`"oldValue":{"type":"MANUAL","position":{"x":5,"y":6},"settings":{},"nextStepIds":[]}}],` +
				`"stepsDiff":[]}}}`},
		{"a step behind no trigger", `mutation { createWorkflowVersionStep(input: {workflowVersionId: "` + version +
			`", stepType: "FORM", parentStepId: "trigger"}) { stepsDiff } }`,
			`{"errors":[{"message":"Cannot insert step from undefined trigger","extensions":{` +
				`"subCode":"INVALID_REQUEST","userFriendlyMessage":"Invalid workflow step request.",` +
				`"code":"BAD_USER_INPUT"}}],"data":null}`},
		{"a draft without a trigger", `mutation { createDraftFromWorkflowVersion(input: {workflowId: "` + flowID +
			`", workflowVersionIdToCopy: "` + version + `"}) { id } }`,
			unfiltered("Workflow version does not contain trigger", "Workflow version does not contain trigger")},
	} {
		got := uuid.ReplaceAllStringFunc(queried(t, srv, tim, c.text), func(id string) string {
			if numbers[id] == "" {
				numbers[id] = fmt.Sprintf("<%d>", len(numbers))
			}
			return numbers[id]
		})
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}
