// Package unfriendly varies answers in ways that a vendor is allowed to: keys in another order, new fields, smaller
// pages, a token that ends early, a 502 of a gateway. Clients that rely on more than the document promises fail.
//
//	plan, err := unfriendly.New(unfriendly.Request{Setting: "7", HTTP: r, Op: op, Doc: doc})
//	status, body = plan.After(status, header, body)
//	plan.Applied() // the names of the variations
//
// What may vary is read from the document of the operation: which fields are optional, which objects are open, which
// order is promised (see package conduct). A varied answer is valid against the document. Which variations a request
// gets depends on the seed, the operation and how many requests the operation had before, and on nothing else, so that
// a seed repeats them.
//
// It does not vary identifiers that a client sends back in paths or bodies, GraphQL data, or answers of stubs.
package unfriendly

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/openapi"
)

// Variation is one way in which a vendor may answer otherwise.
type Variation struct {
	Name  string `json:"name"`
	About string `json:"about"`
	Legal string `json:"legal"` // why the vendor may
	every int    // one request in so many is varied
}

// The names of the variations.
const (
	keyOrder     = "key-order"
	listOrder    = "list-order"
	unknownField = "unknown-field"
	absentNull   = "absent-null"
	smallPage    = "small-page"
	rowInserted  = "row-inserted"
	rowDeleted   = "row-deleted"
	opaqueLength = "opaque-length"
	timeFraction = "time-fraction"
	tokenEnds    = "token-ends"
	limit        = "limit"
	gateway      = "gateway"
	gatewayLate  = "gateway-late"
	slow         = "slow"
	closed       = "closed"
	webhookTwice = "webhook-twice"
	webhookLate  = "webhook-late"
)

// Variations returns all variations.
func Variations() []Variation {
	return []Variation{
		{keyOrder, "the keys of objects in another order", "RFC 8259, section 4: an object is an unordered " +
			"collection", 2},
		{listOrder, "the rows of a page in another order", "the document promises none without a parameter for it", 2},
		{unknownField, "a new field in objects", "the document does not close them", 2},
		{absentNull, "optional fields that are null are left out", "the document does not require them", 2},
		{smallPage, "pages smaller than asked for", "the answer says where the next page is", 2},
		{rowInserted, "a row inserted before this page: the last row of the page before comes again",
			"pages by number or offset move with every write of another client", 3},
		{rowDeleted, "a row deleted before this page: a row of it is never seen", "the same", 3},
		{opaqueLength, "cursors of another length", "the document gives them no form", 2},
		{timeFraction, "times with other fractions of a second", "RFC 3339, section 5.6", 2},
		{tokenEnds, "an access token that can be refreshed ends early",
			"RFC 6749, section 6: the server may revoke it", 5},
		{limit, "a rate limit in the middle of the work", "the vendor's rate limit", 8},
		{gateway, "a 502 of a gateway, in HTML, before the request is executed", "RFC 9110, section 15.6.3", 8},
		{gatewayLate, "the same after a write was executed", "RFC 9110, section 15.6.3", 8},
		{slow, "a slow first byte", "no answer has a deadline", 8},
		{closed, "the connection is closed after the answer", "RFC 9112, section 9.6", 4},
		{webhookTwice, "a webhook is delivered twice", "no delivery is promised to come once", 3},
		{webhookLate, "a webhook is delivered late, after newer ones", "no order of deliveries is promised", 3},
	}
}

// names returns the names of all variations.
func names() (all []string) {
	for _, v := range Variations() {
		all = append(all, v.Name)
	}
	return all
}

// Spec says which variations apply. The zero Spec applies none.
type Spec struct {
	On     bool
	Seed   uint64
	Names  []string // of the variations; nil for all
	Always bool     // every variation that can apply does, without a seed's choice
}

// Off is the setting that applies no variation, also where a test asks for some.
const Off = "off"

// Parse parses a setting: a seed, "off", names separated by commas, or a seed, a colon and names.
func Parse(text string) (s Spec, err error) {
	if text == "" || text == Off {
		return Spec{}, nil
	}
	s.On = true
	before, list, both := strings.Cut(text, ":")
	seed, err := strconv.ParseUint(before, 10, 64)
	switch {
	case err == nil:
		s.Seed = seed
	case both:
		return Spec{}, fmt.Errorf("unfriendly %q: the seed %q is no number", text, before)
	default:
		s.Always, list, both = true, text, true
	}
	if !both {
		return s, nil
	}
	known := names()
	s.Names = []string{}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(known, name) {
			return Spec{}, fmt.Errorf("unfriendly: no variation %q%s; variations: %s", name, nearest.Hint(name, known),
				strings.Join(known, ", "))
		}
		s.Names = append(s.Names, name)
	}
	return s, nil
}

// prefer returns the value of the preference unfriendly of a request; ok is false without one.
func prefer(h http.Header) (value string, ok bool) {
	for _, one := range h.Values("Prefer") {
		name, value, _ := strings.Cut(strings.TrimSpace(one), "=")
		if strings.EqualFold(name, "unfriendly") {
			return strings.Trim(value, `"`), true
		}
	}
	return "", false
}

// chance returns the random numbers for one variation of one occasion.
func (s Spec) chance(parts ...any) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprintln(h, parts...)
	return rand.New(rand.NewPCG(s.Seed, h.Sum64()))
}

// wants reports whether a variation applies to an occasion.
func (s Spec) wants(name string, occasion ...any) bool {
	if !s.On || s.Names != nil && !slices.Contains(s.Names, name) {
		return false
	}
	if s.Always {
		return true
	}
	for _, v := range Variations() {
		if v.Name == name {
			return s.chance(append([]any{name}, occasion...)...).IntN(v.every) == 0
		}
	}
	return false
}

// late is how much later a webhook is sent.
const late = 3 * time.Second

// Delivery returns how the nth delivery of a world with a setting is sent: after a time, or twice.
func Delivery(setting string, nth int) (after time.Duration, twice bool, applied []string) {
	s, err := Parse(setting)
	if err != nil || !s.On {
		return 0, false, nil
	}
	if s.wants(webhookLate, nth) {
		after, applied = late, append(applied, webhookLate)
	} else if s.wants(webhookTwice, nth) {
		twice, applied = true, append(applied, webhookTwice)
	}
	return after, twice, applied
}

// Request is a request whose answer may vary.
type Request struct {
	Setting string // of the world
	HTTP    *http.Request
	Op      *openapi.Operation
	Doc     func() (*conduct.Document, error)
	Nth     int // how many requests the operation had before
	Entries func() []*journal.Entry
	Page    func(query url.Values) []byte // the answer to the same request with another query
}

// Plan is what is done to one request and its answer. A nil Plan does nothing.
type Plan struct {
	Request
	spec    Spec
	doc     *conduct.Document
	applied []string
}

// New plans the variations of a request. It returns nil for a request without any. An error reports
// a preference that is wrong.
func New(r Request) (*Plan, error) {
	setting := r.Setting
	if value, ok := prefer(r.HTTP.Header); ok {
		if setting = value; setting == "" {
			setting = "1"
		}
	}
	if setting == "" || setting == Off || r.Op == nil || strings.HasPrefix(r.Op.Path, "/__") {
		return nil, nil
	}
	spec, err := Parse(setting)
	if err != nil || !spec.On {
		return nil, err
	}
	doc, err := r.Doc()
	return &Plan{Request: r, spec: spec, doc: doc}, err
}

// Applied returns the names of the variations that have been applied.
func (p *Plan) Applied() []string {
	if p == nil {
		return nil
	}
	return p.applied
}

func (p *Plan) wants(name string) bool { return p.spec.wants(name, p.Op.ID, p.Nth) }

func (p *Plan) apply(name string) { p.applied = append(p.applied, name) }

func (p *Plan) chance(name string) *rand.Rand { return p.spec.chance(name, p.Op.ID, p.Nth, "how") }
