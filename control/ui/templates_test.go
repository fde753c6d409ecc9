package ui

import "testing"

// TestKnownShowsWhatPeopleKnowARowBy checks which value of a row stands beside its identifier.
func TestKnownShowsWhatPeopleKnowARowBy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row      map[string]any
		searched string
		want     string
	}{
		{map[string]any{"id": "1", "name": "Acme", "fullName": "Acme K.K."}, "", "Acme"},
		{map[string]any{"id": "1", "firstName": "Ada", "lastName": "Lovelace", "email": "ada@x.test"}, "", "Lovelace"},
		{map[string]any{"id": "1", "title": "Chairs", "status": "draft"}, "", "Chairs"},
		{map[string]any{"id": "1", "url": "https://example.com"}, "", ""},
		{map[string]any{"id": "p1", "status": "created", "recipient": "Mira P1"}, "p1", "Mira P1"},
		{map[string]any{"id": "p1", "status": "created", "note": "for mira", "name": "Mira"}, "mira", "Mira"},
		{map[string]any{"id": "p1", "status": "created", "to": map[string]any{"name": "Mira"}}, "mira", "created"},
		{nil, "", ""},
	} {
		if got := known(c.row, c.searched); got != c.want {
			t.Errorf("%v is known by %q, expected %q", c.row, got, c.want)
		}
	}
}
