package flexcrm

import (
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake/table"
)

// TestARecordInAnotherOrderIsDecodedOnce checks that a record whose keys come in another order than the columns is
// decoded straight into them, and one that lacks a key or has one twice is not.
func TestARecordInAnotherOrderIsDecodedOnce(t *testing.T) {
	t.Parallel()
	l := compile(Table{ID: "t", Name: "t", Fields: []Field{{ID: "code", Name: "code", Type: OneLine},
		{ID: "amount", Name: "amount", Type: Number}}})
	all := make(cells, len(l.columns))
	for i := range all {
		all[i] = Cell{Key: l.columns[i].key, Text: "7", kind: l.columns[i].kind}
	}
	want := string(l.pack(all).AppendJSON(nil))
	var members []string
	if err := table.EachMember([]byte(want), func(name string, value []byte) error {
		members = append(members, `"`+name+`":`+string(value))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(members)
	text := "{" + strings.Join(members, ",") + "}"
	if got, ok := l.decode([]byte(text)); !ok || string(got.AppendJSON(nil)) != want {
		t.Errorf("%s is decoded as %s, %v; want %s", text, got.AppendJSON(nil), ok, want)
	}
	for _, odd := range [][]string{members[1:], append(members[:1:1], members...)} {
		if _, ok := l.decode([]byte("{" + strings.Join(odd, ",") + "}")); ok {
			t.Errorf("%s is decoded", odd)
		}
	}
}
