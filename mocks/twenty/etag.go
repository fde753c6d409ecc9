package twenty

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// tagged completes an answer: it writes the addresses of files into it, and gives it Express's weak ETag and turns it into a 304 if the client has it already. GraphQL's
// answers and those of the guard of tokens, which have a bare content type, do without: kind_entrance_etag.
func tagged(r *fake.Request, status int, body []byte) (int, []byte) {
	header := r.AnswerHeader()
	body = withFileURLs(r, body)
	if body == nil || !strings.Contains(header.Get("Content-Type"), "charset") || graphqlBelow(r.HTTP.URL.Path) {
		return status, body
	}
	sum := sha1.Sum(body)
	tag := fmt.Sprintf(`W/"%x-%s"`, len(body), base64.StdEncoding.EncodeToString(sum[:])[:27])
	header.Set("ETag", tag)
	reads := r.HTTP.Method == http.MethodGet || r.HTTP.Method == http.MethodHead
	if !reads || status < 200 || status > 299 || !fresh(r.HTTP.Header, tag) {
		return status, body
	}
	header.Del("Content-Type")
	return http.StatusNotModified, nil
}

var noCache = regexp.MustCompile(`(?:^|,)\s*?no-cache\s*?(?:,|$)`)

// fresh reports whether a client has what the tag stands for. Tags are compared weakly; a date never matches,
// for answers have none to compare with. Known from the public source of the package that Express asks.
func fresh(header http.Header, tag string) bool {
	given := strings.Join(header.Values("If-None-Match"), ", ")
	if given == "" || header.Get("If-Modified-Since") != "" || noCache.MatchString(header.Get("Cache-Control")) {
		return false
	}
	if given == "*" {
		return true
	}
	for one := range strings.SplitSeq(given, ",") {
		if strings.TrimPrefix(strings.Trim(one, " "), "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
