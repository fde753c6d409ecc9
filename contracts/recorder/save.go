package recorder

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/redact"
)

// ErrEmpty means that nothing was recorded.
var ErrEmpty = errors.New("nothing was recorded")

// Saved says what Save wrote.
type Saved struct {
	Interactions int
	Secrets      int      // different values that were replaced
	Notes        []string // what a user should know about the recording
}

// Free returns an error unless dir can be written: it does not exist, or is an empty folder.
func Free(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s: expected a folder that does not exist yet: %w", dir, err)
	case len(entries) > 0:
		return fmt.Errorf("%s holds %s already; recordings are not overwritten, name another folder", dir, entries[0].Name())
	}
	return nil
}

// Save writes dir/cassette.yaml and dir/case.yaml, readable by their owner alone, or nothing. ErrEmpty says
// that there is nothing to write. The Recorder can go on and be saved elsewhere; stand-ins differ then.
func (r *Recorder) Save(dir string) (*Saved, error) {
	all := r.recorded()
	if len(all) == 0 {
		return &Saved{Notes: r.noted()}, ErrEmpty
	}
	if err := Free(dir); err != nil {
		return nil, err
	}
	seen := r.observeCredentials(all)
	if err := seen.missing(); err != nil {
		return nil, err
	}
	b := r.secrets(all, seen)
	tape, err := scrub(b, all)
	if err != nil {
		return nil, err
	}
	files := map[string]string{"cassette.yaml": cassetteYAML(tape), "case.yaml": r.caseYAML(b, seen, tape)}
	if err := search(b, tape, files); err != nil {
		return nil, err
	}
	saved := &Saved{Interactions: len(all), Secrets: b.Len(), Notes: append(seen.notes(), r.noted()...)}
	return saved, write(dir, files)
}

// secrets learns from the whole recording.
func (r *Recorder) secrets(all []*exchange, seen *credentialUses) *redact.Secrets {
	b := redact.New(newKey(), r.options.Fake.Secrets)
	b.SetPublic(r.public.rows)
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
	return b
}

// rounds is how often the result is read again. What is found in it then is replaced as well.
const rounds = 4

func scrub(b *redact.Secrets, all []*exchange) ([]*cassette.Interaction, error) {
	for range rounds {
		var tape []*cassette.Interaction
		for n, x := range all {
			tape = append(tape, x.scrubbed(b, n))
		}
		before := b.Len()
		all = nil
		for _, i := range tape {
			x := exchangeOf(i)
			x.learn(b)
			all = append(all, x)
		}
		if b.Len() == before {
			return tape, nil
		}
	}
	return nil, errors.New("the recording shows more secrets whenever it is read again; nothing is written")
}

func exchangeOf(i *cassette.Interaction) *exchange {
	return &exchange{
		method: i.Request.Method, url: i.Request.URL, proto: i.Request.Proto, header: i.Request.Headers, body: []byte(i.Request.Body),
		status: i.Response.Code, phrase: i.Response.Status, answer: i.Response.Headers, result: []byte(i.Response.Body), took: i.Response.Duration,
	}
}

// write writes files that did not exist, for their owner alone; all or none.
func write(dir string, files map[string]string) (err error) {
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
	for name, text := range files {
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
	return nil
}
