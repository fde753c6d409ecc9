package story

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake/nearest"
)

// The states of a run and of a step.
const (
	Ready   = "ready"   // of a run: the next step can be taken
	Done    = "done"    // it has happened; of a run: all steps have
	Waiting = "waiting" // the condition does not hold yet
	Failed  = "failed"  // it went otherwise than the story says
)

// Options of a run.
type Options struct {
	Client *client.Client // of the server that has the fakes
	Hooks  *Hooks         // receives the webhooks
	World  string         // made if it does not exist; the story's name by default
	Reset  bool           // reset a world that exists
}

// Run is a story in a world. It is safe for concurrent use.
type Run struct {
	story   *Story
	world   string
	client  *client.Client
	inbox   *inbox
	release func()

	mu          sync.Mutex
	state       string
	results     []Result
	values      values
	urls        map[string]string
	credentials map[string][]credential
	taken       map[string]bool // deliveries and requests that steps have waited for
}

type credential struct{ Principal, State, Value string }

// Result is what came of a step.
type Result struct {
	Step    string         `json:"step"`
	About   string         `json:"about,omitempty"`
	State   string         `json:"state"`
	At      time.Time      `json:"at,omitzero"` // on the world's clock, after the step
	Fake    string         `json:"fake,omitempty"`
	As      string         `json:"as,omitempty"`
	Because *Cause         `json:"because,omitempty"`
	Did     *Deed          `json:"did,omitempty"`
	Saved   map[string]any `json:"saved,omitempty"`
	Problem string         `json:"problem,omitempty"`
}

// Cause is what a step waited for.
type Cause struct {
	Kind string `json:"kind"` // webhook, row, request or after
	Fake string `json:"fake,omitempty"`
	Name string `json:"name,omitempty"` // the event, the table, the operation or the duration
	ID   string `json:"id,omitempty"`   // of the delivery, the row or the request in the journal
	Jobs []Job  `json:"jobs,omitempty"` // that ran while the clock moved
}

// Deed is what a step did.
type Deed struct {
	Kind      string `json:"kind"` // request, advance, fault or rows
	Name      string `json:"name"` // method and path, the duration, the failure or the table
	ID        string `json:"id,omitempty"`
	Operation string `json:"operation,omitempty"`
	Status    int    `json:"status,omitempty"`
	Jobs      []Job  `json:"jobs,omitempty"`
}

// Job is a job of a fake that the clock ran, or several of a kind.
type Job struct {
	Fake  string `json:"fake"`
	Kind  string `json:"kind"`
	Count int    `json:"count"`
}

// View is a run as clients see it. Steps that have not been taken have no state.
type View struct {
	Story string   `json:"story"`
	About string   `json:"about"`
	World string   `json:"world"`
	State string   `json:"state"`
	Taken int      `json:"taken"`
	Steps []Result `json:"steps"`
}

// Start begins a story in a world.
func Start(ctx context.Context, s *Story, o Options) (*Run, error) {
	if o.World == "" {
		o.World = s.Name
	}
	r := &Run{story: s, world: o.World, client: o.Client, state: Ready, taken: map[string]bool{}}
	if err := r.makeWorld(ctx, o.Reset); err != nil {
		return nil, err
	}
	box, base, err := o.Hooks.open(o.World)
	if err != nil {
		return nil, fmt.Errorf("listening for webhooks: %w", err)
	}
	r.inbox, r.release = box, func() { o.Hooks.close(o.World) }
	hooks := map[string]any{}
	for fake := range r.urls {
		hooks[fake] = base + "/" + fake
	}
	r.values = values{"hook": hooks, "world": o.World}
	return r, nil
}

// makeWorld makes the world of the run, or takes the one of that name. A world that is new, or was reset, has the
// story's time on its clock.
func (r *Run) makeWorld(ctx context.Context, reset bool) error {
	order := map[string]any{"settings": map[string]any{"limitsOff": true}}
	if len(r.story.Seed) > 0 {
		order["seed"] = r.story.Seed
	}
	if r.story.Clock != "" {
		order["clock"] = r.story.Clock
	}
	var made struct {
		URLs        map[string]string
		Credentials map[string][]credential
	}
	status, err := r.client.Call(ctx, http.MethodPut, "/worlds/"+url.PathEscape(r.world), order, &made)
	if err != nil {
		return err
	}
	r.urls, r.credentials = made.URLs, made.Credentials
	if status == http.StatusCreated || !reset {
		return nil
	}
	if err := r.client.Post(ctx, r.path("/reset"), nil, nil); err != nil || r.story.Clock == "" {
		return err
	}
	_, err = r.client.Call(ctx, http.MethodPut, r.path("/clock"),
		map[string]any{"time": r.story.Clock, "frozen": true}, nil)
	return err
}

// path returns the path of a route of the run's world.
func (r *Run) path(rest string) string { return "/worlds/" + url.PathEscape(r.world) + rest }

// Close stops receiving webhooks. The world stays.
func (r *Run) Close() { r.release() }

// World returns the name of the run's world.
func (r *Run) World() string { return r.world }

// Story returns the story of the run.
func (r *Run) Story() *Story { return r.story }

// View returns the run as it is now.
func (r *Run) View() View {
	r.mu.Lock()
	defer r.mu.Unlock()
	v := View{Story: r.story.Name, About: r.story.About, World: r.world, State: r.state, Steps: slices.Clone(r.results)}
	for _, one := range r.results {
		if one.State == Done {
			v.Taken++
		}
	}
	for _, s := range r.story.Steps[len(r.results):] {
		fake, as := s.Actor()
		v.Steps = append(v.Steps, Result{Step: s.Name, About: s.About, Fake: fake, As: as})
	}
	return v
}

// Preview returns the steps of a story that has not been started.
func Preview(s *Story) View { return (&Run{story: s, state: Ready}).View() }

// errWaiting is the error of a condition that does not hold yet.
var errWaiting = errors.New("not yet")

// Step takes the next step and reports whether another one can be taken. A step that waits is tried again by the next
// call; after a failure, and at the end, Step does nothing.
func (r *Run) Step(ctx context.Context) (more bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == Done || r.state == Failed {
		return false
	}
	if n := len(r.results); n > 0 && r.results[n-1].State == Waiting {
		r.results = r.results[:n-1]
	}
	result := r.take(ctx, r.story.Steps[len(r.results)])
	r.results = append(r.results, result)
	switch {
	case result.State != Done:
		r.state = result.State
	case len(r.results) == len(r.story.Steps):
		r.state = Done
	default:
		r.state = Ready
	}
	return r.state == Ready
}

// Play takes steps until the story is over, fails or has to wait.
func (r *Run) Play(ctx context.Context) View {
	for r.Step(ctx) {
	}
	return r.View()
}

// take takes one step.
func (r *Run) take(ctx context.Context, s Step) (out Result) {
	out = Result{Step: s.Name, About: s.About, State: Done}
	out.Fake, out.As = s.Actor()
	got := map[string]any{}
	err := r.setTime(ctx, &out)
	if err == nil && s.When != nil {
		out.Because, err = r.await(ctx, *s.When, got)
	}
	if err == nil && s.Do != nil {
		out.Did, err = r.act(ctx, *s.Do, got)
	}
	if err == nil {
		err = r.save(s, got, &out)
	}
	r.settle(ctx)
	if timeErr := r.setTime(ctx, &out); err == nil {
		err = timeErr
	}
	switch {
	case errors.Is(err, errWaiting):
		out.State, out.Problem = Waiting, strings.TrimSuffix(err.Error(), ": "+errWaiting.Error())
	case err != nil:
		out.State, out.Problem = Failed, err.Error()
	}
	return out
}

// setTime reads the world's clock into the result and the values.
func (r *Run) setTime(ctx context.Context, out *Result) error {
	var clock struct{ Now time.Time }
	if err := r.client.Get(ctx, r.path("/clock"), &clock); err != nil {
		return err
	}
	out.At = clock.Now.UTC()
	r.values["now"], r.values["today"] = out.At.Format(time.RFC3339), out.At.Format(time.DateOnly)
	return nil
}

// save keeps the values that later steps use. The values of what the step waited for count in its action already.
func (r *Run) save(s Step, got map[string]any, out *Result) error {
	for _, name := range slices.Sorted(maps.Keys(s.Save)) {
		v, err := find(s.Save[name], got)
		if err != nil {
			return fmt.Errorf("save %s: %w in %s", name, err, plainJSON(got))
		}
		r.values[name] = v
		if out.Saved == nil {
			out.Saved = map[string]any{}
		}
		out.Saved[name] = v
	}
	return nil
}

// principal returns the credential of a principal in the run's world.
func (r *Run) principal(fake, name string) (string, error) {
	var known []string
	for _, one := range r.credentials[fake] {
		if one.State != "valid" {
			continue
		}
		if one.Principal == name {
			return one.Value, nil
		}
		known = append(known, one.Principal)
	}
	slices.Sort(known)
	return "", fmt.Errorf("%s has no principal %q%s; principals: %s", fake, name, nearest.Hint(name, known),
		strings.Join(slices.Compact(known), ", "))
}
