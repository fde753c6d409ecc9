package contracts

import (
	"fmt"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// transport lists the headers about the transport of a delivery.
var transport = []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding"}

// compareDeliveries compares what the target sent because of a request with what the recorded
// server sent. Their paths begin with $deliveries. The deliveries of one request may arrive in any
// order unless the case says otherwise.
func (c *comparison) compareDeliveries(rec, got []*Delivery, ordered bool) {
	c.recBatch, c.gotBatch = rec, got
	places := make([]int, len(rec))
	for i := range places {
		places[i] = -1
	}
	if ordered {
		r, g := c.parseDeliveries(rec, c.parsed), c.parseDeliveries(got, c.answers)
		for i := range min(len(rec), len(got)) {
			places[i] = i
			c.compareDelivery(r[i], g[i], deliveryPath(i))
		}
	} else {
		c.pairDeliveries(rec, got, places)
	}
	for i, d := range rec {
		if places[i] < 0 {
			c.differ(deliveryPath(i), d.String(), absent,
				fmt.Sprintf("%d deliveries recorded, got %d", len(rec), len(got)))
		}
	}
	for j, d := range got {
		if !slices.Contains(places, j) {
			c.differ(deliveryPath(j), absent, d.String(),
				fmt.Sprintf("%d deliveries recorded, got %d", len(rec), len(got)))
		}
	}
}

func deliveryPath(i int) string { return fmt.Sprintf("$deliveries[%d]", i) }

// withinDelivered reports whether a path leads into a value of a delivered object. Unlike the object, which a write has
// created, that may be of the workspace, such as the steps of a workflow that a run of it repeats.
func withinDelivered(path string) bool {
	rest, ok := strings.CutPrefix(path, "$deliveries[")
	return ok && strings.Count(rest, ".") > 1
}

func (d *Delivery) String() string { return d.Method + " " + d.Path + " " + d.Body }

// parsedDelivery is a delivery with its body decoded, nil if it is not JSON.
type parsedDelivery struct {
	*Delivery
	body  *jsontree.Node
	event string // what has happened, if the rules say where that stands
}

func (c *comparison) parseDeliveries(all []*Delivery, with *jsontree.Cache) []parsedDelivery {
	out := make([]parsedDelivery, len(all))
	for i, d := range all {
		out[i].Delivery = d
		body := with.Parse(d.Body)
		out[i].body = body
		if event := body.Get(c.rules.Deliveries.Event); event != nil && len(scan.Tokens(event.Text)) == 0 {
			out[i].event = event.Text
		}
	}
	return out
}

// pairDeliveries compares each recorded delivery with an equal one of the target, or else with the first to the same
// path that is alike, so that a difference is shown where it is.
func (c *comparison) pairDeliveries(recorded, sent []*Delivery, places []int) {
	rec, got := c.parseDeliveries(recorded, c.parsed), c.parseDeliveries(sent, c.answers)
	for _, belongs := range []func(i, j int) bool{
		func(i, j int) bool {
			return rec[i].event == got[j].event && c.wouldMatchDelivery(rec[i], got[j], deliveryPath(i))
		},
		func(i, j int) bool { return rec[i].Path == got[j].Path && alikeDeliveries(rec[i], got[j]) },
		func(i, j int) bool { return rec[i].Path == got[j].Path },
	} {
		for i := range rec {
			if places[i] >= 0 || c.done() {
				continue
			}
			free := unpaired(sent, places)
			if n := slices.IndexFunc(free, func(j int) bool { return belongs(i, j) }); n >= 0 {
				places[i] = free[n]
				c.compareDelivery(rec[i], got[free[n]], deliveryPath(i))
			}
		}
	}
}

// unpaired returns the indexes of the deliveries without a place.
func unpaired(got []*Delivery, places []int) (free []int) {
	for j := range got {
		if !slices.Contains(places, j) {
			free = append(free, j)
		}
	}
	return free
}

// alikeDeliveries reports whether the texts at the top of two bodies that no server generates are the same.
func alikeDeliveries(rec, got parsedDelivery) bool {
	if rec.body == nil || got.body == nil {
		return rec.Body == got.Body
	}
	for i, key := range rec.body.Keys {
		other := got.body.Get(key)
		if kid := rec.body.Kids[i]; kid.Kind == jsontree.Text && len(scan.Tokens(kid.Text)) == 0 &&
			!strings.Contains(kid.Text, "://") && (other == nil || other.Text != kid.Text) {
			return false
		}
	}
	return true
}

func (c *comparison) wouldMatchDelivery(rec, got parsedDelivery, path string) bool {
	mark := c.binding.mark()
	trial := *c
	trial.found, trial.displaced, trial.ends, trial.first = nil, nil, nil, true
	trial.compareDelivery(rec, got, path)
	c.binding.undo(mark)
	return len(trial.found) == 0
}

// compareDelivery compares all of two deliveries but how they travelled. Of a hand-written one the headers listed are
// compared.
func (c *comparison) compareDelivery(rec, got parsedDelivery, path string) {
	if rec.Method != got.Method {
		c.differ(path+".method", rec.Method, got.Method, "")
	}
	if why := c.match(rec.Path, got.Path); why != "" {
		c.differ(path+".path", rec.Path, got.Path, why)
	}
	c.compareDelivered(rec.Header, got.Header, path)
	if c.done() {
		return
	}
	if isJSON := strings.Contains(strings.Join(valuesOf(rec.Header, "Content-Type"), " "), "json"); isJSON &&
		rec.body != nil && got.body != nil {
		c.compare(rec.body, got.body, path)
		c.compareEnds()
	} else {
		c.compareText(path, "", rec.Body, got.Body)
	}
	if !c.done() {
		c.compareSignature(rec.Delivery, got.Delivery, path)
	}
}

func (c *comparison) compareDelivered(rec, got http.Header, path string) {
	names := map[string]bool{}
	for _, h := range []http.Header{rec, got} {
		for name := range h {
			name = textproto.CanonicalMIMEHeaderKey(name)
			if _, listed := rec[name]; c.handWritten && listed || !c.handWritten && !slices.Contains(transport, name) {
				names[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r, g := valuesOf(rec, name), valuesOf(got, name)
		if c.rules.isClock(name) && len(r) == 1 && len(g) == 1 {
			if why := c.matchClock(g[0]); why != "" {
				c.differ(path+".header "+name, r[0], g[0], why)
			}
			continue
		}
		outer := c.found
		c.found = nil
		c.compareHeader(name, r, g)
		for _, d := range c.found {
			d.Path = path + "." + d.Path
			outer = append(outer, d)
		}
		c.found = outer
	}
}

func (r *Rules) isClock(name string) bool {
	return slices.ContainsFunc(r.Deliveries.Clocks,
		func(clock string) bool { return textproto.CanonicalMIMEHeaderKey(clock) == name })
}

// matchClock compares a header with the time of sending with the time of this replay.
func (c *comparison) matchClock(got string) string {
	ms, err := strconv.ParseInt(got, 10, 64)
	now, errNow := c.now()
	switch {
	case err != nil || errNow != nil:
		return "expected milliseconds since 1970"
	case utc(ms).Before(c.binding.now.Add(-clockSlack)) || utc(ms).After(now.Add(clockSlack)):
		return "expected a time of this replay; it is now " + now.UTC().Format(time.RFC3339)
	}
	return ""
}

// compareSignature checks that both deliveries are signed by the vendor's rule.
func (c *comparison) compareSignature(rec, got *Delivery, path string) {
	rule := c.rules.Deliveries.Signature
	if rule == nil {
		return
	}
	if !c.handWritten && !c.recSecrets.signed(rule, rec, c.recReceiver) &&
		!c.recSecrets.followed(rule, rec, c.recBatch, c.recReceiver) {
		c.differ(path+".header "+rule.Header, "a signature of the recorded body", absent,
			"the recorded signature is none of the rule's")
	}
	if !c.gotSecrets.signed(rule, got, c.receiver) && !c.gotSecrets.followed(rule, got, c.gotBatch, c.receiver) {
		c.differ(path+".header "+rule.Header, "a signature", strings.Join(got.Header.Values(rule.Header), " "),
			"not the signature of the body under a secret of "+c.receiver+got.Path)
	}
}
