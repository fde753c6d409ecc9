package main

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake/table"
)

// sections are the content of a state file. The rows are read from the file when they are needed, so the file is never
// in memory as a whole.
type sections struct {
	worlds map[string]fileWorld
	tables map[string]table.Tables // of the other parts

	file io.ReaderAt
	in   *jsontext.Decoder
	err  error // of reading rows
}

// readSections reads a state file. If it is anything but JSON in a regular file, it is read as a whole.
func readSections(f *os.File) (*sections, error) {
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if s := findSections(f, info.Size()); s != nil {
			return s, nil
		}
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return decodeSections(text)
}

// decodeSections decodes a state file.
func decodeSections(text []byte) (*sections, error) {
	parts, err := control.ReadState(text)
	if err != nil {
		return nil, err
	}
	s := &sections{tables: map[string]table.Tables{}}
	if part, ok := parts[worldsPart]; ok {
		if err := decodePart(worldsPart, part, &s.worlds); err != nil {
			return nil, err
		}
	}
	delete(parts, worldsPart)
	for name, part := range parts {
		var content map[string][]json.RawMessage
		if err := decodePart(name, part, &content); err != nil {
			return nil, err
		}
		if content["_jobs"] == nil {
			delete(content, "_jobs") // null stands for no jobs
		}
		s.tables[name] = table.InTables(content)[0]
	}
	return s, nil
}

// findSections finds the sections of a state file that is valid JSON. It returns nil if the file is not: then
// decodeSections reports the error.
func findSections(file io.ReaderAt, size int64) *sections {
	s := &sections{tables: map[string]table.Tables{}, file: file}
	s.in = newDecoder(section(file, 0, size))
	if !s.members(s.part) {
		return nil
	}
	if _, err := s.in.ReadToken(); err != io.EOF {
		return nil
	}
	return s
}

// section reads a part of a file, in pieces of a size that makes few calls.
func section(file io.ReaderAt, start, size int64) io.Reader {
	return bufio.NewReaderSize(io.NewSectionReader(file, start, size), 1<<18)
}

func newDecoder(from io.Reader) *jsontext.Decoder { // accepts what encoding/json does
	return jsontext.NewDecoder(from, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// members visits the members of an object. It returns false if there is no object, if a name is there twice, or if
// visit returns false.
func (s *sections) members(visit func(name string) bool) bool {
	if start, err := s.in.ReadToken(); err != nil || start.Kind() != '{' {
		return false
	}
	seen := map[string]bool{}
	for s.in.PeekKind() != '}' {
		token, err := s.in.ReadToken()
		if err != nil {
			return false
		}
		name := token.String()
		if seen[name] || !visit(name) {
			return false
		}
		seen[name] = true
	}
	_, err := s.in.ReadToken()
	return err == nil
}

// part reads one member of the file.
func (s *sections) part(name string) bool {
	if name == worldsPart {
		value, err := s.in.ReadValue()
		return err == nil && decodePart(name, json.RawMessage(value), &s.worlds) == nil
	}
	tables := table.Tables{}
	s.tables[name] = tables
	return s.members(func(name string) (ok bool) {
		tables[name], ok = s.list()
		return ok
	})
}

// list passes over a list of rows.
func (s *sections) list() (rows table.Batches, ok bool) {
	if start, err := s.in.ReadToken(); err != nil || start.Kind() != '[' {
		return nil, false
	}
	var at []place
	for s.in.PeekKind() != ']' {
		row, err := s.in.ReadValue() // SkipValue takes twice as long
		if err != nil {
			return nil, false
		}
		at = append(at, place{s.in.InputOffset() - int64(len(row)), len(row)})
	}
	_, err := s.in.ReadToken()
	return func(yield func([]json.RawMessage) bool) { s.read(at, yield) }, err == nil
}

// place is where a row is in the file.
type place struct {
	start int64
	size  int
}

// perBatch is the number of rows that are read at a time.
const perBatch = 2048

// read reads rows.
func (s *sections) read(all []place, yield func([]json.RawMessage) bool) {
	var batch []json.RawMessage
	var text []byte
	for some := range slices.Chunk(all, perBatch) {
		first, last := some[0], some[len(some)-1]
		size := int(last.start-first.start) + last.size
		text = slices.Grow(text[:0], size)[:size]
		if _, err := s.file.ReadAt(text, first.start); err != nil {
			s.err = err
			return
		}
		batch = batch[:0]
		for _, row := range some {
			from := int(row.start - first.start)
			batch = append(batch, json.RawMessage(text[from:from+row.size:from+row.size]))
		}
		if !yield(batch) {
			return
		}
	}
}
