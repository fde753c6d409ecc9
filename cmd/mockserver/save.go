package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// saveEvery is how often the worlds are compared with the file.
const saveEvery = 500 * time.Millisecond

// saver writes all worlds to the state file. It takes a world only after a change, but the default world whenever
// another one has changed as well.
type saver struct {
	srv    *fake.Server
	file   string
	worlds map[*fake.World]savedWorld
	tables table.Tables // of the other worlds and the baselines, by hash
	loaded versions     // what the file holds as it was found, nil once it has been written
}

// versions are the versions of all worlds at one time.
type versions map[*fake.World]uint64

func versionsOf(srv *fake.Server) versions {
	now := versions{}
	for _, w := range srv.List() {
		now[w] = w.Version()
	}
	return now
}

// savedWorld is a world at a version.
type savedWorld struct {
	version uint64
	world   fileWorld
	rows    map[string]table.Tables // of the default world, until they are written
}

// keepSaving saves the worlds after changes. The returned function stops that and saves them once
// more.
func (h *app) keepSaving() (finish func() error) {
	if h.settings.state == "" {
		return func() error { return nil }
	}
	s := &saver{srv: h.srv, file: h.settings.state, worlds: map[*fake.World]savedWorld{}, loaded: h.loaded}
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

// save writes the file if a world has changed, or at the end. A file that was loaded stays as it is until a world
// changes. A reader sees either the old or the new worlds.
func (s *saver) save(end bool) error {
	if s.loaded != nil && maps.Equal(s.loaded, versionsOf(s.srv)) {
		return nil
	}
	s.loaded = nil
	changed, err := s.takeWorlds()
	if err == nil && (changed || end) {
		err = s.takeDefault()
	}
	if err != nil || !changed && !end {
		return err
	}
	if info, err := os.Stat(s.file); err == nil && info.Size() > largeState {
		debug.SetGCPercent(largeStateGC)
		defer debug.SetGCPercent(usualGC)
	}
	err = replaceFile(s.file, func(to *bufio.Writer) error { return s.write(to, end) })
	if err != nil {
		s.worlds = map[*fake.World]savedWorld{} // it is not in the file
	}
	for w, one := range s.worlds {
		one.rows = nil // the next write would keep what it replaces
		s.worlds[w] = one
	}
	return err
}

// takeWorlds takes changed worlds and drops removed ones.
func (s *saver) takeWorlds() (changed bool, err error) {
	tables, now := table.Tables{}, map[*fake.World]savedWorld{}
	for _, w := range s.srv.List() {
		if err := w.Build(); err != nil {
			return false, err
		}
		version := w.Version()
		one, known := s.worlds[w]
		if !known || one.version != version {
			one, err = takeWorld(w, tables)
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

// takeDefault takes the default world if its rows are not there any more.
func (s *saver) takeDefault() error {
	for w, one := range s.worlds {
		if w.Name != "default" || one.rows != nil {
			continue
		}
		version := w.Version()
		one, err := takeWorld(w, s.tables)
		if err != nil {
			return err
		}
		one.version = version
		s.worlds[w] = one
	}
	return nil
}

func takeWorld(w *fake.World, tables table.Tables) (savedWorld, error) {
	saved, rows, baseline, err := w.Save()
	if err != nil {
		return savedWorld{}, err
	}
	one := savedWorld{world: fileWorld{SavedWorld: saved, Baseline: hashTables(baseline, tables)}}
	if w.Name == "default" {
		one.rows = rows
	} else {
		one.world.Rows = hashTables(rows, tables)
	}
	return one, nil
}

func hashTables(rows map[string]table.Tables, tables table.Tables) tableHashes {
	if rows == nil {
		return nil
	}
	out := tableHashes{}
	for name, byTable := range rows {
		out[name] = map[string]string{}
		for table, list := range byTable {
			hash, texts := hashTable(escaped(list))
			tables[hash], out[name][table] = texts, hash
		}
	}
	return out
}

// mostKept is how much JSON of a table is kept between saves. Longer tables are encoded again.
const mostKept = 64 << 10

// hashTable returns the hash of a table's JSON, and its rows to write.
func hashTable(rows table.Batches) (hash string, out table.Batches) {
	sum := sha256.New()
	var kept []json.RawMessage
	size, separator := 0, []byte("[")
	rows.Each(func(_ int, row json.RawMessage) error {
		sum.Write(separator)
		sum.Write(row)
		separator = []byte(",")
		if size += len(row); size <= mostKept {
			kept = append(kept, bytes.Clone(row))
		}
		return nil
	})
	io.WriteString(sum, "]")
	if out = rows; size <= mostKept {
		out = table.InBatches(kept)
	}
	return hex.EncodeToString(sum.Sum(nil)[:16]), out
}

// escaped returns rows with HTML escapes, in which files have always had the tables of other worlds.
func escaped(rows table.Batches) table.Batches {
	return func(yield func([]json.RawMessage) bool) {
		one := make([]json.RawMessage, 1)
		var text bytes.Buffer
		for batch := range rows {
			for _, row := range batch {
				text.Reset()
				json.HTMLEscape(&text, row)
				if one[0] = text.Bytes(); !yield(one) {
					return
				}
			}
		}
	}
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
		return writeYAML(to, parts)
	}
	indent := ""
	if end {
		indent = " "
	}
	return control.WriteState(to, parts, indent)
}

func writeYAML(to *bufio.Writer, parts map[string]any) error {
	var text bytes.Buffer
	out := bufio.NewWriter(&text)
	if err := errors.Join(control.WriteState(out, parts, ""), out.Flush()); err != nil {
		return err
	}
	yaml, err := yaml.JSONToYAML(text.Bytes())
	to.Write(yaml)
	return err
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
