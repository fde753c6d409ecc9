package kickflow

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/query"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

// parseQuery implements Def.Query. Inferred: the vendor's server, which answers like Rails, parses
// a query as Rack does. If a name is sent twice, the last value counts, unless the name ends in [] or
// the definition has an array there: generated clients repeat the name, and the reference asks to
// accept that. ; is an ordinary character. An invalid escape is an error. A parameter without a value
// counts as not sent.
func parseQuery(raw string) (url.Values, error) {
	if query.BrokenEscape(raw) {
		return url.Values{}, dialect.Malformed("Invalid request: invalid %-encoding",
			"a % in a query is followed by two hexadecimal digits")
	}
	values, err := query.Parse(raw)
	for name, all := range values {
		switch last := all[len(all)-1]; {
		case strings.HasSuffix(name, "[]"), last != "" && lists.MatchString(name):
		case last == "":
			delete(values, name)
		default:
			values[name] = []string{last}
		}
	}
	return values, err
}

// lists are the parameters that the definition describes as arrays.
var lists = regexp.MustCompile(`^(status|subStatusIds|assigneeStatus)$`)

// unknownRoute answers requests that match no operation. A preflight needs no token and succeeds
// even if the document does not have the path; the request itself is a 404, whatever the method
// (inferred).
func unknownRoute(r *fake.Request) (any, error) {
	if r.HTTP.Method == http.MethodOptions {
		allowed := r.Allow()
		if len(allowed) == 0 { // otherwise a browser would report a failed fetch instead of the 404
			allowed = []string{"GET", "POST", "PATCH", "DELETE"}
		}
		r.SetHeader("Access-Control-Allow-Methods", strings.Join(append(allowed, http.MethodOptions), ", "))
		r.SetHeader("Access-Control-Allow-Headers", cmp.Or(r.Header("Access-Control-Request-Headers"), "*"))
		r.SetHeader("Access-Control-Max-Age", "7200")
		return nil, nil
	}
	if strings.HasPrefix(r.HTTP.URL.Path, ticket.StoragePath) && r.HTTP.Method == http.MethodGet {
		return fake.Of[api](r.State).Download(r)
	}
	return nil, dialect.NotFound("no operation has this path and method")
}

// beforeRequest sets the headers of every answer and counts the request for its address. If limits
// are off, the headers count on but no request is rejected.
func beforeRequest(r *fake.Request) error {
	r.SetHeader("Access-Control-Allow-Origin", "*")
	r.SetHeader("Access-Control-Expose-Headers", "Link, Total, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset")
	if r.HTTP.Method == http.MethodOptions || strings.HasPrefix(r.HTTP.URL.Path, ticket.StoragePath) {
		return nil
	}
	a := fake.Of[api](r.State)
	limit := requestsPerMinute(r.State)
	if limit <= 0 {
		return nil
	}
	used, reset := a.limits.Count(r.Remote(), r.State.World().Clock.Now(), time.Minute)
	r.SetHeader("Ratelimit-Limit", strconv.Itoa(limit))
	r.SetHeader("Ratelimit-Remaining", strconv.Itoa(max(limit-used, 0)))
	r.SetHeader("Ratelimit-Reset", strconv.FormatInt(reset.Unix(), 10))
	if used > limit && !r.State.World().Settings().LimitsOff {
		return dialect.Stated(dialect.Reference+"#section/rate-limit",
			dialect.Refuse(http.StatusTooManyRequests,
				fmt.Sprintf("%d requests a minute and address; --limits off stops it", limit)))
	}
	return nil
}

// requestsPerMinute returns the world's setting or, without one, the tenant's.
func requestsPerMinute(s *fake.State) (limit int) {
	if text := s.World().StringSetting("requests-per-minute"); text != "" {
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	s.Read(func(s *fake.State) { limit = fake.Of[api](s).Settings().RequestsPerMinute })
	return limit
}

// uuidInPath matches a UUID, possibly in upper case, in a path.
var uuidInPath = regexp.MustCompile(`/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b`)

// rewrite converts the UUIDs of a path to lower case, as rows have them: RFC 9562 ignores case. It
// also removes a trailing slash (inferred: Rails, which the answers resemble, does so).
func rewrite(hr *http.Request) {
	if hr.URL.Path != "/" {
		hr.URL.Path, hr.URL.RawPath = strings.TrimSuffix(hr.URL.Path, "/"), strings.TrimSuffix(hr.URL.RawPath, "/")
	}
	if hr.URL.Path == strings.ToLower(hr.URL.Path) {
		return
	}
	hr.URL.Path = uuidInPath.ReplaceAllStringFunc(hr.URL.Path, strings.ToLower)
	hr.URL.RawPath = uuidInPath.ReplaceAllStringFunc(hr.URL.RawPath, strings.ToLower)
}
