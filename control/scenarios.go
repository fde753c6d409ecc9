package control

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"sort"

	"github.com/afba07b5/mockserver/control/wiremock"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/match"
	"github.com/afba07b5/mockserver/fake/stub"
)

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func isUUID(id string) bool { return uuidForm.MatchString(id) }

func (c *call) scenarios() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return map[string]any{"scenarios": w.Stubs.Scenarios()}, nil
}

func (c *call) resetScenarios() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	w.Stubs.ResetScenarios()
	return map[string]any{}, nil
}

// putScenario moves a scenario to a state; without one it goes back to its beginning.
func (c *call) putScenario() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	var order struct {
		State string `json:"state"`
	}
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	err = w.Stubs.SetState(c.r.PathValue("scenario"), order.State)
	if _, ok := errors.AsType[*stub.NoScenarioError](err); ok {
		return nil, &problem{status: http.StatusNotFound, code: http.StatusNotFound, detail: err.Error()}
	}
	if err != nil {
		return nil, &problem{status: http.StatusUnprocessableEntity, code: noSuchState, detail: err.Error()}
	}
	return map[string]any{}, nil
}

// noSuchState is WireMock's code for a state that a scenario does not have.
const noSuchState = 11

// done is an answer without a body, where WireMock has none.
var done = &reply{status: http.StatusOK}

// mostMisses is how many near misses WireMock lists for one request.
const mostMisses = 3

// missed is one near miss before it is listed.
type missed struct {
	miss     wiremock.NearMiss
	distance float64
}

func nearest(misses []missed) []wiremock.NearMiss {
	sort.SliceStable(misses, func(i, j int) bool { return misses[i].distance < misses[j].distance })
	out := []wiremock.NearMiss{}
	for _, one := range misses[:min(len(misses), mostMisses)] {
		out = append(out, one.miss)
	}
	return out
}

// missesOf returns the stubs that a request comes nearest to.
func missesOf(w *fake.World, r *match.Request, shown any) []wiremock.NearMiss {
	var misses []missed
	for _, one := range w.Stubs.Stubs() {
		d := one.Pattern.Distance(r)
		misses = append(misses, missed{wiremock.NewNearMiss(shown, one.Text, nil, d), d})
	}
	return nearest(misses)
}

// nearRequest answers with the stubs that the request in the body comes nearest to.
func (c *call) nearRequest() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	text, err := c.body(bodyLimit)
	if err != nil {
		return nil, err
	}
	r, err := match.FromLogged(text)
	if err != nil {
		return nil, unfit(err)
	}
	r.Now = w.Clock.Now()
	return map[string]any{"nearMisses": missesOf(w, r, wiremock.Echo(text, r))}, nil
}

// nearPattern answers with the requests of the journal that come nearest to the pattern in the body.
func (c *call) nearPattern() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	text, err := c.body(bodyLimit)
	if err != nil {
		return nil, err
	}
	var spec match.Spec
	if err := stub.Decode(text, &spec, ""); err != nil {
		return nil, unfit(err)
	}
	p, err := match.Compile(spec)
	if err != nil {
		return nil, unfit(err)
	}
	if spec.Method == "" {
		spec.Method = "ANY"
	}
	shown, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	var misses []missed
	kept, _ := w.Journal.Entries()
	for _, e := range kept {
		d := p.Distance(fake.Matchable(e, e.Body))
		misses = append(misses, missed{wiremock.NewNearMiss(c.logged(w, e, c.maskOf(e)), nil, shown, d), d})
	}
	return map[string]any{"nearMisses": nearest(misses)}, nil
}

// nearUnmatched answers with the stubs that the unmatched requests of the journal come nearest to.
func (c *call) nearUnmatched() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	misses := []wiremock.NearMiss{}
	for _, e := range unmatched(w) {
		misses = append(misses, missesOf(w, fake.Matchable(e, e.Body), c.logged(w, e, c.maskOf(e)))...)
	}
	return map[string]any{"nearMisses": misses}, nil
}

// removeRequestsByMetadata forgets the requests that were answered by stubs with certain metadata.
func (c *call) removeRequestsByMetadata() (any, error) {
	w, condition, err := c.condition()
	if err != nil {
		return nil, err
	}
	kept, _ := w.Journal.Entries()
	gone := slices.DeleteFunc(kept, func(e *fake.Entry) bool {
		if e.Stub == nil {
			return true
		}
		one, err := stub.Parse(e.Stub.Mapping)
		return err != nil || !one.MatchesMetadata(condition)
	})
	w.Journal.Remove(gone)
	return c.serveEvents(w, gone), nil
}

func (c *call) listFiles() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return append([]string{}, slices.Sorted(maps.Keys(w.Stubs.Files()))...), nil
}

func (c *call) getFile() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	data, ok := w.Stubs.Files()[c.r.PathValue("file")]
	if !ok {
		return nil, newProblem(http.StatusNotFound, "world %q has no file %q", w.Name, c.r.PathValue("file"))
	}
	return &reply{media: "application/octet-stream", text: data}, nil
}

// putFile keeps a file for bodyFileName, in this world and in memory.
func (c *call) putFile() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	data, err := c.body(stateLimit)
	if err != nil {
		return nil, err
	}
	if !w.Stubs.PutFile(c.r.PathValue("file"), append([]byte{}, data...)) {
		return nil, newProblem(http.StatusInsufficientStorage, "the files of world %q have no more room", w.Name)
	}
	return &reply{status: http.StatusOK, text: []byte(base64.StdEncoding.EncodeToString(data))}, nil
}

func (c *call) removeFile() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	if !w.Stubs.PutFile(c.r.PathValue("file"), nil) {
		return nil, newProblem(http.StatusNotFound, "world %q has no file %q", w.Name, c.r.PathValue("file"))
	}
	return done, nil
}

// recordingStatus says that this server does not record by itself.
func (c *call) recordingStatus() (any, error) {
	return map[string]string{"status": "NeverStarted"}, nil
}

// stopRecording says, with WireMock's code, that there is nothing to stop.
func (c *call) stopRecording() (any, error) {
	const notRecording = 30 // WireMock's code
	return nil, &problem{status: http.StatusBadRequest, code: notRecording,
		detail: "Not currently recording: `mockserver record` does that"}
}

// noRecording refuses to record, in words that a client shows its user.
func (c *call) noRecording() (any, error) {
	return nil, badBody("this server does not record: `mockserver record --target URL` records a service, " +
		"and `mockserver export` turns the journal into a case")
}
