package recorder

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/contracts/vcr"
	"github.com/afba07b5/mockserver/redact"
)

// ErrEmpty means that nothing was recorded.
var ErrEmpty = errors.New("nothing was recorded")

// Saved describes what Save wrote.
type Saved struct {
	Interactions int
	Secrets      int      // number of different values that were replaced
	Notes        []string // remarks for the user

	WithoutCredential int // number of requests left out because no credential was found in them
}

// Free returns an error unless dir does not exist or is an empty folder.
func Free(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s: expected a folder that does not exist yet: %w", dir, err)
	case len(entries) > 0:
		return fmt.Errorf("%s holds %s already; recordings are not overwritten, name another folder", dir,
			entries[0].Name())
	}
	return nil
}

// Save writes dir/cassette.yaml and dir/case.yaml, readable by their owner only. It returns
// ErrEmpty if there is nothing to write. The Recorder can continue and be saved elsewhere, with
// other pseudonyms.
func (r *Recorder) Save(dir string) (*Saved, error) {
	if err := Free(dir); err != nil {
		return nil, err
	}
	made, saved, err := r.render()
	if err != nil {
		return saved, err
	}
	return saved, write(dir, made)
}

// Files returns the files of the case by name. An exchange that cannot be written without a secret
// is left out with a note; the others are written.
func (r *Recorder) Files() (map[string]string, *Saved, error) {
	made, saved, err := r.render()
	if err != nil {
		return nil, saved, err
	}
	text, err := vcr.Encode(made.interactions)
	made.files["cassette.yaml"] = string(text)
	return made.files, saved, err
}

// rendered is a recording without its secrets.
type rendered struct {
	all          []*exchange // those that are kept
	interactions []*cassette.Interaction
	files        map[string]string // without the cassette
}

// render replaces the secrets and leaves out what cannot be written without one.
func (r *Recorder) render() (rendered, *Saved, error) {
	all, notes := r.recorded(), r.noted()
	var suspects []*exchange
	bare := 0
	for len(all) > 0 {
		seen := r.observeCredentials(all)
		drop := seen.bare
		if len(drop) == 0 {
			b := r.secrets(all, suspects, seen)
			interactions := scrub(b, all)
			if drop = search(b, interactions); len(drop) == 0 {
				files := map[string]string{"case.yaml": r.caseYAML(b, seen, interactions)}
				more := r.addDeliveries(files, b, all, interactions)
				return rendered{all, interactions, files}, &Saved{Interactions: len(all), Secrets: b.Len(),
					Notes: slices.Concat(seen.notes(), notes, more), WithoutCredential: bare}, nil
			}
		}
		var kept []*exchange
		for n, x := range all {
			if drop[n] == "" {
				kept = append(kept, x)
				continue
			}
			if suspects = append(suspects, x); drop[n] == noCredential {
				bare++
			}
			notes = append(notes, leftOut(x.location, x.method, pathOf(x.url), drop[n]))
		}
		all = kept
	}
	return rendered{}, &Saved{Notes: notes, WithoutCredential: bare}, ErrEmpty
}

// leftOut returns the note about a request that is not in the recording.
func leftOut(place int, method, path, reason string) string {
	return fmt.Sprintf("left out: request %d, %s %s: %s", place+1, method, path, reason)
}

func pathOf(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Path
	}
	return ""
}

// secrets learns the secrets of the whole recording.
func (r *Recorder) secrets(all, suspects []*exchange, seen *credentialUses) *redact.Secrets {
	def := r.options.Fake
	b := redact.New(newKey(), slices.Concat(def.Secrets, conduct.KeyNames(def.Spec)))
	b.SetPublic(redact.NewPublic(r.public.rows))
	for value := range seen.holders {
		b.ExpectCredential(value)
	}
	for _, x := range all {
		for _, value := range r.offered(x) {
			b.AddCredential(value)
		}
	}
	for _, text := range append([]string{r.options.About, r.options.Version}, r.options.Principals...) {
		b.Learn(text)
	}
	for _, x := range all {
		x.learn(b)
	}
	for _, d := range r.deliveries {
		d.learn(b)
	}
	for _, x := range suspects {
		x.suspect(b)
	}
	return b
}

// usual lists request headers that never carry a credential.
var usual = map[string]bool{
	"Accept": true, "Accept-Charset": true, "Accept-Language": true, "Cache-Control": true, "Content-Type": true,
	"Date": true, "If-Match": true, "If-Modified-Since": true, "If-None-Match": true, "Origin": true, "Pragma": true,
	"Prefer": true, "Priority": true, "Range": true, "User-Agent": true,
}

// suspect adds the possible credentials of a request in which none was found, so that the other
// exchanges do not show them either.
func (x *exchange) suspect(b *redact.Secrets) {
	for name, values := range lasting(x.header) {
		for _, value := range values {
			if !usual[http.CanonicalHeaderKey(name)] {
				b.Suspect(value)
			}
		}
	}
	if u, err := url.Parse(x.url); err == nil {
		for _, values := range u.Query() {
			for _, value := range values {
				b.Suspect(value)
			}
		}
	}
}

// scrub replaces the secrets and reads the result again. If the result shows a secret that was
// overlooked, scrub repeats the replacement with that secret added.
func scrub(b *redact.Secrets, all []*exchange) []*cassette.Interaction {
	b.Freeze()
	for {
		var interactions []*cassette.Interaction
		for n, x := range all {
			interactions = append(interactions, x.scrubbed(b, n))
		}
		before := b.Len()
		for _, i := range interactions {
			exchangeOf(i).learn(b)
		}
		if b.Len() == before {
			return interactions
		}
	}
}

func exchangeOf(i *cassette.Interaction) *exchange {
	return &exchange{
		method: i.Request.Method, url: i.Request.URL, proto: i.Request.Proto, header: i.Request.Headers,
		body: []byte(i.Request.Body), status: i.Response.Code, phrase: i.Response.Status, answer: i.Response.Headers,
		result: []byte(i.Response.Body), took: i.Response.Duration,
	}
}

// write writes new files, readable by their owner only; either all or none.
func write(dir string, made rendered) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var written []string
	defer func() {
		for _, file := range written {
			if err != nil {
				os.Remove(file)
			}
		}
	}()
	for name, text := range made.files {
		file := filepath.Join(dir, name)
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		written = append(written, file)
		_, err = f.WriteString(text)
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
	err = vcr.Save(filepath.Join(dir, "cassette"), made.interactions)
	if !errors.Is(err, fs.ErrExist) {
		written = append(written, filepath.Join(dir, "cassette.yaml"))
	}
	return err
}
