package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
)

// Load implements Any.
func (t *core) Load(text json.RawMessage) error {
	row, err := t.decode(text)
	if err != nil {
		return err
	}
	t.fillRow(row)
	return t.replace(nil, row)
}

// Merge implements Any.
func (t *core) Merge(text json.RawMessage) error {
	row, err := t.decode(text)
	if err != nil {
		return err
	}
	old := t.find(t.id(row))
	if old != nil {
		if row, err = t.decode(overlay(old.JSON(), text)); err != nil {
			return err
		}
	}
	t.fillRow(row)
	return t.replace(old, row)
}

// RowType implements Any.
func (t *core) RowType() reflect.Type { return reflect.TypeOf(t.newRow().value()).Elem() }

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// decode decodes a row. It refuses what is not an object, and unknown fields.
func (t *core) decode(text json.RawMessage) (stored, error) {
	if row := t.decodeLoaded(text); row != nil {
		return row, nil
	}
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil, fmt.Errorf("table %s: row %s: expected an object", t.name, shorten(text))
	}
	row := t.newRow()
	err := strict(text, row.value())
	if err == nil {
		if err = t.checkRow(row); err == nil {
			return row, nil
		}
	} else if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		err = fmt.Errorf("unknown field %q%s", m[1], nearest.Hint(m[1], fieldNames(t.RowType())))
	}
	return nil, fmt.Errorf("table %s: row %s: %w", t.name, shorten(text), err)
}

// fieldNames returns the JSON names of a struct's fields and of the structs in it.
func fieldNames(t reflect.Type) (names []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() == "time" {
		return nil
	}
	for f := range t.Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
		if f.Type != t {
			names = append(names, fieldNames(f.Type)...)
		}
	}
	return names
}

// overlay returns the object old with the members of the object over added or replaced.
func overlay(old, over []byte) json.RawMessage {
	members := map[string]json.RawMessage{}
	for _, text := range [][]byte{old, over} {
		json.Unmarshal(text, &members) // both have been decoded before
	}
	return Encode(members)
}
