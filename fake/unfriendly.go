package fake

import (
	"net/http"
	"net/url"

	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/unfriendly"
)

// planVariations plans how the answer varies, by the world's setting or the preference of the
// request. The fault is the answer, if that is one of the variations.
func (r *Request) planVariations(f *mountedFake) (hit *Fault, err error) {
	setting := r.world.Settings().Unfriendly
	if r.Op == nil || setting == "" && r.Header("Prefer") == "" {
		return nil, nil
	}
	r.plan, err = unfriendly.New(unfriendly.Request{
		Setting: setting, HTTP: r.HTTP, Op: r.Op, Doc: f.conduct,
		Nth:     r.world.Journal.Uses()[journal.Use{Fake: f.def.Name, Operation: r.Op.ID}],
		Entries: func() []*Entry { kept, _ := r.world.Journal.Entries(); return kept },
		Page: func(query url.Values) []byte {
			hr := r.HTTP.Clone(r.HTTP.Context())
			hr.URL.RawQuery, hr.Body = query.Encode(), http.NoBody
			e, _ := r.server.Try(r.world, f.def.Name, hr, r.Base)
			return e.Answer
		}})
	return r.plan.Before(f.def.Faults), err
}
