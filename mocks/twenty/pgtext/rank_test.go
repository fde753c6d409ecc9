package pgtext

import "testing"

// TestSearchesRankAsPostgreSQL compares ranks with PostgreSQL 15.
func TestSearchesRankAsPostgreSQL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		input, vector string
		cover, rank   float32
		ok            bool
	}{
		{"stripe", "'stripe':1 'stripe.com':2", 0.2, 0.12158542, true},
		{"a", "'amodei':2 'amodei@anthropic.com':3 'anthropic.com':4", 0.3, 0.18237813, true},
		{"ada", "'ada':1,4", 0.2, 0.075990885, true},
		{"grace hopper", "'grace':1 'hopper':2", 0.1, 0.06079271, true},
		{"grace hopper", "'grace':1", 0, 0.030396355, true},
		{"zoë", "'it''s':1 'zoe':2", 0.1, 0.06079271, true},
		{"", "", 0, 0, true},
		{"nobody", "'ada':1", 0, 0, false},
		{"!?", "'ada':1", 0, 0, false},
		{"foo-bar", "'bar':3 'foo':2 'foo-bar':1", 0.1, 0.26784056, true},
		{"foo-bar", "'bar':2 'foo':1", 0, 0, false},
		{"foo-bar baz", "'bar':2 'baz':3 'foo':1", 0, 0.045594532, true},
		{"anna an", "'anna':1 'annabel':2", 0.2, 0.12158542, true},
	} {
		r, ok := NewQuery(tt.input).Rank(tt.vector)
		if ok != tt.ok || r.Cover != tt.cover || r.Any != tt.rank {
			t.Errorf("%q in %s: %v %v, want %v %v", tt.input, tt.vector, r, ok, tt.cover, tt.rank)
		}
	}
}

func TestQuotedWords(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		vector, word, rest string
		ok                 bool
	}{
		{`'acme':1 'inc':2`, "acme", ":1 'inc':2", true},
		{`'o''neil':1`, "o'neil", ":1", true},
		{`'a\\b''':3 'c'`, `a\b'`, ":3 'c'", true},
		{`'a\b':3`, `a\b`, ":3", true},
		{`'':1`, "", ":1", true},
		{`''`, "", "", true},
		{`'''':1`, "'", ":1", true},
		{`'a''`, "", "", false},
		{`'a`, "", "", false},
		{`'`, "", "", false},
		{`a'b'`, "", "", false},
	} {
		if word, rest, ok := quotedWord(tt.vector); word != tt.word || rest != tt.rest || ok != tt.ok {
			t.Errorf("%s: %q %q %v", tt.vector, word, rest, ok)
		}
	}
}
