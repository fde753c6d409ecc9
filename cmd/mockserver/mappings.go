package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/stub"
)

// mappingFolder is a folder of WireMock's files: mappings in DIR/mappings, or right in DIR, and what bodyFileName names
// in DIR/__files.
type mappingFolder string

func (d mappingFolder) mappings() string {
	within := filepath.Join(string(d), "mappings")
	if info, err := os.Stat(within); err == nil && info.IsDir() {
		return within
	}
	if info, err := os.Stat(filepath.Join(string(d), "__files")); err == nil && info.IsDir() {
		return within
	}
	return string(d)
}

// read reads all stubs and files.
func (d mappingFolder) read() (*stub.Defaults, error) {
	out := &stub.Defaults{Files: map[string][]byte{}}
	if _, err := os.Stat(string(d)); err != nil {
		return nil, err
	}
	err := eachFile(d.mappings(), func(name string, text []byte) error {
		if !strings.HasSuffix(name, ".json") {
			return nil
		}
		stubs, err := parseMappings(name, text)
		out.Stubs = append(out.Stubs, stubs...)
		return err
	})
	lateFirst(out.Stubs)
	if err == nil {
		err = eachFile(filepath.Join(string(d), "__files"), func(name string, text []byte) error {
			out.Files[name] = text
			return nil
		})
	}
	return out, err
}

// eachFile calls read with every file below a folder, by name. A folder that does not exist has none.
func eachFile(dir string, read func(name string, text []byte) error) error {
	err := filepath.WalkDir(dir, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, file)
		if err == nil {
			err = read(filepath.ToSlash(name), text)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// parseMappings reads one file. A stub without an identifier gets one from its place, the same at every start.
func parseMappings(name string, text []byte) ([]*stub.Stub, error) {
	var many struct {
		Mappings []json.RawMessage `json:"mappings"`
	}
	if json.Unmarshal(text, &many) != nil || many.Mappings == nil {
		many.Mappings = []json.RawMessage{text}
	}
	var stubs []*stub.Stub
	for i, one := range many.Mappings {
		var m stub.Mapping
		err := stub.Decode(one, &m, "")
		if err == nil && m.ID+m.UUID == "" {
			sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, i))
			sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8 of RFC 9562
			m.ID = fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
		}
		var parsed *stub.Stub
		if err == nil {
			parsed, err = stub.Compile(m)
		}
		if e, ok := errors.AsType[*stub.Error](err); ok {
			return nil, fmt.Errorf("%s: %s: %s", name, e.Pointer, e.Detail)
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		stubs = append(stubs, parsed)
	}
	return stubs, nil
}

// Save writes a stub under its identifier.
func (d mappingFolder) Save(one *stub.Stub) error {
	if err := os.MkdirAll(d.mappings(), 0o777); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, one.Text, "", "  "); err != nil {
		return err
	}
	text.WriteByte('\n')
	return replaceFile(d.file(one), func(to *bufio.Writer) error {
		_, err := to.Write(text.Bytes())
		return err
	})
}

func (d mappingFolder) file(one *stub.Stub) string {
	return filepath.Join(d.mappings(), one.ID+".json")
}

// Remove deletes the file that Save wrote. A stub that came from a file of another name stays there.
func (d mappingFolder) Remove(one *stub.Stub) error {
	err := os.Remove(d.file(one))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lateFirst orders stubs so that those which the server saved come after, and so in the place of, those they came from.
func lateFirst(stubs []*stub.Stub) {
	slices.SortStableFunc(stubs, func(a, b *stub.Stub) int {
		switch {
		case a.Persistent == b.Persistent:
			return 0
		case b.Persistent:
			return -1
		}
		return 1
	})
}
