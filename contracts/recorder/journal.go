package recorder

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/journal"
)

// FromJournal returns a function that makes a case of the requests and deliveries of a world. The
// case starts from the world's seed and settings. Its principals are those of the seed and of the
// credentials issued with the world. rules contains <fake>/rules.yaml, for the signatures of
// deliveries; it may be nil.
func FromJournal(rules fs.FS) control.CaseOf {
	return func(w *fake.World, def *fake.Def, entries []*fake.Entry) (map[string]string, []string, error) {
		return caseOf(rules, w, def, entries)
	}
}

func caseOf(rules fs.FS, w *fake.World, def *fake.Def, entries []*fake.Entry) (files map[string]string, notes []string,
	err error) {
	if len(entries) == 0 {
		return nil, nil, ErrEmpty
	}
	settings := w.Settings()
	o := Options{
		Fake: def, Upstream: originOf(entries[0].URL), About: "Exported from the journal of a mockserver.",
		Version: "of the fake", Seed: settings.Seeds[def.Name], Rules: rules,
		Now: func() time.Time { return entries[0].At },
	}
	o.Settings.Features = maps.Clone(settings.Features)
	maps.DeleteFunc(o.Settings.Features, func(_ string, on bool) bool { return !on })
	r, err := New(o)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range handedOut(w, def) {
		r.knows(c, holder{principal: c.Principal, state: c.State})
	}
	places := map[int]int{}
	for n, e := range entries {
		r.addEntry(e)
		places[e.Position] = n
	}
	if state, err := w.State(def.Name); err == nil {
		r.addDelivered(state, entries, places)
	}
	files, saved, err := r.Files()
	return files, saved.Notes, err
}

// handedOut returns the credentials issued with a world.
func handedOut(w *fake.World, def *fake.Def) []fake.Credential {
	var all map[string][]fake.Credential
	if json.Unmarshal(w.Credentials(), &all) != nil {
		return nil
	}
	return all[def.Name]
}

// addDelivered adds what a world sent because of the conversation. It skips deliveries that were
// not allowed and deliveries to a receiver that the conversation did not register, because a replay
// starts without that one. places has the position of each journal entry among the requests.
func (r *Recorder) addDelivered(state *fake.State, entries []*fake.Entry, places map[int]int) {
	named := func(address string) bool {
		return slices.ContainsFunc(entries, func(e *fake.Entry) bool {
			return strings.Contains(string(e.Body), address) || strings.Contains(string(e.Answer), address)
		})
	}
	for _, d := range state.Deliveries() {
		if !named(d.URL) {
			r.note("left out: a delivery to a receiver that the conversation does not name, %s", originOf(d.URL))
			continue
		}
		header := http.Header{}
		for name, value := range d.Header {
			header.Set(name, value)
		}
		if d.State == "refused" {
			continue
		}
		place, known := places[d.Entry]
		if !known {
			place = unknownCause
		}
		r.addDelivery(place, d.URL, header, d.Body)
	}
}

// addEntry adds a journal entry, relative to the root of its origin.
func (r *Recorder) addEntry(e *fake.Entry) {
	base, origin := control.Base(e), originOf(e.URL)
	at := func(s string) string {
		if base == origin {
			return s
		}
		return moved(s, base, origin)
	}
	header := func(h http.Header, own func(name string) bool) http.Header {
		out := http.Header{}
		for name, values := range h {
			for _, value := range values {
				if !own(http.CanonicalHeaderKey(name)) {
					out.Add(name, at(value))
				}
			}
		}
		return out
	}
	x := importer.Exchange{
		Method: e.Method, URL: origin + strings.TrimPrefix(e.URL, base), Body: []byte(at(string(e.Body))),
		Status: e.Status, Result: []byte(at(string(e.Answer))), At: e.At, Took: e.Took, Header: header(e.Header,
			func(name string) bool { return name == "Mockserver-World" || name == "X-Forwarded-For" }),
		Answer: header(e.Answered, func(name string) bool { return strings.HasPrefix(name, "Mockserver-") }),
	}
	switch {
	case e.Fault != "":
		r.leaveOut(r.begin(), x.Method, pathOf(x.URL), "it was answered by a fault")
	case len(e.Body) == journal.KeptBody || len(e.Answer) == journal.KeptBody:
		r.leaveOut(r.begin(), x.Method, pathOf(x.URL), "a body is longer than what the journal keeps")
	default:
		r.Add(x)
	}
}
