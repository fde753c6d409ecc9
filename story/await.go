package story

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// patience is how long a step waits for a webhook that the fake has queued and that has not arrived.
const patience = 10 * time.Second

// await waits for a condition and puts what it gives into got.
func (r *Run) await(ctx context.Context, w When, got map[string]any) (*Cause, error) {
	switch {
	case w.Webhook != nil:
		return r.awaitWebhook(ctx, *w.Webhook, got)
	case w.Row != nil:
		return r.awaitRow(ctx, *w.Row, got)
	case w.Request != nil:
		return r.awaitRequest(ctx, *w.Request, got)
	}
	jobs, err := r.advance(ctx, w.After)
	return &Cause{Kind: "after", Name: w.After, Jobs: jobs}, err
}

// delivery is a line of the log of deliveries. The body is that of the inbox, since the log masks secrets.
type delivery struct{ ID, Fake, Event, State string }

// awaitWebhook takes the oldest delivery that matches, in the order in which the fake made them. Deliveries are sent
// concurrently, so those that the log has as queued may still arrive.
func (r *Run) awaitWebhook(ctx context.Context, w Webhook, got map[string]any) (*Cause, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		arrived := r.inbox.next()
		found, pending, why, err := r.findDelivery(ctx, w, got)
		if err != nil || found != nil {
			return found, err
		}
		if !pending {
			return nil, fmt.Errorf("no webhook %s of %s%s: %w", w.Event, w.Fake, why, errWaiting)
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return nil, fmt.Errorf("the webhook %s of %s did not arrive: %w", w.Event, w.Fake, errWaiting)
		}
	}
}

// settle waits until the outcome of all deliveries is known, since noting one is a write and takes a millisecond of the
// world's clock. It gives up after a while: a delivery may go to a program that does not answer.
func (r *Run) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		var log struct{ Deliveries []delivery }
		if r.client.Get(ctx, r.path("/deliveries"), &log) != nil ||
			!slices.ContainsFunc(log.Deliveries, func(d delivery) bool { return d.State == "queued" }) {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// findDelivery looks for a delivery that has arrived. pending reports whether one that precedes it may still arrive.
func (r *Run) findDelivery(ctx context.Context, w Webhook, got map[string]any) (
	found *Cause, pending bool, why string, err error) {
	var log struct{ Deliveries []delivery }
	if err := r.client.Get(ctx, r.path("/deliveries"), &log); err != nil {
		return nil, false, "", err
	}
	for _, d := range log.Deliveries {
		if d.Fake != w.Fake || d.Event != w.Event || r.taken[d.ID] {
			continue
		}
		body, ok := r.inbox.body(d.ID)
		if !ok && d.State == "queued" {
			return nil, true, "", nil
		}
		if !ok {
			continue // it went elsewhere
		}
		differs, err := r.values.mismatch(w.Where, body)
		if err != nil {
			return nil, false, "", err
		}
		if differs != "" {
			why = "; of the last one " + differs
			continue
		}
		r.taken[d.ID], got["event"] = true, body
		return &Cause{Kind: "webhook", Fake: d.Fake, Name: d.Event, ID: d.ID}, false, "", nil
	}
	return nil, false, why, nil
}

// awaitRow looks for a row, moving the clock from one due job to the next if the condition says for how long.
func (r *Run) awaitRow(ctx context.Context, w Row, got map[string]any) (*Cause, error) {
	cause := &Cause{Kind: "row", Fake: w.Fake, Name: w.Table}
	within, _ := time.ParseDuration(w.Within) // "" is 0
	var clock struct{ Now time.Time }
	if err := r.client.Get(ctx, r.path("/clock"), &clock); err != nil {
		return cause, err
	}
	until := clock.Now.Add(within)
	for {
		id, row, why, err := r.findRow(ctx, w)
		if err != nil {
			return cause, err
		}
		if (row == nil) == w.Absent {
			cause.ID, got["row"] = id, row
			return cause, nil
		}
		moved, err := r.toNextJob(ctx, until, cause)
		if err != nil {
			return cause, err
		}
		if !moved {
			return cause, fmt.Errorf("%s: %w", w.unmet(id, why), errWaiting)
		}
	}
}

// unmet says why the condition does not hold.
func (w Row) unmet(id, why string) string {
	if w.Absent {
		return fmt.Sprintf("%s of %s has the row %s", w.Table, w.Fake, id)
	}
	return fmt.Sprintf("no such row in %s of %s%s", w.Table, w.Fake, why)
}

// rowPage is how many rows are read at once.
const rowPage = 1000

// findRow returns the first row that matches. why says how the last one that did not differs.
func (r *Run) findRow(ctx context.Context, w Row) (id string, row any, why string, err error) {
	for offset := 0; ; offset += rowPage {
		var page struct {
			Total int
			Rows  []struct {
				ID  string
				Row any
			}
		}
		query := url.Values{"fake": {w.Fake}, "table": {w.Table}, "offset": {fmt.Sprint(offset)},
			"limit": {fmt.Sprint(rowPage)}}
		if err := r.client.Get(ctx, r.path("/rows?"+query.Encode()), &page); err != nil {
			return "", nil, "", err
		}
		for _, one := range page.Rows {
			differs, err := r.values.mismatch(w.Where, one.Row)
			if err != nil || differs == "" {
				return one.ID, one.Row, "", err
			}
			why = "; of the last one " + differs
		}
		if offset+len(page.Rows) >= page.Total || len(page.Rows) == 0 {
			return "", nil, why, nil
		}
	}
}

// toNextJob moves the clock to the next job that is due by until. moved reports whether there is one.
func (r *Run) toNextJob(ctx context.Context, until time.Time, cause *Cause) (moved bool, err error) {
	var due struct{ Due []struct{ Due time.Time } }
	if err := r.client.Get(ctx, r.path("/clock/due"), &due); err != nil {
		return false, err
	}
	if len(due.Due) == 0 || due.Due[0].Due.After(until) {
		return false, nil
	}
	jobs, err := r.move(ctx, "/clock/set", map[string]any{"time": due.Due[0].Due.Format(time.RFC3339Nano)})
	cause.Jobs = addJobs(cause.Jobs, jobs)
	return true, err
}

// awaitRequest takes the oldest request of the journal that matches and that the story did not send.
func (r *Run) awaitRequest(ctx context.Context, w Request, got map[string]any) (*Cause, error) {
	pattern := map[string]any{"fake": w.Fake, "operation": w.Operation, "allowDropped": true}
	if w.Status != 0 {
		pattern["status"] = w.Status
	}
	var found struct{ Requests []map[string]any }
	if err := r.client.Post(ctx, r.path("/journal/find"), pattern, &found); err != nil {
		return nil, err
	}
	for _, one := range found.Requests {
		id, _ := one["entry"].(string)
		headers, _ := one["headers"].(map[string]any)
		if _, ours := headers[storyHeader]; ours || r.taken["request "+id] {
			continue
		}
		r.taken["request "+id] = true
		text, _ := one["body"].(string)
		var body any
		json.Unmarshal([]byte(text), &body) // nil if it is no JSON
		got["request"] = map[string]any{"method": one["method"], "url": one["url"], "body": body}
		return &Cause{Kind: "request", Fake: w.Fake, Name: w.Operation, ID: id}, nil
	}
	return nil, fmt.Errorf("no program has sent %s to %s: %w", w.Operation, w.Fake, errWaiting)
}

// advance moves the clock on and returns the jobs that ran.
func (r *Run) advance(ctx context.Context, by string) ([]Job, error) {
	return r.move(ctx, "/clock/advance", map[string]any{"by": by})
}

func (r *Run) move(ctx context.Context, path string, order map[string]any) ([]Job, error) {
	var moved struct{ Counts map[string]map[string]int }
	if err := r.client.Post(ctx, r.path(path), order, &moved); err != nil {
		return nil, err
	}
	var jobs []Job
	for _, fake := range sortedKeys(moved.Counts) {
		for _, kind := range sortedKeys(moved.Counts[fake]) {
			jobs = append(jobs, Job{fake, strings.TrimPrefix(kind, "_"), moved.Counts[fake][kind]})
		}
	}
	return jobs, nil
}

// addJobs adds up the jobs of two moves.
func addJobs(all, more []Job) []Job {
	for _, one := range more {
		added := false
		for i := range all {
			if all[i].Fake == one.Fake && all[i].Kind == one.Kind {
				all[i].Count, added = all[i].Count+one.Count, true
			}
		}
		if !added {
			all = append(all, one)
		}
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
