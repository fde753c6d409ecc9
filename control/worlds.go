package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// worldView is a world as clients see it.
type worldView struct {
	Name     string                    `json:"name"`
	LastUsed time.Time                 `json:"lastUsed"`
	Now      time.Time                 `json:"now"`
	Frozen   bool                      `json:"frozen"`
	Settings fake.Settings             `json:"settings"`
	URLs     map[string]string         `json:"urls"`
	Requests int                       `json:"requests"`
	Dropped  int                       `json:"dropped"`
	Bounds   fake.Bounds               `json:"bounds"`
	Rows     map[string]map[string]int `json:"rows"` // fake → table → number of rows
}

func (c *call) view(w *fake.World) (worldView, error) {
	if err := w.Open(); err != nil {
		return worldView{}, c.storeProblem(err)
	}
	kept, dropped := w.Journal.Entries()
	return worldView{
		Name: w.Name, LastUsed: w.LastUsed().UTC(), Now: w.Clock.Now(), Frozen: w.Clock.Frozen(),
		Settings: w.Settings(), URLs: c.urls(w.Name), Requests: len(kept), Dropped: dropped, Bounds: w.Bounds(),
		Rows: w.Sizes(),
	}, nil
}

func (c *call) listWorlds() (any, error) {
	names, err := c.flag("names")
	if err != nil {
		return nil, err
	}
	p, err := c.paging(worldPage)
	if err != nil {
		return nil, err
	}
	if names {
		return c.worldNames(), nil
	}
	all := c.plane.srv.Names()
	worlds, err := c.views(page(all, p))
	if err != nil {
		return nil, err
	}
	c.linkNext(p, len(all))
	return map[string]any{"worlds": worlds, "meta": map[string]int{"total": len(all)}}, nil
}

// unreadView is a world that the store has and cannot give now.
type unreadView struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

// views shows worlds, and while the store is away the names of those that are not in memory or not built.
func (c *call) views(names []string) ([]any, error) {
	worlds, away := []any{}, error(nil)
	for _, name := range names {
		w, err := c.plane.srv.Loaded(name), away
		if away == nil || w != nil {
			w, err = c.plane.srv.Lookup(name)
		}
		if w == nil && err == nil {
			continue // dropped meanwhile
		}
		if err == nil {
			err = w.Open() // builds its fakes
		}
		if _, ok := errors.AsType[*fake.StoreError](err); ok {
			away = err // so that it is not asked for all the others
			worlds = append(worlds, unreadView{name, err.Error()})
			continue
		}
		one, err := c.view(w)
		if err != nil {
			return nil, err
		}
		worlds = append(worlds, one)
	}
	return worlds, nil
}

// worldNames lists the worlds without their sizes, which are much work where there are many.
func (c *call) worldNames() any {
	names := []map[string]string{}
	for _, name := range c.plane.srv.Names() {
		names = append(names, map[string]string{"name": name})
	}
	return map[string]any{"worlds": names, "meta": map[string]int{"total": len(names)}}
}

// seeds lists the seeds of each fake by name.
func (c *call) seeds() (any, error) {
	type line struct {
		Name  string   `json:"name"`
		Seeds []string `json:"seeds"`
	}
	var fakes []line
	for _, name := range c.fakes() {
		fakes = append(fakes, line{name, c.plane.srv.SeedNames(name)})
	}
	return map[string]any{"fakes": fakes}, nil
}

func (c *call) world() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return c.view(w)
}

func (c *call) dropWorld() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	if err := c.plane.srv.Drop(w.Name); err != nil {
		return nil, c.refusedWorld(err)
	}
	return nil, nil
}

// worldOrder is the body of POST /worlds; every field is optional.
type worldOrder struct {
	Name     string            `json:"name"`     // generated if empty
	Seed     map[string]string `json:"seed"`     // fake → named seed
	Fork     string            `json:"fork"`     // the world to copy
	Before   string            `json:"before"`   // copy it as it was before this request
	Clock    string            `json:"clock"`    // the time at which its clock stands; without, it shows the real time
	Settings json.RawMessage   `json:"settings"` // applied over those of the default or the forked world
}

var worldName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$`)

// CheckWorldName returns an error if a text is no name for a world, which fits a path and a host.
func CheckWorldName(name string) error {
	if worldName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("%q is no name for a world: letters, digits, dots, dashes and underscores, 63 at most, "+
		"a letter or digit first and last", name)
}

// makeWorld creates a world and answers how to reach it, with new credentials.
func (c *call) makeWorld() (any, error) {
	var order worldOrder
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	if order.Name != "" {
		return c.makeNamed(order)
	}
	for {
		order.Name = fmt.Sprintf("world-%d", c.plane.worlds.Add(1))
		if c.plane.srv.Find(order.Name) != nil {
			continue // of before a restart, or a client chose the name
		}
		made, err := c.makeNamed(order)
		if err == nil || c.plane.srv.Find(order.Name) == nil {
			return made, err
		} // another request or node was faster
	}
}

// putWorld answers like POST with the world of that name, which it creates if necessary.
func (c *call) putWorld() (any, error) {
	var order worldOrder
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	name := c.r.PathValue("name")
	if order.Name != "" && order.Name != name {
		return nil, badRequest("the path names the world %q, the body %q", name, order.Name)
	}
	order.Name = name
	lock := &c.plane.making[crc32.ChecksumIEEE([]byte(name))%uint32(len(c.plane.making))]
	lock.Lock()
	defer lock.Unlock()
	w := c.plane.srv.Find(name)
	if w == nil {
		made, err := c.makeNamed(order)
		if w = c.plane.srv.Find(name); err == nil || w == nil {
			return made, err
		} // another node was faster
	}
	if err := c.see(w, c.sequence()); err != nil {
		return nil, err
	}
	if _, err := c.ordered(order, w.Settings()); err != nil {
		return nil, err // what is misspelt would be refused for a new world
	}
	if _, err := order.time(); err != nil {
		return nil, err
	}
	w.Used()
	out := madeWorld{Name: w.Name, URLs: c.urls(w.Name)}
	if text := w.Credentials(); text != nil {
		out.Credentials = text
		return out, nil
	}
	known, err := c.plane.known(w) // none were issued
	if err != nil {
		return nil, err
	}
	out.Credentials = known
	return out, nil
}

// madeWorld is the answer of POST and PUT.
type madeWorld struct {
	Name        string            `json:"name"`
	URLs        map[string]string `json:"urls"`
	Credentials any               `json:"credentials"` // fake → credentials, or the JSON of that
}

func (c *call) makeNamed(order worldOrder) (any, error) {
	if err := CheckWorldName(order.Name); err != nil {
		return nil, badRequest("%s", err)
	}
	var credentials map[string][]fake.Credential
	at, err := order.time()
	if err != nil {
		return nil, err
	}
	w, err := c.create(order, func(w *fake.World) (err error) {
		if order.Clock != "" {
			w.Clock.Set(at, true) // before the fakes are built, which plan from then on
		}
		credentials, err = c.plane.issue(w)
		return err
	})
	if err != nil {
		return nil, err
	}
	c.see(w, 0) // which waits for nothing
	return &reply{status: http.StatusCreated, value: madeWorld{w.Name, c.urls(w.Name), credentials}}, nil
}

// time returns the time of the order's clock.
func (o worldOrder) time() (at time.Time, err error) {
	switch {
	case o.Clock == "":
		return at, nil
	case o.Fork != "":
		return at, badRequest("a fork has the clock of its origin; move it afterwards")
	}
	return readTime(o.Clock)
}

// create makes the world of an order. issue runs before the world can be found.
func (c *call) create(order worldOrder, issue func(*fake.World) error) (*fake.World, error) {
	srv := c.plane.srv
	pattern, from := "default", (*fake.World)(nil)
	if order.Fork != "" {
		if len(order.Seed) > 0 {
			return nil, badRequest("a world starts from seeds or from another world, not from both")
		}
		pattern = order.Fork
	}
	origin, err := c.find(pattern)
	if err != nil {
		return nil, err
	}
	if err := c.see(origin, c.sequence()); err != nil {
		return nil, err
	}
	if order.Fork != "" {
		from = origin
	}
	settings, err := c.ordered(order, origin.Settings())
	if err != nil {
		return nil, err
	}
	if order.Before != "" {
		return c.forkBefore(order, settings, from, issue)
	}
	w, err := srv.NewWorld(order.Name, settings, from, issue)
	if err != nil {
		return nil, c.refusedWorld(err)
	}
	return w, nil
}

// forkBefore makes a world as a copy of what another was before a request.
func (c *call) forkBefore(order worldOrder, settings fake.Settings, from *fake.World,
	issue func(*fake.World) error) (*fake.World, error) {
	if from == nil {
		return nil, badRequest("before is the id of a request of the world that fork names, and fork names none")
	}
	before, err := c.position(from, order.Before)
	if err != nil {
		return nil, err
	}
	w, err := c.plane.srv.NewWorldBefore(order.Name, settings, from, before, issue)
	if err != nil {
		return nil, c.refusedWorld(err)
	}
	return w, nil
}

// refusedWorld makes a problem of an error of NewWorld or Drop.
func (c *call) refusedWorld(err error) error {
	if _, ok := errors.AsType[*fake.StoreError](err); ok {
		return c.storeProblem(err)
	}
	return newProblem(http.StatusConflict, "%v", err)
}

// ordered returns the settings for a new world.
func (c *call) ordered(order worldOrder, settings fake.Settings) (fake.Settings, error) {
	settings = copySettings(settings)
	if len(order.Settings) > 0 {
		if err := decodeStrict(order.Settings, &settings); err != nil {
			return settings, err
		}
	}
	if settings.Seeds == nil {
		settings.Seeds = map[string]string{}
	}
	maps.Copy(settings.Seeds, order.Seed)
	return settings, c.checkSettings(settings)
}

// issue issues new credentials of every fake for a new world and returns them, the well-known ones
// after them.
func (p *Plane) issue(w *fake.World) (map[string][]fake.Credential, error) {
	issued, err := w.IssueCredentials()
	if err != nil {
		return nil, err
	}
	w.SetCredentials(func() json.RawMessage {
		issued, err := w.IssuedCredentials()
		if err != nil {
			return nil // the seed was loaded before
		}
		all, err := p.credentials(w, issued)
		if err != nil {
			return nil
		}
		return encode(all)
	})
	return p.credentials(w, issued)
}

// credentials lists issued credentials, then the well-known ones, which are valid under the world's
// own URLs.
func (p *Plane) credentials(w *fake.World, issued map[string]any) (map[string][]fake.Credential, error) {
	all, err := p.known(w)
	if err != nil {
		return nil, err
	}
	for name, fresh := range issued {
		all[name] = append(fresh.([]fake.Credential), all[name]...)
	}
	return all, nil
}

// known lists the well-known credentials of a world: those that lead to no world.
func (p *Plane) known(w *fake.World) (map[string][]fake.Credential, error) {
	all := map[string][]fake.Credential{}
	for _, def := range p.srv.Defs() {
		if def.Known == nil {
			continue
		}
		if err := w.Peek(def.Name, func(s *fake.State) { all[def.Name] = def.Known(s) }); err != nil {
			return nil, err
		}
		all[def.Name] = slices.DeleteFunc(all[def.Name], func(one fake.Credential) bool {
			if def.CredentialWorld != nil {
				return def.CredentialWorld(one.Value) != ""
			}
			owner, gone := p.srv.WorldOf(def.Name, one.Value)
			return owner != nil || gone != ""
		})
	}
	return all, nil
}

func (c *call) fakes() []string {
	var names []string
	for _, def := range c.plane.srv.Defs() {
		names = append(names, def.Name)
	}
	return names
}

// urls returns the base URLs of a world's fakes and of their sites, under the origin of the
// request.
func (c *call) urls(world string) map[string]string {
	path := "/__world/" + world
	if world == "default" {
		path = ""
	}
	here := c.plane.srv.Base(c.r)
	edge := here
	if c.own != "" {
		edge = c.plane.options.Edge
	}
	public := c.plane.srv.Public()
	if public != "" {
		edge = public
	}
	urls := map[string]string{}
	for _, def := range c.plane.srv.Defs() {
		urls[def.Name] = edge + path + "/" + def.Name
		for site := range def.Sites {
			urls[def.Name+"/"+site] = urls[def.Name] + "/" + site
		}
	}
	if c.own != "" && public == "" {
		urls[c.own] = here + path
	}
	return urls
}
