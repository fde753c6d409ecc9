package record

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
)

// checkText rejects U+0000, which the database stores neither in text nor in JSON:
// kind_values_scalars 48, 80 and 116, kind_values_composites 51 and 54. It rejects more words than a search vector
// has room for, too.
func (r *Record) checkText() error {
	if slices.ContainsFunc(r.values, jsonb.HasNUL) {
		return reject.Value()
	}
	if r.layout.fixed.vector < 0 || r.size() < pgtext.VectorLimit/256 { // its words take much less than the limit
		return nil
	}
	text := r.searchText()
	if len(text) > pgtext.VectorLimit/4 && pgtext.VectorBytes(text) > pgtext.VectorLimit {
		return reject.Value() // inferred
	}
	return nil
}
