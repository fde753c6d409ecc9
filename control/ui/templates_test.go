package ui

import "testing"

// TestKnownShowsWhatPeopleKnowARowBy checks which value of a row stands beside its identifier.
func TestKnownShowsWhatPeopleKnowARowBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  map[string]any
		want string
	}{
		{map[string]any{"id": "1", "name": "Acme", "fullName": "Acme K.K."}, "Acme"},
		{map[string]any{"id": "1", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@example.com"}, "Lovelace"},
		{map[string]any{"id": "1", "title": "Chairs", "status": "draft"}, "Chairs"},
		{map[string]any{"id": "1", "url": "https://example.com"}, ""},
		{nil, ""},
	} {
		if got := known(c.row); got != c.want {
			t.Errorf("%v is known by %q, expected %q", c.row, got, c.want)
		}
	}
}
