// Package evidence says how a fake knows the words of a refusal: which recording shows them, which page or source of
// the vendor has them, or that neither does.
//
// A refusal is known by the messages of its answer, without the values in them: see [Template]. What one recording
// shows says nothing of another message that the same handler may answer.
package evidence

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Messages are what is known of the messages of one fake. They must not change.
type Messages struct {
	Fake       string
	Recorded   map[string]map[string]string // operation → template → case that shows it there
	Documented map[string]string            // template → where the vendor says so
}

// MustLoad reads the messages of a fake from recorded.json and documented.json, which its binary embeds. It panics if
// one is missing or wrong.
func MustLoad(name string, files fs.FS) *Messages {
	m := &Messages{Fake: name}
	for file, v := range map[string]any{"recorded.json": &m.Recorded, "documented.json": &m.Documented} {
		text, err := fs.ReadFile(files, file)
		if err == nil {
			err = json.Unmarshal(text, v)
		}
		if err != nil {
			panic(fmt.Errorf("%s: %s: %w", name, file, err))
		}
	}
	return m
}

// Of returns the evidence of a refusal with these templates at an operation, and its source. It is recorded if a
// recording shows all of them at that operation, documented if the vendor says those that no recording shows there,
// and else inferred. Safe for concurrent use.
func (m *Messages) Of(operation string, templates []string) (evidence, source string) {
	var cases, pages, elsewhere, unknown []string
	for _, t := range templates {
		switch {
		case m.Recorded[operation][t] != "":
			cases = append(cases, "fixtures/"+m.Fake+"/"+m.Recorded[operation][t])
		case m.Documented[t] != "":
			pages = append(pages, m.Documented[t])
		default:
			if others := m.shownAt(t); len(others) > 0 {
				elsewhere = append(elsewhere, others...)
			} else {
				unknown = append(unknown, t)
			}
		}
	}
	switch {
	case len(unknown) > 0:
		return fake.Inferred, fmt.Sprintf("no recording shows %q", unknown[0])
	case len(elsewhere) > 0:
		return fake.Inferred, "recorded at other operations: " + list(elsewhere)
	case len(pages) > 0:
		return fake.Documented, list(pages)
	}
	return fake.Recorded, list(cases)
}

// shownAt returns the operations at which a recording shows a message.
func (m *Messages) shownAt(template string) (operations []string) {
	for _, operation := range slices.Sorted(maps.Keys(m.Recorded)) {
		if m.Recorded[operation][template] != "" {
			operations = append(operations, operation)
		}
	}
	return operations
}

func list(all []string) string {
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}
