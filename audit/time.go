package audit

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func timeRules() []Rule {
	return []Rule{
		{"retry-too-early", "asked again before the time that Retry-After or the limit's header named",
			"RFC 9110, section 10.2.3", (*history).retryTooEarly},
		{"polled-too-fast", "asked for the state of a job more often than the interval of its operation", vendor,
			(*history).polledTooFast},
	}
}

// mayAskAgain returns when the answer allows the next request.
func (c *call) mayAskAgain() time.Time {
	status := c.entry.Status
	if status != http.StatusTooManyRequests && status != http.StatusServiceUnavailable {
		return time.Time{}
	}
	if text := c.entry.Answered.Get("Retry-After"); text != "" {
		if n, err := strconv.Atoi(text); err == nil {
			return c.at.Add(time.Duration(n) * time.Second)
		}
		t, _ := http.ParseTime(text)
		return t
	}
	limit := c.doc.Limit
	n, err := strconv.ParseInt(c.entry.Answered.Get(limit.Reset), 10, 64)
	switch {
	case limit.Reset == "" || err != nil || status != http.StatusTooManyRequests:
		return time.Time{}
	case limit.Unit == "epoch":
		return time.Unix(n, 0)
	}
	return c.at.Add(time.Duration(n) * time.Second)
}

// beganAfter reports whether the request began after the answer of another was complete. The clock counts in
// milliseconds. Two requests at the same time say nothing: the clock may be frozen.
func (c *call) beganAfter(other *call) bool {
	between := c.at.Sub(other.at)
	return between > 0 && between >= other.entry.Took-time.Millisecond
}

func (h *history) retryTooEarly() (found []Finding) {
	for i := 0; i < len(h.calls); i++ {
		refused := h.calls[i]
		if refused.deadline.IsZero() {
			continue
		}
		early := []*call{refused}
		for _, c := range h.calls[i+1:] {
			if !c.at.Before(refused.deadline) {
				break
			}
			same := refused.entry.Status == http.StatusTooManyRequests || c.path == refused.path
			if same && c.beganAfter(refused) {
				early = append(early, c)
				i++ // it belongs to this finding
			}
		}
		if len(early) > 1 {
			wait := refused.deadline.Sub(refused.at).Round(time.Second)
			source := ""
			if refused.entry.Answered.Get("Retry-After") == "" {
				source = h.doc.Limit.Source
			}
			found = append(found, finding(source, fmt.Sprintf("an answer %d asked to wait %v, and %d more came before",
				refused.entry.Status, wait, len(early)-1), early...))
		}
	}
	return found
}

func (h *history) polledTooFast() (found []Finding) {
	for _, poll := range h.doc.Polls {
		last, fast := map[string]*call{}, map[string][]*call{}
		var order []string
		for _, c := range h.calls {
			if c.entry.Operation != poll.Operation {
				continue
			}
			before := last[c.path]
			last[c.path] = c
			if before == nil || !c.beganAfter(before) || c.at.Sub(before.at) >= poll.Every {
				continue
			}
			if fast[c.path] == nil {
				order, fast[c.path] = append(order, c.path), []*call{before}
			}
			fast[c.path] = append(fast[c.path], c)
		}
		for _, path := range order {
			if calls := fast[path]; len(calls) > mostHasty {
				found = append(found, finding(poll.Source, fmt.Sprintf("%d requests came less than %v after the "+
					"one before",
					len(calls)-1, poll.Every), calls...))
			}
		}
	}
	return found
}

// mostHasty is how many polls may come too fast: a client may look again once right after it has begun.
const mostHasty = 3

// links returns the URLs of a Link header by relation, without scheme and host.
func links(h http.Header) map[string]string {
	all := map[string]string{}
	for _, value := range h.Values("Link") {
		for _, one := range strings.Split(value, ", <") {
			target, rest, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(one), "<"), ">")
			_, rel, found := strings.Cut(rest, "rel=")
			if ok && found {
				rel, _, _ = strings.Cut(rel, ";")
				all[strings.Trim(strings.TrimSpace(rel), `"`)] = target
			}
		}
	}
	return all
}
