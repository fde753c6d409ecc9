package control

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
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
	return map[string]any{"world": w.Name}, nil
}

// settings answers in WireMock's format.
func (c *call) settings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return map[string]fake.Settings{"settings": w.Settings()}, nil
}

// changeSettings changes the settings in the body and keeps the rest. Seeds take effect at the next
// reset.
func (c *call) changeSettings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	settings := copySettings(w.Settings())
	if err := c.decode(&settings); err != nil {
		return nil, err
	}
	if err := c.checkSeeds(settings.Seeds); err != nil {
		return nil, err
	}
	w.Change(settings)
	return map[string]fake.Settings{"settings": settings}, nil
}

func copySettings(s fake.Settings) fake.Settings {
	s.Seeds, s.Features, s.Texts = maps.Clone(s.Seeds), maps.Clone(s.Features), maps.Clone(s.Texts)
	return s
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
