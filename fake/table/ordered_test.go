package table_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/table"
)

// score is a row with a text and a number to order by.
type score struct {
	ID, Name string
	Points   float64
	Absent   bool // it has no points
}

func byName(down bool) table.Key[score] {
	return table.Key[score]{Name: fmt.Sprint("name ", down), Of: func(s *score, key []byte) []byte {
		return table.AppendText(key, s.Name, down)
	}}
}

// byPoints puts rows without points last.
func byPoints(down bool) table.Key[score] {
	return table.Key[score]{Name: fmt.Sprint("points ", down), Of: func(s *score, key []byte) []byte {
		if s.Absent {
			return table.AppendNumber(key, 1, false)
		}
		return table.AppendNumber(table.AppendNumber(key, 0, false), s.Points, down)
	}}
}

var names = []string{"", "a", "a\x00", "a\x00b", "a\x01", "ab", "b", "é", "\xff", "\xff\xff"}

func drawScore(r *rand.Rand) score {
	return score{fmt.Sprint(r.IntN(60)), names[r.IntN(len(names))], float64(r.IntN(9)-4) / 2, r.IntN(5) == 0}
}

func newScores() *table.Table[score] {
	return table.New(&owner{}, "scores", func(s score) string { return s.ID }, nil).IndexFrom(5)
}

// drawQuery returns a query and the test that says the same in plain Go.
func drawQuery(r *rand.Rand) (table.Query[score], func(score) bool) {
	q := table.Query[score]{Offset: r.IntN(30), Limit: r.IntN(12)}
	tests := []func(score) bool{}
	if r.IntN(2) == 0 {
		name := names[r.IntN(len(names))]
		q.Name, q.Match = fmt.Sprintf("not %q", name), func(s *score) bool { return s.Name != name }
		tests = append(tests, func(s score) bool { return s.Name != name })
		if r.IntN(4) == 0 {
			q.Name = "" // a test that no index may keep
		}
	}
	if r.IntN(2) == 0 {
		least := float64(r.IntN(9)-4) / 2
		low := string(table.AppendNumber(nil, least, false))
		q.Range = &table.Range[score]{Low: low, In: func(s *score) bool { return !s.Absent },
			Key: table.Key[score]{Name: "points", Of: func(s *score, key []byte) []byte {
				return table.AppendNumber(key, s.Points, false)
			}}}
		once := r.IntN(2) == 0
		if once {
			q.Range.High, q.Range.One = table.After(low), true
		}
		if q.Match == nil || q.Name != "" {
			q.Name += fmt.Sprint(" points ", least, once)
		}
		tests = append(tests, func(s score) bool {
			return !s.Absent && (s.Points == least || !once && s.Points > least)
		})
	}
	q.Order = []table.Key[score]{{}, byName(false), byName(true), byPoints(false), byPoints(true)}[r.IntN(5)]
	return q, func(s score) bool {
		return !slices.ContainsFunc(tests, func(holds func(score) bool) bool { return !holds(s) })
	}
}

// TestSelectIsAScan runs random writes, copies, rewinds and forks, and compares what Select finds
// after each of them, and of an older copy, with a filter and a stable sort of a plain list.
func TestSelectIsAScan(t *testing.T) {
	t.Parallel()
	plans := map[string]int{}
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 1))
		scores := newScores()
		saved := scores.Untyped().Copy()
		shown, kept := newScores(), []score{}
		for range 300 {
			s := drawScore(r)
			switch r.IntN(9) {
			case 0, 1, 2, 3:
				if _, err := scores.Insert(s); err != nil {
					scores.Set(s)
				}
			case 4:
				scores.Delete(s.ID)
			case 5:
				saved = scores.Untyped().Copy()
			case 6:
				if r.IntN(4) == 0 {
					scores.Untyped().PutBack(saved)
				}
			case 7:
				if r.IntN(4) == 0 {
					fork := newScores()
					fork.Untyped().Adopt(scores.Untyped().Copy())
					scores.Delete(s.ID) // the fork does not notice
					scores = fork
				}
			case 8:
				scores.DeleteIf(func(other score) bool { return other.Name == s.Name && r.IntN(4) == 0 })
			}
			if r.IntN(5) == 0 {
				shown.Untyped().Show(scores.Untyped().Copy())
				kept = slices.Collect(scores.All())
			}
			if diff := cmp.Diff(kept, slices.AppendSeq([]score{}, shown.All())); diff != "" && len(kept) > 0 {
				t.Fatal("a copy has changed:", diff)
			}
			for range 3 {
				plans[checkSelect(t, []*table.Table[score]{scores, scores, shown}[r.IntN(3)], r)]++
			}
		}
	}
	var missing []string
	taken := slices.Collect(maps.Keys(plans))
	for _, plan := range []string{"count", "scan", "index name", "index rows", "along", "sorted", "then along"} {
		if !slices.ContainsFunc(taken, func(p string) bool { return strings.Contains(p, plan) }) {
			missing = append(missing, plan)
		}
	}
	if missing != nil {
		t.Errorf("never planned: %q; plans %v", missing, plans)
	}
}

func checkSelect(t *testing.T, scores *table.Table[score], r *rand.Rand) string {
	t.Helper()
	q, accept := drawQuery(r)
	rows, total, plan := table.Select(scores, q)
	var want []score
	for s := range scores.All() {
		if accept(s) {
			want = append(want, s)
		}
	}
	all := len(want)
	if q.Order.Name != "" {
		slices.SortStableFunc(want, func(a, b score) int {
			return bytes.Compare(q.Order.Of(&a, nil), q.Order.Of(&b, nil))
		})
	}
	from := min(q.Offset, len(want))
	want = append([]score{}, want[from:min(from+q.Limit, len(want))]...)
	got := []score{}
	for _, row := range rows {
		got = append(got, row.Value)
	}
	if diff := cmp.Diff(want, got); diff != "" || total != all {
		t.Fatalf("%s %q by %q, %d from %d: total %d, want %d; %s", plan, q.Name, q.Order.Name, q.Limit, q.Offset,
			total, all, diff)
	}
	return plan
}

func TestKeysCompareAsValuesDo(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		a, b, down := drawScore(r), drawScore(r), r.IntN(2) == 0
		sign := 1
		if down {
			sign = -1
		}
		key := func(s score) []byte {
			return table.AppendNumber(table.AppendText(nil, s.Name, down), s.Points, !down)
		}
		want := sign * strings.Compare(a.Name, b.Name)
		if want == 0 {
			want = -sign * compareFloats(a.Points, b.Points)
		}
		if got := bytes.Compare(key(a), key(b)); got != want {
			t.Fatalf("%v and %v, descending %v: %d, want %d", a, b, down, got, want)
		}
	}
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// TestAnIndexThatNobodyUsesGoes makes a thousand writes beside an index.
func TestAnIndexThatNobodyUsesGoes(t *testing.T) {
	t.Parallel()
	scores, built := newScores(), 0
	use := func() {
		table.OrderByWords(scores, "name", func(s *score, add func(string)) { built++; add(s.Name) })
	}
	scores.Insert(score{ID: "1"})
	use()
	for i := range 2500 {
		scores.Set(score{ID: "1", Name: fmt.Sprint(i)})
		if i < 600 {
			use()
		}
	}
	kept := built
	use()
	if before := 1 + 600*2 + 2*1002; kept > before || built == kept {
		t.Errorf("key was called %d times, at most %d expected; %d times by the last use, 1 expected", kept, before,
			built-kept)
	}
}
