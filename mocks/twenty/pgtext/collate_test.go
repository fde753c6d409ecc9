package pgtext

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTextsSortAsInTheDatabase compares with PostgreSQL 15 and en_US.utf8: punctuation counts last,
// ties are in byte order.
func TestTextsSortAsInTheDatabase(t *testing.T) {
	t.Parallel()
	want := []string{"", " ", "$5", "010", "1-2", "12", "1.3", "a", "A", "Aachen", "a b", "a-b", "a_b", "ab", "AB",
		"ábc", "abd", "b", "élan", "Elan 2", "zoe", "Zoë", "Жук", "東京"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
