package compare

import (
	"strings"
	"testing"
)

// TestStandingThings matches objects that a workspace has from the start by their properties.
func TestStandingThings(t *testing.T) {
	t.Parallel()
	const seed = `[{"id":"` + idX + `","createdAt":"2026-10-01T08:00:00.000Z"}]`
	row := func(id, name, made string) string {
		return `{"id":"` + id + `","nameSingular":"` + name + `","createdAt":"` + made + `"}`
	}
	const then = "2026-10-01T08:00:00.000Z"
	for _, test := range []struct {
		name string
		seed string
		play []said
		want string
	}{
		{
			name: "another workspace",
			seed: seed,
			play: []said{{rec: row(idA, "desk", early), got: row(idX, "desk", then)}},
		},
		{
			name: "and its own stamps, of another day",
			seed: seed,
			play: []said{{rec: row(idA, "desk", "2026-01-02T10:00:00.123Z"), got: row(idX, "desk", then)}},
		},
		{
			name: "one thing is one thing",
			seed: seed,
			play: []said{{rec: row(idA, "desk", early), got: row(idX, "desk", then)},
				{rec: `"` + idA + `"`, got: `"` + idX + `"`}},
		},
		{
			name: "two are not one",
			seed: seed,
			play: []said{{rec: row(idA, "desk", early), got: row(idX, "desk", then)},
				{rec: row(idB, "desk", early), got: row(idX, "desk", then)}},
			want: "stands for",
		},
		{
			name: "another thing",
			seed: seed,
			play: []said{{rec: row(idA, "desk", early), got: row(idX, "lamp", then)}},
			want: "named before",
		},
		{
			name: "a stamp of another form",
			seed: seed,
			play: []said{{rec: row(idA, "desk", "2026-01-02T10:00:00Z"), got: row(idX, "desk", then)}},
			want: "$.createdAt",
		},
		{
			name: "a stamp of neither seed nor replay",
			seed: seed,
			play: []said{{rec: row(idA, "desk", early), got: row(idX, "desk", "2025-01-01T00:00:00.000Z")}},
			want: "$.createdAt",
		},
		{
			name: "what was there on both sides is compared",
			seed: seed,
			play: []said{{rec: row(idX, "desk", then), got: row(idX, "desk", "2025-01-01T00:00:00.000Z")}},
			want: "$.createdAt",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := rulesOf(t, "identities: [[nameSingular]]\n")
			got := differs(t, rules, test.seed, test.play)
			if test.want == "" && got != "" || test.want != "" && !strings.Contains(got, test.want) {
				t.Errorf("difference %q, want one with %q", got, test.want)
			}
		})
	}
}
