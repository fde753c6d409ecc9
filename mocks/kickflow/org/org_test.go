package org

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListsOfIdentifiers(t *testing.T) {
	t.Parallel()
	known := func(id string) bool { return id != "x" }
	for _, tt := range []struct {
		ids  []string
		want []string // nil if it is refused
	}{
		{nil, []string{}},
		{[]string{"A", "b"}, []string{"a", "b"}},
		{[]string{"a", "A"}, nil},
		{[]string{"X"}, nil},
	} {
		ids := tt.ids
		err := lowerIDs("teamIds", &ids, known)
		if (err != nil) != (tt.want == nil) {
			t.Errorf("%q: %v", tt.ids, err)
		}
		if diff := cmp.Diff(tt.want, ids); err == nil && diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.ids, diff)
		}
	}
}

func TestColumnsOfMasters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		column MasterField
		ok     bool
	}{
		{MasterField{Title: "t", Code: "c", FieldType: "text", Options: []string{"dropped"}}, true},
		{MasterField{Title: "t", Code: "c", FieldType: "pull_down", Options: []string{"kept"}}, true},
		{MasterField{Title: "t", Code: "c", FieldType: "pull_down"}, false},
		{MasterField{Title: "t", Code: "c", FieldType: "file"}, false},
		{MasterField{Title: " ", Code: "c", FieldType: "text"}, false},
	} {
		column := tt.column
		if err := column.check(); (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt.column, err)
		}
		if column.FieldType == "text" && column.Options != nil {
			t.Errorf("a text has options %q", column.Options)
		}
	}
}

func TestNamesOfActions(t *testing.T) {
	t.Parallel()
	if got := snake("createGeneralMasterItem"); got != "create_general_master_item" {
		t.Error(got)
	}
}
