package contracts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/fake"
)

// Outcome is the result of the replay of one case.
type Outcome struct {
	Case    *Case
	Results []Result
	Skipped string // why it was not replayed
	Err     error  // why it could not be replayed; counts as failed
	Line    int    // the line in the case's file that Err is about, from 1; 0 if unknown
	Took    time.Duration
	Remains []string  // what could not be restored on a real service
	LeftOut []LeftOut // interactions that were not replayed because writing was not allowed

	replayer *replayer // with its bindings; nil if nothing was sent
}

// Result is the result of one interaction.
type Result struct {
	Number      int
	Request     string // method and recorded URL
	Differences []Difference
	Gaps        []*Gap // the known gaps of the differences
	Relaxed     bool   // compared only as far as the recording fixes it
	Sent        bool   // a request was sent; moving the clock is no check

	// of the interaction in the case's file, from 1; 0 if nothing differs, or if unknown
	Line      int
	Operation *fake.Operation // of the fake's document; may be nil
	Rejection *fake.Rejection // the fake's rule that rejected the request; may be nil

	lacksCaller bool                 // it was refused because the recording does not say who sent it
	answer      *Answer              // the answer, if it differs
	interaction *compare.Interaction // the recorded interaction
}

// Pending reports whether all differences are known gaps.
func (r *Result) Pending() bool {
	for _, d := range r.Differences {
		if r.Known(d) == "" {
			return false
		}
	}
	return len(r.Differences) > 0
}

// Known returns the reason why a difference is accepted, or "". A gap excuses only the fake.
func (r *Result) Known(d Difference) string {
	if d.Moved != "" && d.Moved != FakeMoved {
		return ""
	}
	reason := ""
	for _, place := range d.Places() {
		n := slices.IndexFunc(r.Gaps, func(g *Gap) bool { return g.covers(place) })
		if n < 0 {
			return ""
		}
		reason = r.Gaps[n].Reason
	}
	return reason
}

// replayer replays one case.
type replayer struct {
	c       *Case
	dropped map[string]bool // headers that the recorder did not keep
	world   World
	bind    *compare.Binding
	facts   *seedFacts
	base    string // replaces the recorded origin

	places    map[string]string // recorded object of a page → the one in its place
	accidents map[string]bool   // recorded identifiers of objects that were on a page by accident

	parsed     *jsontree.Cache // of the latest interaction
	answers    *jsontree.Cache // of the target's latest answer
	parsedFor  int             // the number of that interaction
	receiver   *receiver       // of deliveries; may be nil
	recSecrets compare.Secrets // of receivers, in the recording
	gotSecrets compare.Secrets // and of the target
	sent       []*Delivery     // the target's deliveries for the latest request
}

// replay replays a case against a target. A difference does not end it.
func (c *Case) replay(ctx context.Context, target Target) *Outcome {
	began := time.Now()
	out := &Outcome{Case: c}
	defer out.locate()
	world, err := target.World(ctx, c.start())
	if skip, ok := err.(*Skip); ok {
		out.Skipped = skip.Reason
		return out
	}
	if err != nil {
		out.Err = err
		return out
	}
	p, err := newReplayer(c, world)
	defer func() {
		if err := p.close(); err != nil && out.Err == nil {
			out.Err = err
		}
		out.Took = time.Since(began)
	}()
	if err != nil {
		out.Err = err
		return out
	}
	out.replayer = p
	guard, err := (*stateGuard)(nil), p.begin(ctx)
	if err == nil {
		guard, err = p.guard(ctx)
	}
	if skip, ok := errors.AsType[*Skip](err); ok {
		out.Skipped = skip.Reason
		return out
	}
	if err != nil {
		out.Err = err
		return out
	}
	defer func() { out.Remains = guard.restore(context.WithoutCancel(ctx)) }()
	for _, i := range c.interactions {
		result, err := p.step(ctx, i)
		if skip, ok := err.(*Skip); ok {
			out.Skipped = skip.Reason
			return out
		}
		if err != nil {
			out.Err = fmt.Errorf("interaction %d: %w", i.Number, err)
			return out
		}
		out.Results = append(out.Results, result)
	}
	return out
}

// begin prepares the world for the first interaction.
func (p *replayer) begin(ctx context.Context) error {
	if err := p.bindStanding(ctx); err != nil {
		return err
	}
	return p.addRows(ctx)
}

func (c *Case) start() Start {
	s := Start{Receives: c.receives(), Case: c.Name, Fake: c.Fake, Seed: c.Info.Seed,
		LimitsOff: c.Info.Settings.Limits != "on", Features: c.Info.Settings.Features}
	for _, i := range c.interactions {
		s.Writes = s.Writes || c.writes(i)
		s.Clock = s.Clock || i.Advance != ""
		if i.Host != "" && !slices.Contains(s.Hosts, i.Host) {
			s.Hosts = append(s.Hosts, i.Host)
		}
		for _, who := range c.callers(i) {
			if !slices.Contains(s.Callers, who) {
				s.Callers = append(s.Callers, who)
			}
		}
	}
	return s
}

// callers returns the principals of the credentials that a request sends.
func (c *Case) callers(i *compare.Interaction) (all []Principal) {
	texts := []string{i.URL, i.Body}
	for _, values := range i.Header {
		texts = append(texts, values...)
	}
	for _, s := range texts {
		for _, m := range worldPlaceholder.FindAllStringSubmatch(s, -1) {
			if c.handWritten && m[2] != "" {
				all = append(all, Principal{m[3], m[4], m[2] != "credential"})
			}
			if c.handWritten && m[2] == "basic" { // both
				all = append(all, Principal{m[3], m[4], false})
			}
		}
		for value, who := range c.Info.Credentials {
			if !c.handWritten && (s == value || !strings.Contains(value, " ") && strings.Contains(s, value)) {
				all = append(all, who)
			}
		}
	}
	if c.Info.Principal != "" && len(all) == 0 {
		all = append(all, Principal{Principal: c.Info.Principal})
	}
	return all
}

func newReplayer(c *Case, world World) (*replayer, error) {
	p := &replayer{c: c, dropped: c.dropped(), recSecrets: compare.Secrets{}, gotSecrets: compare.Secrets{},
		world: world,
		bind:  compare.NewBinding(c.Info.Date), base: world.Base(c.host)}
	err := p.findDerivations()
	if err != nil {
		return p, err
	}
	facts, known, err := seedOf(world)
	if err != nil {
		return p, err
	}
	p.facts = facts
	p.bind.Literals, p.bind.Seed = maps.Clone(facts.literals), facts.literals
	p.bind.Home, p.bind.Live = facts.isHome(c), !known
	if c.Bare { // now the times of the seed are known
		if day := compare.DayOf(c.interactions, p.bind.Literals, &c.rules.Rules); day != "" {
			p.bind.Day = day
		}
	}
	if p.bind.Now, err = world.Now(); err == nil && c.receives() {
		p.receiver, err = newReceiver(c.Info.Deliveries.Answers)
	}
	return p, err
}

// findDerivations finds the functions that the rules of comparison name, in the definition of the fake.
func (p *replayer) findDerivations() (err error) {
	var known map[string]compare.Derivation
	if def := p.definition(); def != nil {
		known = def.Derivations
	}
	p.bind.Derived, err = p.c.rules.Derivations(known)
	return err
}

// advanced compares the target's deliveries after the clock moved.
func (p *replayer) advanced(ctx context.Context, i *compare.Interaction, result Result) (Result, error) {
	i, err := p.expandVariables(i)
	if err != nil {
		return result, err
	}
	got, err := p.collect(ctx, i)
	cmp := p.comparison(i)
	cmp.CompareDeliveries(i.Deliveries, got, true)
	result.Differences = cmp.Explain()
	return result, err
}

// close closes the receiver and the world.
func (p *replayer) close() error {
	if p.receiver != nil {
		p.receiver.close()
	}
	return p.world.Close()
}

func (p *replayer) step(ctx context.Context, i *compare.Interaction) (Result, error) {
	result := Result{Number: i.Number, Request: i.Method + " " + i.URL, Operation: p.c.operation(i)}
	if i.Advance != "" {
		d, err := time.ParseDuration(i.Advance)
		if err == nil {
			err = p.world.Advance(d)
		}
		result.Request = "advance " + i.Advance
		if err != nil || p.receiver == nil {
			return result, err
		}
		return p.advanced(ctx, i, result)
	}
	i, err := p.expandVariables(i)
	if err != nil {
		return result, err
	}
	cmp := p.comparison(i)
	undo := p.place()
	r, err := p.request(ctx, cmp, i)
	if err == nil {
		p.bindRequest(i)
	}
	undo()
	if err != nil {
		return result, err
	}
	got, err := p.send(r)
	if err == nil {
		err = p.receive(ctx, i, got)
	}
	if err != nil {
		return result, err
	}
	p.accident(cmp, i, got)
	result.lacksCaller = p.lacksCaller(r, i, got)
	result.Sent, result.Relaxed, result.interaction = true, len(cmp.Relaxed) > 0, i
	if rules, ok := p.world.(refuser); ok {
		result.Rejection = rules.rejection()
	}
	if len(cmp.CompareResponse(i, got)) > 0 {
		result.Differences = cmp.Explain()
		result.answer = got
	}
	return result, nil
}

func (p *replayer) comparison(i *compare.Interaction) *compare.Comparison {
	cmp := &compare.Comparison{Binding: p.bind, Rules: &p.c.rules.Rules,
		At: compare.Moment{Interaction: i.Number, Write: i.Write, Changes: p.c.changes(i),
			HandWritten: p.c.handWritten}, HandWritten: p.c.handWritten,
		Origin: p.c.origin, Base: p.base, Generated: p.c.Info.Generated}
	cmp.Dropped, cmp.Declared = p.dropped, p.c.declaredHeaders(i)
	if p.receiver != nil {
		cmp.RecordedReceiver, cmp.Receiver = p.c.receiver, p.receiver.URL
		cmp.Ordered = p.c.Info.Deliveries.Order == "arrival"
		cmp.RecordedSecrets, cmp.Secrets = p.recSecrets, p.gotSecrets
	}
	cmp.Unlimited = !p.c.handWritten && p.c.Info.Settings.Limits == "off"
	cmp.Apply(p.c.rulesOf(i))
	cmp.Now = p.world.Now
	if p.bind.Foreign {
		cmp.Numbers = p.c.rules.NumbersOf(i)
	}
	cmp.Parsed = p.parsedOf(i)
	cmp.Answers = p.answers
	for _, r := range p.c.Info.Random {
		if r.Numbers[i.Number] {
			cmp.Relaxed = append(cmp.Relaxed, r)
		}
	}
	return cmp
}

// bindRequest makes literal what the request names before any answer does.
func (p *replayer) bindRequest(i *compare.Interaction) {
	if p.c.handWritten && !p.bind.Foreign {
		return
	}
	p.bind.Literal(i.URL)
	p.bind.Literal(i.Body)
	for _, values := range i.Header {
		for _, value := range values {
			p.bind.Literal(value)
		}
	}
}

// receive adds the target's deliveries to an answer, and learns the secrets that were named.
func (p *replayer) receive(ctx context.Context, i *compare.Interaction, got *Answer) (err error) {
	if rule := p.c.rules.Deliveries.Signature; rule != nil && p.receiver != nil {
		p.recSecrets.Learn(rule, i.Body)
		p.recSecrets.Learn(rule, i.Result)
		cmp := p.comparison(i)
		p.gotSecrets.Learn(rule, cmp.ToReceiver(cmp.Substitute(i.Body)))
		p.gotSecrets.Learn(rule, got.Body)
	}
	p.sent, err = p.collect(ctx, i)
	got.Deliveries = p.sent
	return err
}

func (p *replayer) send(r *http.Request) (*Answer, error) {
	res, err := p.world.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: recording.Unpack(res.Header, string(body))}, err
}

// request builds the request to send: the recorded one with the target's values, origin and
// credentials.
func (p *replayer) request(ctx context.Context, cmp *compare.Comparison,
	i *compare.Interaction) (*http.Request, error) {
	if p.c.handWritten {
		return p.written(ctx, cmp, i)
	}
	at, body := p.localNumbers(i)
	at, body = cmp.Substitute(at), cmp.ToReceiver(cmp.Substitute(body))
	var err error
	if at, err = p.credentialsIn(at); err == nil {
		body, err = p.credentialsIn(body)
	}
	if err != nil {
		return nil, err
	}
	rest := strings.TrimPrefix(at, originOf([]*compare.Interaction{i}))
	r, err := http.NewRequestWithContext(ctx, i.Method, p.base+rest, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range i.Header {
		for _, value := range values {
			value, err := p.headerValue(cmp.Substitute(value))
			if err != nil {
				return nil, err
			}
			r.Header.Add(name, value)
		}
	}
	return bodiless(r, body), p.authorize(r, i)
}

// bodiless removes the body of a request that had none, so that no length is sent.
func bodiless(r *http.Request, body string) *http.Request {
	if body == "" {
		r.Body, r.GetBody, r.ContentLength = http.NoBody, nil, 0
	}
	return r
}

// headerValue replaces a recorded credential by the target's and keeps a scheme before it.
func (p *replayer) headerValue(value string) (string, error) {
	who, ok := p.c.Info.Credentials[value]
	if !ok {
		return value, nil
	}
	now, err := p.credential(who)
	if scheme, _, ok := strings.Cut(value, " "); ok {
		now = scheme + " " + now
	}
	return now, err
}

// credential returns the credential of a principal.
func (p *replayer) credential(who Principal) (string, error) {
	c, err := p.world.Credential(who.Principal, who.State)
	if who.Secret {
		return c.Secret, err
	}
	return c.Value, err
}

// credentialsIn does the same for a credential in a URL or a body.
func (p *replayer) credentialsIn(s string) (string, error) {
	for value, who := range p.c.Info.Credentials {
		if strings.Contains(value, " ") || !strings.Contains(s, value) {
			continue
		}
		now, err := p.credential(who)
		if err != nil {
			return "", err
		}
		s = strings.ReplaceAll(s, value, url.QueryEscape(now))
	}
	return s, nil
}

// parsedOf returns the decoded bodies of an interaction. Those of its answers are in p.answers then.
func (p *replayer) parsedOf(i *compare.Interaction) *jsontree.Cache {
	if p.parsed == nil || p.parsedFor != i.Number {
		p.parsed, p.answers, p.parsedFor = &jsontree.Cache{}, &jsontree.Cache{}, i.Number
	}
	return p.parsed
}
