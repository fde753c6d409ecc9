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

// tagged completes an answer: it inserts the addresses of files and adds Express's weak ETag, or
// answers 304 if the client has that version. The answers of GraphQL and of the token guard, which
// have a bare content type, have no tag: kind_entrance_etag.
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

// fresh reports whether a client has the version of the tag. Tags are compared weakly; a date never
// matches, because answers have none. Known from the public source of the package that Express
// uses.
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
