package twenty

import (
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// tagged completes an answer: it puts keys in order, inserts the addresses of files and adds Express's weak ETag, or
// answers 304 if the client has that version. The answers of GraphQL and of the token guard, which
// have a bare content type, have no tag: kind_entrance_etag.
func tagged(r *fake.Request, status int, body []byte) (int, []byte) {
	header := r.AnswerHeader()
	body = withFileURLs(r, arranged(r, status, body))
	if body == nil || !strings.Contains(header.Get("Content-Type"), "charset") || graphqlBelow(r.HTTP.URL.Path) {
		return status, body
	}
	tag := entityTag(body)
	r.SetHeader("Etag", tag)
	reads := r.HTTP.Method == http.MethodGet || r.HTTP.Method == http.MethodHead
	if !reads || status < 200 || status > 299 || !fresh(r.HTTP.Header, tag) {
		return status, body
	}
	header.Del("Content-Type")
	return http.StatusNotModified, nil
}

// entityTag returns the weak tag of a body: its length and the start of its hash.
func entityTag(body []byte) string {
	sum := sha1.Sum(body)
	var text [64]byte
	out := append(strconv.AppendInt(append(text[:0], `W/"`...), int64(len(body)), 16), '-')
	out = base64.StdEncoding.AppendEncode(out, sum[:])
	return string(append(out[:len(out)-1], '"')) // without the padding
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
