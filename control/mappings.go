package control

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/match"
	"github.com/afba07b5/mockserver/fake/stub"
)

// MappingFiles keeps stubs beyond the life of the server.
type MappingFiles interface {
	Save(*stub.Stub) error
	Remove(*stub.Stub) error
}

// listing is how WireMock lists mappings.
func listing(stubs []*stub.Stub, total int) any {
	texts := make([]json.RawMessage, len(stubs))
	for i, one := range stubs {
		texts[i] = one.Text
	}
	return map[string]any{"mappings": texts, "meta": map[string]int{"total": total}}
}

func (c *call) listMappings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	stubs := w.Stubs.Stubs()
	total := len(stubs)
	p, err := c.paging(total)
	if err != nil {
		return nil, err
	}
	return listing(page(stubs, p), total), nil
}

// parsed reads a stub from the body; id takes the place of its identifier unless it is empty.
func (c *call) parsed(id string) (*stub.Stub, error) {
	text, err := c.body(bodyLimit)
	if err != nil {
		return nil, err
	}
	var m stub.Mapping
	if err := stub.Decode(text, &m, ""); err != nil {
		return nil, unfit(err)
	}
	if id != "" {
		m.ID, m.UUID = id, ""
	}
	one, err := stub.Compile(m)
	if err != nil {
		return nil, unfit(err)
	}
	return one, CheckStubs(c.plane.srv.Defs(), one)
}

func (c *call) addMapping() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	one, err := c.parsed("")
	if err != nil {
		return nil, err
	}
	if w.Stubs.Find(one.ID) != nil {
		return nil, &problem{status: http.StatusUnprocessableEntity, code: duplicateID,
			detail: "there is a mapping " + one.ID + " already; PUT replaces it"}
	}
	if err := c.keep(w, one); err != nil {
		return nil, err
	}
	w.Stubs.Put(one)
	return &reply{status: http.StatusCreated, value: one.Text}, nil
}

// duplicateID is WireMock's code for an identifier that another mapping has.
const duplicateID = 109

// keep saves a stub that is persistent.
func (c *call) keep(w *fake.World, one *stub.Stub) error {
	if !one.Persistent {
		return nil
	}
	files, err := c.mappingFiles(w)
	if err == nil {
		err = files.Save(one)
	}
	return err
}

func (c *call) mappingFiles(w *fake.World) (MappingFiles, error) {
	if c.plane.options.Mappings == nil {
		return nil, badBody("nothing keeps mappings: start with --mappings DIR")
	}
	if w.Name != "default" {
		return nil, badBody("the mappings of world %q cannot be kept: every world starts with those in the folder",
			w.Name)
	}
	return c.plane.options.Mappings, nil
}

// mapping returns the stub that the path names.
func (c *call) mapping() (*fake.World, *stub.Stub, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, nil, err
	}
	id := c.r.PathValue("id")
	if !isUUID(id) {
		return nil, nil, badRequest("%s is not a valid UUID", id)
	}
	one := w.Stubs.Find(id)
	if one == nil {
		return nil, nil, newProblem(http.StatusNotFound, "world %q has no mapping %s", w.Name, id)
	}
	return w, one, nil
}

func (c *call) getMapping() (any, error) {
	_, one, err := c.mapping()
	if err != nil {
		return nil, err
	}
	return one.Text, nil
}

func (c *call) putMapping() (any, error) {
	w, old, err := c.mapping()
	if err != nil {
		return nil, err
	}
	one, err := c.parsed(old.ID)
	if err == nil {
		err = c.keep(w, one)
	}
	if err != nil {
		return nil, err
	}
	w.Stubs.Put(one)
	return one.Text, nil
}

func (c *call) removeMapping() (any, error) {
	w, one, err := c.mapping()
	if err != nil {
		return nil, err
	}
	return c.drop(w, func(other *stub.Stub) bool { return other.ID == one.ID })
}

// drop removes stubs, and their files.
func (c *call) drop(w *fake.World, gone func(*stub.Stub) bool) (any, error) {
	var errs []error
	for _, one := range w.Stubs.RemoveFunc(gone) {
		if one.Persistent && c.plane.options.Mappings != nil && w.Name == "default" {
			errs = append(errs, c.plane.options.Mappings.Remove(one))
		}
	}
	return map[string]any{}, errors.Join(errs...)
}

// removeGiven removes the stub that the body describes: by its identifier, or by its request.
func (c *call) removeGiven() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	given, err := c.parsed("")
	if err != nil {
		return nil, err
	}
	return c.drop(w, func(one *stub.Stub) bool {
		return one.ID == given.ID || string(one.Request) == string(given.Request)
	})
}

func (c *call) clearMappings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return c.drop(w, func(*stub.Stub) bool { return true })
}

// resetMappings comes back to the stubs that the world started with.
func (c *call) resetMappings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	settings := w.Stubs.Settings()
	w.Stubs.Reset()
	w.Stubs.SetSettings(settings)
	return done, nil
}

// saveMappings keeps all stubs.
func (c *call) saveMappings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	files, err := c.mappingFiles(w)
	if err != nil {
		return nil, err
	}
	for _, one := range slices.Backward(w.Stubs.Stubs()) {
		m := one.Mapping
		m.Persistent = true
		saved, err := stub.Compile(m)
		if err == nil {
			err = files.Save(saved)
		}
		if err != nil {
			return nil, unfit(err)
		}
		w.Stubs.Put(saved)
	}
	return done, nil
}

// met returns the identifiers of the stubs that requests of the journal have met.
func met(w *fake.World) map[string]bool {
	ids := map[string]bool{}
	kept, _ := w.Journal.Entries()
	for _, e := range kept {
		if e.Stub != nil {
			ids[e.Stub.ID] = true
		}
	}
	return ids
}

// unmatchedMappings lists the stubs that no request of the journal has met.
func (c *call) unmatchedMappings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	ids := met(w)
	stubs := slices.DeleteFunc(w.Stubs.Stubs(), func(one *stub.Stub) bool { return ids[one.ID] })
	return listing(stubs, len(stubs)), nil
}

func (c *call) removeUnmatched() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	ids := met(w)
	return c.drop(w, func(one *stub.Stub) bool { return !ids[one.ID] })
}

// condition reads a condition on metadata from the body.
func (c *call) condition() (*fake.World, *match.Condition, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, nil, err
	}
	text, err := c.body(bodyLimit)
	if err != nil {
		return nil, nil, err
	}
	condition, err := match.CompileCondition(text)
	return w, condition, unfit(err)
}

func (c *call) findByMetadata() (any, error) {
	w, condition, err := c.condition()
	if err != nil {
		return nil, err
	}
	stubs := slices.DeleteFunc(w.Stubs.Stubs(), func(one *stub.Stub) bool { return !one.MatchesMetadata(condition) })
	return listing(stubs, len(stubs)), nil
}

func (c *call) removeByMetadata() (any, error) {
	w, condition, err := c.condition()
	if err != nil {
		return nil, err
	}
	return c.drop(w, func(one *stub.Stub) bool { return one.MatchesMetadata(condition) })
}

// importOrder is the body of POST /mappings/import.
type importOrder struct {
	Mappings []json.RawMessage `json:"mappings"`
	Options  struct {
		Duplicates string `json:"duplicatePolicy"` // OVERWRITE or IGNORE
		DeleteRest bool   `json:"deleteAllNotInImport"`
	} `json:"importOptions"`
	Meta any `json:"meta"` // of a listing
}

// importMappings adds several stubs, all of them or none.
func (c *call) importMappings() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	text, err := c.body(stateLimit)
	if err != nil {
		return nil, err
	}
	var order importOrder
	if err := stub.Decode(text, &order, ""); err != nil {
		return nil, unfit(err)
	}
	if policy := order.Options.Duplicates; policy != "" && policy != "OVERWRITE" && policy != "IGNORE" {
		return nil, badBody("duplicatePolicy %q: expected OVERWRITE or IGNORE", policy)
	}
	var stubs []*stub.Stub
	imported := map[string]bool{}
	for i, raw := range slices.Backward(order.Mappings) {
		one, err := stub.Parse(raw)
		if err == nil {
			err = CheckStubs(c.plane.srv.Defs(), one)
		}
		if p, ok := unfit(err).(*problem); ok {
			p.pointer = "/mappings/" + strconv.Itoa(i) + p.pointer
			return nil, p
		} else if err != nil {
			return nil, err
		}
		imported[one.ID] = true
		if order.Options.Duplicates != "IGNORE" || w.Stubs.Find(one.ID) == nil {
			stubs = append(stubs, one)
		}
	}
	for _, one := range stubs {
		if err := c.keep(w, one); err != nil {
			return nil, err
		}
	}
	w.Stubs.Put(stubs...)
	if order.Options.DeleteRest {
		_, err = c.drop(w, func(one *stub.Stub) bool { return !imported[one.ID] })
	}
	return done, err
}
