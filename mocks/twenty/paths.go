package twenty

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// rewrite normalises the spellings of a path that the server's router treats as equal: case, a
// final slash, the old paths of webhooks and API keys, and the paths that the parser of record
// paths accepts. Paths of records stay escaped, as the server compares them (kind_entrance_paths 7
// and 8).
func rewrite(hr *http.Request) {
	if !slices.Contains(knownMethods, hr.Method) {
		return
	}
	path := hr.URL.EscapedPath()
	if to := routed(hr.Method, path); to != "" {
		if plain, err := url.PathUnescape(to); err == nil {
			setPath(hr, plain, to)
		}
		return
	}
	if !belowREST(path) {
		return
	}
	if hr.Method == http.MethodPatch && restoresBelow.MatchString(path) {
		return
	}
	object, id, err := recordPath(path)
	if err != nil || id != "" && !schema.IsUUID(id) {
		setPath(hr, path, path)
		return
	}
	to := recordRoute(hr.Method, path, object, id)
	setPath(hr, to, to)
}

// restoresBelow matches the paths below which newer servers restore; the version decides what becomes of them.
var restoresBelow = regexp.MustCompile(`^/rest/[^/]+(/[^/]+)?/restore$`)

func setPath(hr *http.Request, path, raw string) {
	if raw == path {
		raw = ""
	}
	if path != hr.URL.Path || raw != hr.URL.RawPath {
		hr.URL.Path, hr.URL.RawPath = path, raw
	}
}

// belowREST reports whether a path is below /rest, in whatever case.
func belowREST(path string) bool {
	const rest = "/rest/"
	return len(path) > len(rest) && strings.EqualFold(path[:len(rest)], rest)
}

type routeKey struct{ method, head string }

// fixedRoutes are the paths of the document that do not name an object, in segments.
var fixedRoutes = sync.OnceValue(func() map[routeKey][][]string {
	routes := map[routeKey][][]string{}
	add := func(method, path string) {
		key := routeKey{method, head(path)}
		routes[key] = append(routes[key], strings.Split(path, "/"))
	}
	for _, op := range document().Operations() {
		if strings.HasPrefix(op.Path, "/rest/{") || strings.HasPrefix(op.Path, "/rest/batch/") ||
			strings.HasPrefix(op.Path, "/rest/restore/") {
			continue
		}
		add(op.Method, op.Path)
		if old, ok := strings.CutPrefix(op.Path, "/rest/metadata/"); ok &&
			(strings.HasPrefix(old, "webhooks") || strings.HasPrefix(old, "apiKeys")) {
			add(op.Method, "/rest/"+old)
		}
	}
	return routes
})

// head returns the first segment of a path, below /rest the second, in lower case.
func head(path string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if strings.EqualFold(first, "rest") {
		first, _, _ = strings.Cut(rest, "/")
	}
	return strings.ToLower(first)
}

// routed returns the document's path for a fixed path, or "". Literals match without case, and one
// slash may follow; GraphQL compares the path itself (kind_entrance_paths 14 to 17).
func routed(method, path string) string {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	got := path
	if len(got) > 1 {
		got = strings.TrimSuffix(got, "/")
	}
	slashes := strings.Count(got, "/")
	for _, route := range fixedRoutes()[routeKey{method, head(got)}] {
		if len(route) != slashes+1 || !fits(route, got) {
			continue
		}
		if to := filled(route, got); !graphqlPath(to) || to == path {
			return strings.Replace(strings.Replace(to, "/rest/webhooks", "/rest/metadata/webhooks", 1),
				"/rest/apiKeys", "/rest/metadata/apiKeys", 1)
		}
	}
	return ""
}

// fits reports whether a path with as many segments as a route has its literals, and values for its parameters.
func fits(route []string, path string) bool {
	for _, segment := range route {
		got, rest, _ := strings.Cut(path, "/")
		if (!strings.HasPrefix(segment, "{") || got == "") && !strings.EqualFold(segment, got) {
			return false
		}
		path = rest
	}
	return true
}

// filled returns a route with the parameters of a path that fits it.
func filled(route []string, path string) string {
	out := slices.Clone(route)
	for i, got := range strings.Split(path, "/") {
		if strings.HasPrefix(route[i], "{") {
			out[i] = got
		}
	}
	return strings.Join(out, "/")
}

// recordPath parses the object and the record from a path as 2.21.0 does: it removes /rest/ and
// then /rest, wherever they occur and only in lower case, and splits the rest. Known from the
// vendor's public source; kind_entrance_paths and picklists_restore_dashboards agree with it.
func recordPath(path string) (object, id string, err error) {
	left, ok := strings.CutPrefix(path, "/rest/")
	if !ok {
		left = strings.Replace(left, "/rest/", "", 1)
	}
	var buffer [3]string
	segments := buffer[:0]
	for segment := range strings.SplitSeq(strings.Replace(left, "/rest", "", 1), "/") {
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	switch {
	case len(segments) == 0 || len(segments) > 2:
		return "", "", &fake.Error{Status: http.StatusBadRequest, Rule: "a path names an object and at most a record",
			Message: fmt.Sprintf("Query path '%s' invalid. Valid examples: "+
				"/rest/companies/id or /rest/companies or /rest/batch/companies", path)}
	case len(segments) == 1:
		return segments[0], "", nil
	case segments[0] == "batch" || segments[0] == "restore" && !slices.Contains(pathVerbs, segments[1]):
		return segments[1], "", nil
	case slices.Contains(pathVerbs, segments[1]):
		return segments[0], "", nil
	}
	return segments[0], segments[1], nil
}

var pathVerbs = []string{"duplicates", "groupBy", "merge"}

// recordRoute returns the path of the document for an operation on records. The router finds the operation by
// the first or the last segment and the method, without case.
func recordRoute(method, path, object, id string) string {
	below := strings.TrimSuffix(path, "/")[len("/rest/"):]
	first, _, several := strings.Cut(strings.ToLower(below), "/")
	last := strings.ToLower(below[strings.LastIndexByte(below, '/')+1:])
	switch {
	case method == http.MethodPost && first == "batch" && several:
		return "/rest/batch/" + object
	case method == http.MethodPatch && first == "restore" && several:
		return "/rest/restore/" + object
	case method == http.MethodPost && last == "duplicates" && several,
		method == http.MethodGet && last == "groupby" && several,
		method == http.MethodPatch && last == "merge" && several:
		return "/rest/" + object + "/" + pathVerbs[slices.Index([]string{"duplicates", "groupby", "merge"}, last)]
	case id == "":
		return "/rest/" + object
	}
	return "/rest/" + object + "/" + id
}

// undecodable rejects a path of records with a segment that cannot be decoded, as the server's
// router does.
func undecodable(r *fake.Request) error {
	if r.Op != nil && r.Path("objects") == "" {
		return nil
	}
	for segment := range strings.SplitSeq(r.HTTP.URL.Path, "/") {
		if plain, err := url.PathUnescape(segment); err != nil || !utf8.ValidString(plain) {
			e := nest(http.StatusBadRequest, "Bad Request", "Failed to decode param '"+segment+"'")
			e.Source = "the observed answer to /rest/companies/%"
			return e
		}
	}
	return nil
}

// knownMethods are those that the server has routes for.
var knownMethods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete}

// unknownRoute answers requests without an operation: preflights, paths of records that name none,
// and the rest of the server.
func unknownRoute(r *fake.Request) (any, error) {
	path := r.HTTP.URL.EscapedPath()
	switch {
	case r.HTTP.Method == http.MethodOptions:
		return preflight(r)
	case strings.EqualFold(path, "/mcp"):
		return nil, onlyPost(r)
	case graphqlPath(path):
		return nil, onlyGetAndPost(r)
	case graphqlBelow(path):
		r.Reject(&fake.Error{Status: http.StatusNotFound, Rule: "the GraphQL server has one path", Body: ""})
		return &fake.Response{Status: http.StatusNotFound}, nil
	case !belowREST(path) || !slices.Contains(knownMethods, r.HTTP.Method):
		return nil, nest(http.StatusNotFound, "Not Found",
			fmt.Sprintf("Cannot %s %s", r.HTTP.Method, r.HTTP.URL.RequestURI()))
	}
	if err := authenticate(r); err != nil {
		return nil, err
	}
	_, id, err := recordPath(r.HTTP.URL.Path)
	if err == nil {
		err = noRecordID(id)
	}
	return nil, err
}

// graphqlBelow reports whether the GraphQL server gets a path that is not its own: it answers with nothing.
func graphqlBelow(path string) bool {
	for _, own := range []string{"/graphql", "/metadata"} {
		if len(path) >= len(own) && strings.EqualFold(path[:len(own)], own) &&
			(len(path) == len(own) || path[len(own)] == '/') {
			return true
		}
	}
	return false
}

// preflight answers OPTIONS on any path: fixtures/twenty/kind_entrance_paths 20, 27, 33 and 37.
func preflight(r *fake.Request) (any, error) {
	r.SetHeader("Access-Control-Allow-Methods", allowedMethods)
	if asked := r.Header("Access-Control-Request-Headers"); asked != "" {
		r.SetHeader("Access-Control-Allow-Headers", asked)
	}
	return &fake.Response{Status: http.StatusNoContent}, nil
}

// allowedMethods is the CORS header of the framework.
const allowedMethods = "GET,HEAD,PUT,PATCH,POST,DELETE"
