package compare

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

// TransportHeaders lists the headers about the transport of a delivery.
var TransportHeaders = []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding"}

// CompareDeliveries compares what the target sent because of a request with what the recorded
// server sent. Their paths begin with $deliveries. The deliveries of one request may arrive in any
// order unless the case says otherwise.
func (c *Comparison) CompareDeliveries(rec, got []*Delivery, ordered bool) {
	c.recBatch, c.gotBatch = rec, got
	places := make([]int, len(rec))
	for i := range places {
		places[i] = -1
	}
	if ordered {
		r, g := c.parseDeliveries(rec, c.Parsed), c.parseDeliveries(got, c.Answers)
		for i := range min(len(rec), len(got)) {
			places[i] = i
			c.compareDelivery(r[i], g[i], deliveryPath(i))
		}
	} else {
		c.pairDeliveries(rec, got, places)
	}
	for i, d := range rec {
		if places[i] < 0 {
			c.Differ(deliveryPath(i), d.String(), absent,
				fmt.Sprintf("%d deliveries recorded, got %d", len(rec), len(got)))
		}
	}
	for j, d := range got {
		if !slices.Contains(places, j) {
			c.Differ(deliveryPath(j), absent, d.String(),
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

func (c *Comparison) parseDeliveries(all []*Delivery, with *jsontree.Cache) []parsedDelivery {
	out := make([]parsedDelivery, len(all))
	for i, d := range all {
		out[i].Delivery = d
		body := with.Parse(d.Body)
		out[i].body = body
		if event := body.Get(c.Rules.Deliveries.Event); event != nil && len(scan.Tokens(event.Text)) == 0 {
			out[i].event = event.Text
		}
	}
	return out
}

// pairDeliveries compares each recorded delivery with an equal one of the target, or else with the first to the same
// path that is alike, so that a difference is shown where it is.
func (c *Comparison) pairDeliveries(recorded, sent []*Delivery, places []int) {
	rec, got := c.parseDeliveries(recorded, c.Parsed), c.parseDeliveries(sent, c.Answers)
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

func (c *Comparison) wouldMatchDelivery(rec, got parsedDelivery, path string) bool {
	mark := c.Binding.Mark()
	trial := *c
	trial.Found, trial.displaced, trial.Ends, trial.First = nil, nil, nil, true
	trial.compareDelivery(rec, got, path)
	c.Binding.Undo(mark)
	return len(trial.Found) == 0
}

// compareDelivery compares all of two deliveries but how they travelled. Of a hand-written one the headers listed are
// compared.
func (c *Comparison) compareDelivery(rec, got parsedDelivery, path string) {
	if rec.Method != got.Method {
		c.Differ(path+".method", rec.Method, got.Method, "")
	}
	if why := c.Match(rec.Path, got.Path); why != "" {
		c.Differ(path+".path", rec.Path, got.Path, why)
	}
	c.compareDelivered(rec.Header, got.Header, path)
	if c.done() {
		return
	}
	if isJSON := strings.Contains(strings.Join(ValuesOf(rec.Header, "Content-Type"), " "), "json"); isJSON &&
		rec.body != nil && got.body != nil {
		c.Compare(rec.body, got.body, path)
		c.CompareEnds()
	} else {
		c.compareText(path, "", rec.Body, got.Body)
	}
	if !c.done() {
		c.compareSignature(rec.Delivery, got.Delivery, path)
	}
}

func (c *Comparison) compareDelivered(rec, got http.Header, path string) {
	names := map[string]bool{}
	for _, h := range []http.Header{rec, got} {
		for name := range h {
			name = textproto.CanonicalMIMEHeaderKey(name)
			if _, listed := rec[name]; c.HandWritten && listed ||
				!c.HandWritten && !slices.Contains(TransportHeaders, name) {
				names[name] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r, g := ValuesOf(rec, name), ValuesOf(got, name)
		if c.Rules.isClock(name) && len(r) == 1 && len(g) == 1 {
			if why := c.matchClock(g[0]); why != "" {
				c.Differ(path+".header "+name, r[0], g[0], why)
			}
			continue
		}
		outer := c.Found
		c.Found = nil
		c.compareHeader(name, r, g)
		for _, d := range c.Found {
			d.Path = path + "." + d.Path
			outer = append(outer, d)
		}
		c.Found = outer
	}
}

func (r *Rules) isClock(name string) bool {
	return slices.ContainsFunc(r.Deliveries.Clocks,
		func(clock string) bool { return textproto.CanonicalMIMEHeaderKey(clock) == name })
}

// matchClock compares a header with the time of sending with the time of this replay.
func (c *Comparison) matchClock(got string) string {
	ms, err := strconv.ParseInt(got, 10, 64)
	now, errNow := c.Now()
	switch {
	case err != nil || errNow != nil:
		return "expected milliseconds since 1970"
	case utc(ms).Before(c.Binding.Now.Add(-clockSlack)) || utc(ms).After(now.Add(clockSlack)):
		return "expected a time of this replay; it is now " + now.UTC().Format(time.RFC3339)
	}
	return ""
}

// compareSignature checks that both deliveries are signed by the vendor's rule.
func (c *Comparison) compareSignature(rec, got *Delivery, path string) {
	rule := c.Rules.Deliveries.Signature
	if rule == nil {
		return
	}
	if !c.HandWritten && !c.RecordedSecrets.signed(rule, rec, c.RecordedReceiver) &&
		!c.RecordedSecrets.followed(rule, rec, c.recBatch, c.RecordedReceiver) {
		c.Differ(path+".header "+rule.Header, "a signature of the recorded body", absent,
			"the recorded signature is none of the rule's")
	}
	if !c.Secrets.signed(rule, got, c.Receiver) && !c.Secrets.followed(rule, got, c.gotBatch, c.Receiver) {
		c.Differ(path+".header "+rule.Header, "a signature", strings.Join(got.Header.Values(rule.Header), " "),
			"not the signature of the body under a secret of "+c.Receiver+got.Path)
	}
}

// ToReceiver replaces the recorded address of the receiver by the present one.
func (c *Comparison) ToReceiver(body string) string {
	if c.RecordedReceiver == "" {
		return body
	}
	return strings.ReplaceAll(body, c.RecordedReceiver, c.Receiver)
}
