package control

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/stub"
	"github.com/afba07b5/mockserver/unfriendly"
)

func (c *call) health() (any, error) {
	now := time.Now()
	return map[string]any{
		"status": "healthy", "message": "mockserver answers", "version": c.plane.options.Version,
		"uptimeInSeconds": int(now.Sub(c.plane.started).Seconds()), "timestamp": now.UTC().Format(time.RFC3339),
	}, nil
}

func (c *call) ready() (any, error) {
	if !c.plane.ready.Load() {
		return nil, newProblem(http.StatusServiceUnavailable, "not all fakes are built yet")
	}
	if store := c.plane.options.Store; store != nil {
		if err := store.Ready(); err != nil {
			return nil, newProblem(http.StatusServiceUnavailable, "%v", err)
		}
	}
	return map[string]any{"status": "ready"}, nil
}

func (c *call) version() (any, error) {
	return map[string]any{"version": c.plane.options.Version}, nil
}

func (c *call) reset() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	w.Reset()
	c.w.Header().Set("Mockserver-World", w.Name)
	return map[string]any{}, nil
}

// extension is the key under which WireMock's settings hold those of this server.
const extension = "mockserver"

// settingsView is all settings of a world in WireMock's frame.
func settingsView(w *fake.World) any {
	settings := w.Stubs.Settings()
	settings.Extended = maps.Clone(settings.Extended)
	if settings.Extended == nil {
		settings.Extended = map[string]json.RawMessage{}
	}
	settings.Extended[extension] = encode(w.Settings())
	if settings.PassThrough == nil {
		on := true
		settings.PassThrough = &on
	}
	return map[string]any{"settings": settings}
}

// settings answers in WireMock's format.
func (c *call) settings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return settingsView(w), nil
}

// wireMockSettings is a named type so that it can be embedded next to the other settings.
type wireMockSettings stub.Settings

// settingsOrder is the body of a change: this server's settings by their names, or below extended, and WireMock's.
type settingsOrder struct {
	fake.Settings
	wireMockSettings
}

// changeSettings changes what the body names and leaves the rest; seeds take effect with the next reset. WireMock's own
// settings are replaced as a whole, unless the body has this server's alone.
func (c *call) changeSettings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	order := settingsOrder{Settings: copySettings(w.Settings())}
	text, err := c.body(bodyLimit)
	if err == nil && len(bytes.TrimSpace(text)) > 0 {
		err = decodeStrict(text, &order)
	}
	if err == nil && order.Extended[extension] != nil {
		err = decodeStrict(order.Extended[extension], &order.Settings)
	}
	if err == nil {
		err = c.checkSettings(order.Settings)
	}
	if err == nil {
		err = unfit((*stub.Settings)(&order.wireMockSettings).Check())
	}
	if err != nil {
		return nil, err
	}
	delete(order.Extended, extension)
	var named map[string]json.RawMessage
	json.Unmarshal(text, &named) // it has been read before
	ours := len(named) > 0
	for name := range named {
		ours = ours && slices.Contains(fields(reflect.TypeFor[fake.Settings]()), name)
	}
	w.Change(order.Settings)
	if !ours {
		w.Stubs.SetSettings(stub.Settings(order.wireMockSettings))
	}
	if c.r.Method == http.MethodPost {
		return done, nil // as WireMock answers
	}
	return settingsView(w), nil
}

// patchSettings changes some of the settings below extended.
func (c *call) patchSettings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	var order struct {
		Extended map[string]json.RawMessage `json:"extended"`
	}
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	settings := copySettings(w.Settings())
	if raw := order.Extended[extension]; raw != nil {
		if err := decodeStrict(raw, &settings); err != nil {
			return nil, err
		}
		if err := c.checkSettings(settings); err != nil {
			return nil, err
		}
		delete(order.Extended, extension)
	}
	w.Change(settings)
	all := w.Stubs.Settings()
	all.Extended = maps.Clone(all.Extended)
	if all.Extended == nil {
		all.Extended = map[string]json.RawMessage{}
	}
	maps.Copy(all.Extended, order.Extended)
	w.Stubs.SetSettings(all)
	return settingsView(w), nil
}

func copySettings(s fake.Settings) fake.Settings {
	s.Seeds, s.Features, s.Texts = maps.Clone(s.Seeds), maps.Clone(s.Features), maps.Clone(s.Texts)
	return s
}

// checkSettings returns an error for an unknown fake, seed, variation, feature or text.
func (c *call) checkSettings(s fake.Settings) error {
	if _, err := unfriendly.Parse(s.Unfriendly); err != nil {
		return badRequest("%v", err)
	}
	var features, texts []string
	for _, def := range c.plane.srv.Defs() {
		for _, f := range def.Flags {
			if f.Text {
				texts = append(texts, f.Name)
			} else {
				features = append(features, f.Name)
			}
		}
	}
	slices.Sort(features) // two fakes may share one
	features = slices.Compact(features)
	for name := range s.Features {
		if !slices.Contains(features, name) {
			return badRequest("no feature %q%s; features: %s", name, fake.Hint(name, features),
				strings.Join(features, ", "))
		}
	}
	for name := range s.Texts {
		if !slices.Contains(texts, name) {
			return badRequest("no text %q%s; texts: %s", name, fake.Hint(name, texts), strings.Join(texts, ", "))
		}
	}
	return c.checkSeeds(s.Seeds)
}

// checkSeeds returns an error for an unknown fake or seed.
func (c *call) checkSeeds(seeds map[string]string) error {
	names := c.fakes()
	for name, seed := range seeds {
		if !slices.Contains(names, name) {
			return badRequest("seed: no fake %q%s; fakes: %s", name, fake.Hint(name, names), strings.Join(names, ", "))
		}
		if known := c.plane.srv.SeedNames(name); !slices.Contains(known, seed) {
			return badRequest("%s has no seed %q%s; seeds: %s", name, seed, fake.Hint(seed, known),
				strings.Join(known, ", "))
		}
	}
	return nil
}
