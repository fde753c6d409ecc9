package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fake"
)

// saveEvery is how often the worlds are compared with the file.
const saveEvery = 500 * time.Millisecond

// saver writes all worlds to the state file. It encodes a world only after a change, but the default world whenever
// another one has changed as well.
type saver struct {
	srv    *fake.Server
	file   string
	worlds map[*fake.World]encodedWorld
	tables map[string]json.RawMessage // by hash
}

// encodedWorld is a world, encoded at a version.
type encodedWorld struct {
	version uint64
	world   fileWorld
	rows    fake.Rows // of the default world, until they are written
}

// keepSaving saves the worlds after changes. The returned function stops that and saves them once
// more.
func (h *app) keepSaving() (finish func() error) {
	if h.settings.state == "" {
		return func() error { return nil }
	}
	s := &saver{srv: h.srv, file: h.settings.state, worlds: map[*fake.World]encodedWorld{}}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		s.run(stop)
	}()
	return func() error {
		close(stop)
		<-done
		if err := s.save(true); err != nil {
			return &exitError{exitFailed, fmt.Errorf("--state %s was not saved: %v", s.file, err)}
		}
		return nil
	}
}

func (s *saver) run(stop chan struct{}) {
	tick := time.NewTicker(saveEvery)
	defer tick.Stop()
	failed := false
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		err := s.save(false)
		if err != nil && !failed {
			fmt.Fprintf(os.Stderr, "--state %s could not be saved: %v\n", s.file, err)
		}
		failed = err != nil
	}
}

// save writes the file if a world has changed, or at the end. A reader sees either the old or the
// new worlds.
func (s *saver) save(end bool) error {
	changed, err := s.encodeWorlds()
	if err == nil && (changed || end) {
		err = s.encodeDefault()
	}
	if err != nil || !changed && !end {
		return err
	}
	err = replaceFile(s.file, func(to *bufio.Writer) error { return s.write(to, end) })
	if err != nil {
		s.worlds = map[*fake.World]encodedWorld{} // it is not in the file
	}
	for w, one := range s.worlds {
		one.rows = nil // they may be the most of the memory
		s.worlds[w] = one
	}
	return err
}

// encodeWorlds encodes changed worlds and drops removed ones.
func (s *saver) encodeWorlds() (changed bool, err error) {
	tables, now := map[string]json.RawMessage{}, map[*fake.World]encodedWorld{}
	for _, w := range s.srv.List() {
		if err := w.Build(); err != nil {
			return false, err
		}
		version := w.Version()
		one, known := s.worlds[w]
		if !known || one.version != version {
			one, err = encodeWorld(w, tables)
			one.version, changed = version, true
		}
		if err != nil {
			return false, err
		}
		now[w] = one
		for _, hash := range append(one.world.Rows.all(), one.world.Baseline.all()...) {
			if tables[hash] == nil {
				tables[hash] = s.tables[hash]
			}
		}
	}
	changed = changed || len(now) != len(s.worlds)
	s.worlds, s.tables = now, tables
	return changed, nil
}

// encodeDefault encodes the default world if its rows are not there any more.
func (s *saver) encodeDefault() error {
	for w, one := range s.worlds {
		if w.Name != "default" || one.rows != nil {
			continue
		}
		version := w.Version()
		one, err := encodeWorld(w, s.tables)
		if err != nil {
			return err
		}
		one.version = version
		s.worlds[w] = one
	}
	return nil
}

func encodeWorld(w *fake.World, tables map[string]json.RawMessage) (encodedWorld, error) {
	saved, err := w.Save()
	if err != nil {
		return encodedWorld{}, err
	}
	one := encodedWorld{world: fileWorld{SavedWorld: saved, Baseline: hashTables(saved.Baseline, tables)}}
	if w.Name == "default" {
		one.rows = saved.Rows
	} else {
		one.world.Rows = hashTables(saved.Rows, tables)
	}
	one.world.SavedWorld.Rows, one.world.SavedWorld.Baseline = nil, nil
	return one, nil
}

func hashTables(rows fake.Rows, tables map[string]json.RawMessage) tableHashes {
	if rows == nil {
		return nil
	}
	out := tableHashes{}
	for name, byTable := range rows {
		out[name] = map[string]string{}
		for table, list := range byTable {
			text, err := json.Marshal(list)
			if err != nil {
				panic(err) // rows are JSON
			}
			sum := sha256.Sum256(text)
			hash := hex.EncodeToString(sum[:16])
			tables[hash], out[name][table] = text, hash
		}
	}
	return out
}

func (h tableHashes) all() (hashes []string) {
	for _, byTable := range h {
		for _, hash := range byTable {
			hashes = append(hashes, hash)
		}
	}
	return hashes
}

// write writes the whole file. Encoding YAML is slow, so only the last save does it; until then the
// file contains JSON, which is YAML as well.
func (s *saver) write(to *bufio.Writer, end bool) error {
	parts, worlds := map[string]any{}, map[string]fileWorld{}
	for w, one := range s.worlds {
		worlds[w.Name] = one.world
		for name, rows := range one.rows {
			parts[name] = rows
		}
	}
	parts[worldsPart], parts[tablesPart] = worlds, s.tables
	if end && (strings.HasSuffix(s.file, ".yaml") || strings.HasSuffix(s.file, ".yml")) {
		text, err := json.Marshal(parts)
		if err == nil {
			text, err = yaml.JSONToYAML(text)
		}
		to.Write(text)
		return err
	}
	out := &stateWriter{Writer: to}
	if end {
		out.indent = " "
	}
	out.parts(parts)
	return out.err
}

// followLinks returns the file that a name stands for, so that a symbolic link stays one.
func followLinks(file string) (string, error) {
	for range 40 {
		to, err := os.Readlink(file)
		if err != nil {
			return file, nil // no link, or nothing there
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(file), to)
		}
		file = to
	}
	return "", errors.New("too many symbolic links")
}

// temporary is where a new version of a file is written before it takes the file's place. There is one name, so
// that a kill leaves one file at most, which the next start removes.
func temporary(file string) string {
	return filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".mockserver-new")
}

// writable returns the error that prevents a file from being replaced.
func writable(file string) error {
	f, err := os.OpenFile(temporary(file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func replaceFile(name string, write func(*bufio.Writer) error) error {
	file, err := followLinks(name)
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.OpenFile(temporary(file), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<16)
	if err = errors.Join(write(out), out.Flush()); err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}
