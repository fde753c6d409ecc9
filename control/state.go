package control

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/safeyaml"
)

const yamlMedia = "application/yaml"

// state answers with all rows of a world, or with those of one fake, as YAML if the client accepts it.
func (c *call) state() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	only, format, parts := c.r.FormValue("fake"), c.r.FormValue("format"), map[string]any{}
	if format != "" && format != "json" && format != "yaml" {
		return nil, badRequest("format=%s; formats: json, yaml", format)
	}
	if err := c.checkFakes(only); err != nil {
		return nil, err
	}
	if err := w.Build(); err != nil {
		return nil, err
	}
	for name, rows := range w.Tables() {
		if only == "" || only == name {
			parts[name] = rows
		}
	}
	stream := func(to *bufio.Writer) {
		WriteState(to, parts, "") // rows can be encoded
		to.WriteByte('\n')
	}
	if format == "json" || format == "" && !strings.Contains(c.r.Header.Get("Accept"), "yaml") {
		return &reply{media: "application/json", stream: stream}, nil
	}
	var all bytes.Buffer
	to := bufio.NewWriter(&all)
	stream(to)
	to.Flush()
	text, err := yaml.JSONToYAML(all.Bytes())
	if err != nil {
		return nil, err
	}
	return &reply{media: yamlMedia, text: text}, nil
}

// putState replaces the rows of the fakes in the body.
func (c *call) putState() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	text, err := c.body(stateLimit)
	if err != nil {
		return nil, err
	}
	var rows fake.Rows
	if err = readContent(c.r.Context(), text, yamlLimit, &rows); err == nil {
		err = c.r.Context().Err() // building the rows takes most of the time
	}
	if err == nil {
		err = checkRows(rows)
	}
	if err != nil {
		return nil, badRequest("the body: %v", err)
	}
	if err := w.Load(rows); err != nil {
		return nil, newProblem(http.StatusUnprocessableEntity, "%v", err)
	}
	return map[string]any{"world": w.Name, "rows": w.Sizes()}, nil
}

// checkRows returns an error for null in place of the rows of all fakes or of one. No rows are written {}.
func checkRows(rows fake.Rows) error {
	if rows == nil {
		return errors.New("null; expected an object with tables by fake")
	}
	for name, seed := range rows {
		if seed == nil {
			return fmt.Errorf("%s is null; expected an object with rows by table, {} for none", name)
		}
	}
	return nil
}

// ReadState decodes a state file, whose parts are rows by fake and more, from JSON or YAML.
func ReadState(text []byte) (map[string]json.RawMessage, error) {
	var parts map[string]json.RawMessage
	err := readContent(context.Background(), text, stateLimit, &parts)
	return parts, err
}

// ReadSeed decodes the content of one fake, table → rows, from JSON or YAML.
func ReadSeed(text []byte) (fake.Seed, error) {
	var seed fake.Seed
	err := readContent(context.Background(), text, stateLimit, &seed)
	return seed, err
}

// yamlLimit is how much YAML a client may send: twice the rows of the default seeds. The YAML library cannot be
// interrupted and takes about half a second for a megabyte.
const yamlLimit = 2 << 20

func readContent(ctx context.Context, text []byte, limit int, v any) error {
	text = safeyaml.TrimBOM(text)
	first := bytes.TrimSpace(text)
	if len(first) == 0 {
		return errors.New("it is empty")
	}
	if first[0] != '{' {
		if len(text) > limit {
			return fmt.Errorf("YAML has at most %d bytes; send JSON", limit)
		}
		var err error
		if text, err = safeyaml.ToJSON(ctx, text); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(text, v); err != nil {
		return errors.New(plainJSON(err.Error(), reflect.TypeOf(v)))
	}
	return nil
}

// diff compares the world with another one, or with its state right after an earlier request.
func (c *call) diff() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	if err := w.Build(); err != nil {
		return nil, err
	}
	with, since := c.r.FormValue("with"), c.r.FormValue("since")
	var found []fake.Difference
	switch {
	case with != "" && since != "" || with == "" && since == "":
		return nil, badRequest("say what to compare with: either with=<world> or since=<id of a request>")
	case with != "":
		other, err := c.plane.srv.World(with)
		if err != nil {
			return nil, newProblem(http.StatusNotFound, "%v", err)
		}
		if err := other.Build(); err != nil {
			return nil, err
		}
		found = w.Diff(other)
	default:
		if since, err = c.position(w, since); err != nil {
			return nil, err
		}
		if found, err = w.ChangesSince(since); err != nil {
			return nil, newProblem(http.StatusNotFound, "%v", err)
		}
	}
	if found == nil {
		found = []fake.Difference{}
	}
	return map[string]any{"world": w.Name, "changes": found}, nil
}

// rewindOrder is the body of POST /rewind: one of the two.
type rewindOrder struct {
	Entry  string `json:"entry"`  // the id of the last request to keep
	Before string `json:"before"` // or of the first one to undo
}

// rewind undoes every write after a request.
func (c *call) rewind() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	var order rewindOrder
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	if (order.Entry == "") == (order.Before == "") {
		return nil, badRequest("say where to go: entry is the id of the last request to keep," +
			" before that of the first one to undo")
	}
	rewind := w.Rewind
	if order.Before != "" {
		rewind = w.RewindBefore
	}
	to, err := c.position(w, order.Entry+order.Before) // one is empty
	if err != nil {
		return nil, err
	}
	undone, err := rewind(to)
	if err != nil {
		return nil, newProblem(http.StatusNotFound, "%v", err)
	}
	return map[string]any{"world": w.Name, "undone": undone}, nil
}

// deliveries answers with the log of webhooks of every fake.
func (c *call) deliveries() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	type line struct {
		Fake string `json:"fake"`
		fake.Delivery
	}
	lines := []line{}
	for _, name := range c.fakes() {
		s, err := w.State(name)
		if err != nil {
			return nil, err
		}
		for _, d := range s.Deliveries() {
			d.URL, d.Body, d.Problem = c.maskDelivery(name, d)
			lines = append(lines, line{name, d})
		}
	}
	return map[string]any{"world": w.Name, "deliveries": lines, "queue": w.Queue()}, nil
}
