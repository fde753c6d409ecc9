package mocks_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
)

// TestFastDecodingIsLikeTheOther loads changed rows of the seeds, which takes the fast decoder if that can, and the
// same rows with an escape in a name, which it cannot decode.
func TestFastDecodingIsLikeTheOther(t *testing.T) {
	t.Parallel()
	state := defaultStates(t)
	c, tw := state("flexcrm"), state("twenty")
	compareDecoders[flexcrm.Record](t, c, "flexdb/tbl_customer")
	for _, name := range []string{"company", "person", "note", "opportunity", "task", "workspaceMember"} {
		compareDecoders[*record.Record](t, tw, "record:"+name)
	}
}

func compareDecoders[T any](t *testing.T, s *fake.State, name string) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 4))
	rows, accepted := s.Dump(name), 0
	if len(rows) == 0 {
		t.Errorf("%s has no rows", name)
		return
	}
	tab := fake.TableOf[T](s, name)
	const rounds = 300
	for n := range rounds {
		text := changeRow(t, r, rows[n%len(rows)])
		s.Change(func() error {
			want := loaded(tab, func() bool { return tab.Untyped().Load(escaped(text)) == nil })
			one := table.InBatches([]json.RawMessage{text})
			got := loaded(tab, func() bool { return tab.Untyped().LoadAll(one) })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s\n%s\n(-escaped +plain)\n%s", name, text, diff)
			}
			if got != nil {
				accepted++
			}
			return nil
		})
	}
	if accepted < rounds/4 {
		t.Errorf("%s: only %d of %d rows are valid", name, accepted, rounds)
	}
}

// escaped writes the first letter of an object's first name as an escape.
func escaped(row json.RawMessage) json.RawMessage {
	if !bytes.HasPrefix(row, []byte(`{"`)) {
		return row
	}
	return fmt.Appendf(nil, `{"\u%04x%s`, row[2], row[3:])
}

// loaded empties a table, loads rows and returns their identifiers, JSON and values, nil if the rows are refused.
func loaded[T any](tab *fake.Table[T], load func() bool) (out []string) {
	tab.DeleteIf(func(T) bool { return true })
	if !load() {
		return nil
	}
	for row := range tab.Rows() {
		out = append(out, tab.Key(row.Value), string(row.JSON()), fmt.Sprintf("%+v", row.Value))
	}
	return out
}

// changeRow changes the order of a row's members, leaves some out or gives them values of other types, but not its
// identifier, which would be generated.
func changeRow(t *testing.T, r *rand.Rand, row json.RawMessage) json.RawMessage {
	t.Helper()
	odd := []string{`null`, `""`, `"a"`, `"1"`, `0`, `-1.50`, `1e3`, `true`, `[]`, `["a"]`, `["a",1]`, `{}`, `{"a":[]}`,
		`"2026-02-30T00:00:00.000Z"`, `"2026-02-03T04:05:06.789Z"`, `"0000-01-01T00:00:00.000Z"`, `"\u00e9\n"`}
	var members []string
	values := map[string]json.RawMessage{}
	if err := table.EachMember(row, func(name string, value []byte) error {
		members = append(members, name)
		values[name] = value
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if r.IntN(3) == 0 {
		r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	}
	change := r.IntN(4)
	blank := " "[:r.IntN(2)]
	out := []byte{'{'}
	for i, name := range members {
		value := values[name]
		if name != "id" && change > 0 && r.IntN(8*change) == 0 {
			switch r.IntN(4) {
			case 0:
				continue // without this member
			case 1:
				if value[0] == '{' {
					value = changeRow(t, r, value)
				}
			default:
				value = json.RawMessage(odd[r.IntN(len(odd))])
			}
		}
		if i > 0 && len(out) > 1 {
			out = append(append(out, ','), blank...)
		}
		out = fmt.Appendf(out, `"%s":%s%s`, name, blank, value)
	}
	return append(out, '}')
}
