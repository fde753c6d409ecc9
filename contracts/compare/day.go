package compare

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// DayOf returns the day on which a conversation was recorded: the most frequent day of times with a
// fraction of a second that no request had sent before and nothing else had named. Times in answers
// to writes count first; if no time has a fraction, times precise to the second count. An expiry
// counts for the day of the request that set it. Every answer has one vote for each day, so that a
// long answer does not outvote the others.
func DayOf(all []*Interaction, named map[string]bool, rules *Rules) string {
	sent, written, fine, coarse := map[string]bool{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, i := range all {
		for _, s := range []string{i.URL, i.Body} {
			for _, t := range scan.Tokens(s) {
				sent[t.Key()] = true
			}
		}
		votes := map[string]*map[string]int{} // of this answer: day → where it counts
		for _, t := range i.Times(rules) {
			ms, ok := t.Instant()
			if !ok || t.Shape != scan.Time || sent[t.Key()] || named[t.Key()] {
				continue
			}
			day := utc(ms - t.After.Milliseconds()).Format(time.DateOnly)
			switch {
			case ms%1000 != 0 && i.Write:
				votes[day] = &written
			case ms%1000 != 0:
				votes[day] = &fine
			case ms%60_000 != 0 && votes[day] == nil:
				votes[day] = &coarse
			}
		}
		for day, counted := range votes {
			(*counted)[day]++
		}
	}
	return cmp.Or(commonest(written), commonest(fine), commonest(coarse))
}

// agedToken is a token and, for an expiry, the span between the request that set it and the time
// itself.
type agedToken struct {
	scan.Token
	After time.Duration
}

// Times returns the times of an answer.
func (i *Interaction) Times(rules *Rules) (found []agedToken) {
	apply := rules.lifetimesOf(i.Request())
	if body, err := jsontree.Parse(i.Result); err == nil && len(apply) > 0 {
		body.Each("$", func(n *jsontree.Node, path string) {
			for _, t := range scan.Tokens(n.Text) {
				found = append(found, agedToken{t, spanAt(apply, path)})
			}
		})
		return found
	}
	for _, t := range scan.Tokens(i.Result) {
		found = append(found, agedToken{Token: t})
	}
	return found
}

// commonest returns the most frequent day, the earliest of several; "" without any day.
func commonest(days map[string]int) (best string) {
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if best == "" || days[day] > days[best] {
			best = day
		}
	}
	return best
}
