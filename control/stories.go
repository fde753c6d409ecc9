package control

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/story"
)

// plays holds the runs of stories, one for each world.
type plays struct {
	starting sync.Mutex // one starts at a time

	mu     sync.Mutex
	runs   map[string]*story.Run
	hooks  story.Hooks
	client *client.Client
}

// storyView is a story in short.
type storyView struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Steps  int    `json:"steps"`
	Source string `json:"source,omitempty"` // its file; built in without
}

// storyOrder is the body of the routes that start, step and play a story. A step of a story that has not been started
// starts it.
type storyOrder struct {
	World string `json:"world"` // default: that of the path or the header, else the story's name
	Reset bool   `json:"reset"` // start again, in the world as it was made
}

// library returns the stories of the server.
func (p *Plane) library() *story.Library {
	p.storiesOnce.Do(func() {
		if p.stories = p.options.Stories; p.stories == nil {
			p.stories = story.BuiltIn()
		}
	})
	return p.stories
}

func (c *call) listStories() (any, error) {
	views := []storyView{}
	for _, s := range c.plane.library().All() {
		views = append(views, storyView{s.Name, s.About, len(s.Steps), s.Source})
	}
	runs := []story.View{}
	for _, r := range c.plane.currentRuns() {
		view := r.View()
		c.maskRun(&view)
		view.Steps = nil
		runs = append(runs, view)
	}
	return map[string]any{"stories": views, "runs": runs}, nil
}

// story answers with the run of a story in a world, or with the steps that one would have.
func (c *call) story() (any, error) {
	s, world, err := c.chosenStory(storyOrder{World: c.r.FormValue("world")})
	if err != nil {
		return nil, err
	}
	if r := c.plane.runOf(s, world); r != nil {
		return c.showRun(r), nil
	}
	return story.Preview(s), nil
}

func (c *call) chosenStory(o storyOrder) (*story.Story, string, error) {
	s, err := c.plane.library().Find(c.r.PathValue("story"))
	if err != nil {
		return nil, "", newProblem(http.StatusNotFound, "%v", err)
	}
	for _, world := range []string{c.r.PathValue("name"), o.World, c.r.Header.Get("Mockserver-World"), s.Name} {
		if world != "" {
			return s, world, c.seeNamed(world)
		}
	}
	return s, s.Name, nil
}

func (c *call) startStory() (any, error) {
	r, err := c.run(true)
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusCreated, value: c.showRun(r)}, nil
}

func (c *call) stepStory() (any, error) {
	return c.takeSteps(func(ctx context.Context, r *story.Run) { r.Step(ctx) })
}

func (c *call) playStory() (any, error) {
	return c.takeSteps(func(ctx context.Context, r *story.Run) { r.Play(ctx) })
}

// storyTimeout bounds how long one call takes steps.
const storyTimeout = 2 * time.Minute

func (c *call) takeSteps(take func(context.Context, *story.Run)) (any, error) {
	r, err := c.run(false)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), storyTimeout)
	defer cancel()
	take(ctx, r)
	return c.showRun(r), nil
}

// run returns the run that a call is about. It starts one if the story has no run, or if the call asks for a new one.
func (c *call) run(anew bool) (*story.Run, error) {
	var order storyOrder
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	s, world, err := c.chosenStory(order)
	if err != nil {
		return nil, err
	}
	if err := CheckWorldName(world); err != nil {
		return nil, badRequest("%s", err)
	}
	p := c.plane
	p.plays.starting.Lock()
	defer p.plays.starting.Unlock()
	if r := p.runOf(s, world); r != nil && !anew && !order.Reset {
		return r, nil
	}
	r, err := story.Start(c.r.Context(), s, story.Options{Client: p.plays.client, Hooks: &p.plays.hooks, World: world,
		Reset: order.Reset})
	if err != nil {
		return nil, err
	}
	p.plays.mu.Lock()
	defer p.plays.mu.Unlock()
	p.plays.runs[world] = r
	return r, nil
}

// runOf returns the run of a story in a world, or nil.
func (p *Plane) runOf(s *story.Story, world string) *story.Run {
	for _, r := range p.currentRuns() {
		if r.World() == world && r.Story() == s {
			return r
		}
	}
	return nil
}

// currentRuns returns the runs whose worlds still exist, by the names of the worlds, and forgets the others.
func (p *Plane) currentRuns() (runs []*story.Run) {
	p.plays.mu.Lock()
	defer p.plays.mu.Unlock()
	for world, r := range p.plays.runs {
		if p.srv.Find(world) == nil {
			r.Close()
			delete(p.plays.runs, world)
			continue
		}
		runs = append(runs, r)
	}
	slices.SortFunc(runs, func(a, b *story.Run) int { return strings.Compare(a.World(), b.World()) })
	return runs
}

// showRun is viewRun for an answer about that run alone.
func (c *call) showRun(r *story.Run) story.View {
	if w := c.plane.srv.Loaded(r.World()); w != nil {
		c.see(w, 0) // which waits for nothing
	}
	return c.viewRun(r)
}

func (c *call) viewRun(r *story.Run) story.View {
	view := r.View()
	c.maskRun(&view)
	return view
}

// maskRun replaces secrets in what a run has saved and in its problems.
func (c *call) maskRun(v *story.View) {
	for i := range v.Steps {
		step := &v.Steps[i]
		m := c.mask(step.Fake)
		step.Problem = m.secrets.Replace(step.Problem)
		saved := map[string]any{}
		for name, value := range step.Saved {
			saved[name] = m.value(nil, name, value)
		}
		if len(saved) > 0 {
			step.Saved = saved
		}
	}
}

// Catalog returns the names that a story may use, of the fakes of a server and the rows of its default world.
func Catalog(srv *fake.Server) (*story.Catalog, error) {
	w, err := srv.World("default")
	if err != nil {
		return nil, err
	}
	catalog := &story.Catalog{}
	for _, def := range srv.Defs() {
		state, err := w.State(def.Name)
		if err != nil {
			return nil, err
		}
		f := story.Fake{Name: def.Name, Seeds: srv.SeedNames(def.Name), Faults: faultNames(def)}
		_, f.Tables = state.TableRows("")
		if def.Known != nil {
			for _, one := range def.Known(state) {
				f.Principals = append(f.Principals, one.Principal)
			}
		}
		for _, op := range def.Spec.Operations() {
			f.Operations = append(f.Operations, story.Operation{ID: op.ID, Method: op.Method, Path: op.Path})
		}
		catalog.Fakes = append(catalog.Fakes, f)
	}
	return catalog, nil
}
