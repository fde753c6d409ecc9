package control

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// handler handles one request to the control plane. Its result is encoded as JSON with status 200;
// nil is a 204, a *reply is sent as it is, and a *problem is an error for the client.
type handler func(*call) (any, error)

// route is one entry of the routing table.
type route struct {
	method, path string
	do           handler
	about        string
}

// ofWireMock reports whether WireMock has the route: its clients reject unknown keys.
func (r route) ofWireMock() bool {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
	switch first {
	case "mappings", "scenarios", "files", "near-misses", "recordings", "settings", "reset":
		return true
	}
	return first == "requests" && !slices.Contains(ownRequests, rest)
}

// ownRequests are the routes below /requests that WireMock does not have.
var ownRequests = []string{"export", "wait", "lines", "{id}/explain", "{id}/changes", "{id}/export", "{id}/send"}

// serverRoutes lists the routes of the whole server.
func serverRoutes() []route {
	return []route{
		{"GET", "", (*call).index, "this list"},
		{"GET", "/health", (*call).health, "whether the process answers"},
		{"GET", "/ready", (*call).ready, "whether all fakes are built"},
		{"GET", "/version", (*call).version, "which build this is"},
		{"GET", "/worlds", (*call).listWorlds, "all worlds with their sizes; names=true for their names alone"},
		{"POST", "/worlds", (*call).makeWorld, "a new world, from seeds or as a fork of another"},
		{"GET", "/worlds/{name}", inSequence((*call).world), "one world"},
		{"PUT", "/worlds/{name}", (*call).putWorld,
			"that world, made first if there is none; the body is that of POST /worlds"},
		{"DELETE", "/worlds/{name}", inSequence((*call).dropWorld), "drop a world"},
		{"GET", "/seeds", (*call).seeds, "the seeds of each fake"},
		{"GET", "/openapi.yaml", (*call).openapi, "the document of the control plane"},
		{"GET", "/fidelity", (*call).fidelity,
			"every operation with its evidence; used=true for those that a world has used"},
		{"GET", "/events", (*call).events, "what happens in all worlds, as server-sent events"},
		{"GET", "/worlds/{name}/events", inSequence((*call).events),
			"what happens in one world, as server-sent events"},
		{"GET", "/worlds/{name}/fidelity", inSequence((*call).fidelity), "the same of one world"},
	}
}

// worldRoutes lists the routes of one world; each is available under /worlds/{name} as well.
func worldRoutes() []route {
	return []route{
		{"POST", "/reset", (*call).reset, "the seeds again; journal, faults and limits are cleared"},
		{"GET", "/settings", (*call).settings, "the world's settings"},
		{"PUT", "/settings", (*call).changeSettings, "change some of them"},
		{"POST", "/settings", (*call).changeSettings, "the same, as WireMock clients ask"},
		{"GET", "/requests", (*call).listRequests, "the journal, newest first"},
		{"DELETE", "/requests", (*call).clearRequests, "forget the journal"},
		{"POST", "/requests/reset", (*call).clearRequests, "the same, as older WireMock clients ask"},
		{"POST", "/requests/remove", (*call).removeRequests, "forget the requests that match a pattern"},
		{"GET", "/requests/lines", (*call).requestLines, "the journal in short, newest first, with filters"},
		{"POST", "/requests/find", (*call).findRequests, "requests that match a pattern"},
		{"POST", "/requests/count", (*call).countRequests, "how many requests match a pattern"},
		{"POST", "/requests/wait", (*call).waitForRequests, "wait until requests match a pattern"},
		{"GET", "/requests/unmatched", (*call).unmatchedRequests,
			"requests that no operation has, with the nearest one"},
		{"GET", "/requests/export", (*call).exportRequests,
			"the journal as har or curl, or of one fake as a case (a zip)"},
		{"GET", "/requests/{id}", (*call).request, "one request"},
		{"DELETE", "/requests/{id}", (*call).removeRequest, "forget one request"},
		{"GET", "/requests/{id}/explain", (*call).explain,
			"the rules that a request broke, with their evidence, and the nearest valid request"},
		{"GET", "/journal", (*call).journalRequests, "the journal with what this server knows besides, oldest first"},
		{"POST", "/journal/find", (*call).findRequests, "the same of the requests that match a pattern"},
		{"GET", "/journal/unmatched", (*call).unmatchedRequests,
			"the same of the requests that no operation has, with the nearest one"},
		{"GET", "/journal/{id}", (*call).request, "the same of one request"},
		{"GET", "/state", (*call).state, "all rows, in the format of seeds, as JSON or YAML"},
		{"PUT", "/state", (*call).putState, "replace the rows of the fakes in the body"},
		{"GET", "/diff", (*call).diff, "what differs from another world (with) or an earlier request (since)"},
		{"POST", "/rewind", (*call).rewind, "undo every write after a request"},
		{"GET", "/clock", (*call).clock, "the world's time"},
		{"PUT", "/clock", (*call).putClock, "set, freeze or thaw the clock"},
		{"POST", "/clock/freeze", (*call).freezeClock, "stop the clock, at a time if one is given"},
		{"POST", "/clock/thaw", (*call).thawClock, "let the clock run on"},
		{"POST", "/clock/set", (*call).setClock, "move the clock to a time; answers what ran"},
		{"POST", "/clock/advance", (*call).advanceClock, "move the clock by a duration; answers what ran"},
		{"GET", "/clock/due", (*call).clockDue, "the jobs that wait for the clock"},
		{"GET", "/clock/ran", (*call).clockRan, "the jobs that the last move of the clock ran, by page"},
		{"GET", "/faults", (*call).listFaults, "the rules for faults with their counters, and the faults by name"},
		{"POST", "/faults", (*call).addFault, "a rule for a fault"},
		{"DELETE", "/faults", (*call).clearFaults, "drop all rules"},
		{"DELETE", "/faults/{id}", (*call).removeFault, "drop one rule"},
		{"GET", "/deliveries", (*call).deliveries, "the log of webhook deliveries"},
		{"POST", "/deliveries/{id}/redeliver", (*call).redeliver, "send a webhook delivery again"},
		{"GET", "/requests/{id}/changes", (*call).requestChanges, "the rows before and after a request"},
		{"GET", "/requests/{id}/export", (*call).exportRequest, "one request as curl, har, go or case"},
		{"POST", "/requests/{id}/send", (*call).resend, "send a request again"},
		{"GET", "/stories", (*call).listStories, "the stories, and those that are played"},
		{"GET", "/stories/{story}", (*call).story, "the steps of a story, with what came of them in a world"},
		{"POST", "/stories/{story}/start", (*call).startStory, "start a story in a world, made if need be"},
		{"POST", "/stories/{story}/step", (*call).stepStory, "take the next step of a story"},
		{"POST", "/stories/{story}/play", (*call).playStory, "take the steps of a story until it ends or waits"},
		{"GET", "/rows", (*call).rows, "the rows of a table by page, or the tables"},
		{"GET", "/rows/{fake}/{table}/{id}", (*call).row, "one row with its relations and its history"},
	}
}

// stubRoutes lists what concerns the stubs of one world; each line stands under /worlds/{name} as well.
func stubRoutes() []route {
	return []route{
		{"GET", "/requests/unmatched/near-misses", (*call).nearUnmatched, "the stubs that these come nearest to"},
		{"POST", "/requests/remove-by-metadata", (*call).removeRequestsByMetadata,
			"forget the requests that stubs with certain metadata answered"},
		{"GET", "/mappings", (*call).listMappings, "the stubs, newest first"},
		{"POST", "/mappings", (*call).addMapping, "a stub"},
		{"DELETE", "/mappings", (*call).clearMappings, "drop all stubs"},
		{"POST", "/mappings/reset", (*call).resetMappings, "the stubs that the server started with"},
		{"POST", "/mappings/save", (*call).saveMappings, "write all stubs to the folder of --mappings"},
		{"POST", "/mappings/import", (*call).importMappings, "several stubs"},
		{"POST", "/mappings/remove", (*call).removeGiven, "drop the stub that the body describes"},
		{"POST", "/mappings/find-by-metadata", (*call).findByMetadata, "stubs with certain metadata"},
		{"POST", "/mappings/remove-by-metadata", (*call).removeByMetadata, "drop stubs with certain metadata"},
		{"GET", "/mappings/unmatched", (*call).unmatchedMappings, "stubs that no request has met"},
		{"DELETE", "/mappings/unmatched", (*call).removeUnmatched, "drop these"},
		{"GET", "/mappings/{id}", (*call).getMapping, "one stub"},
		{"PUT", "/mappings/{id}", (*call).putMapping, "replace one stub"},
		{"DELETE", "/mappings/{id}", (*call).removeMapping, "drop one stub"},
		{"GET", "/scenarios", (*call).scenarios, "the scenarios of the stubs with their states"},
		{"POST", "/scenarios/reset", (*call).resetScenarios, "all scenarios at their beginning"},
		{"PUT", "/scenarios/{scenario}/state", (*call).putScenario, "move a scenario to a state"},
		{"POST", "/near-misses/request", (*call).nearRequest, "the stubs that a request comes nearest to"},
		{"POST", "/near-misses/request-pattern", (*call).nearPattern, "the requests that come nearest to a pattern"},
		{"GET", "/files", (*call).listFiles, "the files for bodyFileName"},
		{"GET", "/files/{file...}", (*call).getFile, "one of them"},
		{"PUT", "/files/{file...}", (*call).putFile, "keep a file, in memory"},
		{"DELETE", "/files/{file...}", (*call).removeFile, "drop one"},
		{"GET", "/recordings/status", (*call).recordingStatus, "that this server does not record"},
		{"POST", "/recordings/start", (*call).noRecording, "refused: mockserver record does that"},
		{"POST", "/recordings/stop", (*call).stopRecording, "refused: there is nothing to stop"},
		{"POST", "/recordings/snapshot", (*call).noRecording, "the same"},
		{"PATCH", "/settings/extended", (*call).patchSettings, "change some of the settings that are not WireMock's"},
	}
}

// routes returns the whole table.
func routes() []route {
	all, known := serverRoutes(), details()
	for i, r := range all {
		all[i].do = checked(r.do, detailOf(known, r))
	}
	for _, r := range slices.Concat(worldRoutes(), auditRoutes(), stubRoutes()) {
		r.do = inTurn(r)
		if do := r.do; r.ofWireMock() {
			r.do = func(c *call) (any, error) {
				c.wiremock = true
				return do(c)
			}
		} else {
			r.do = checked(do, detailOf(known, r))
		}
		all = append(all, r)
		r.path = "/worlds/{name}" + r.path
		all = append(all, r)
	}
	return all
}

func (p *Plane) route() {
	byPath := map[string]map[string]handler{}
	for _, r := range routes() {
		path := Prefix + r.path
		if byPath[path] == nil {
			byPath[path] = map[string]handler{}
			p.paths = append(p.paths, path)
		}
		byPath[path][r.method] = r.do
	}
	for path, methods := range byPath {
		p.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) { dispatch(r, methods) })
	}
	p.mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r)
		c.write(nil, &problem{status: http.StatusNotFound,
			detail: fmt.Sprintf("no %s %s here%s; GET %s lists all", r.Method, r.URL.Path,
				fake.Hint(r.URL.Path, p.paths), Prefix)})
	})
}

func dispatch(r *http.Request, methods map[string]handler) {
	c := callOf(r)
	do := methods[r.Method]
	if do == nil && r.Method == http.MethodHead {
		do = methods[http.MethodGet]
	}
	if do == nil {
		allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
		c.w.Header().Set("Allow", allow)
		c.write(nil, &problem{status: http.StatusMethodNotAllowed,
			detail: fmt.Sprintf("%s does not know %s; it knows %s", r.URL.Path, r.Method, allow)})
		return
	}
	c.write(do(c))
}

type callKey struct{}

func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns the call of a request that Plane.serve has admitted.
func callOf(r *http.Request) *call {
	c := r.Context().Value(callKey{}).(*call)
	c.r = r
	return c
}

// index answers with the routing table.
func (c *call) index() (any, error) {
	type line struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		About  string `json:"about"`
	}
	var lines []line
	for _, r := range slices.Concat(serverRoutes(), worldRoutes(), auditRoutes(), stubRoutes()) {
		lines = append(lines, line{r.method, Prefix + r.path, r.about})
	}
	return map[string]any{"routes": lines, "perWorld": Prefix +
		"/worlds/{name} + any path of a world's own: " +
		"reset, settings, requests, journal, mappings, scenarios, files, near-misses, recordings, " +
		"state, diff, rewind, clock, faults, deliveries, audit, stories"}, nil
}
