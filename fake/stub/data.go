package stub

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake/match"
)

// data is what templates see of a request.
func (s *Served) data(r *match.Request, id string) map[string]any {
	if s.Response.templates == nil {
		return nil
	}
	segments := map[string]any{}
	list := []any{}
	for i, segment := range match.PathSegments(r.Path()) {
		segments[i] = segment
	}
	for i := range len(segments) {
		list = append(list, segments[strconv.Itoa(i)])
	}
	for name, value := range s.Pattern.Params(r) {
		segments[name] = value
	}
	headers, cookies := map[string]any{"host": r.Host}, map[string]any{}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = several(values)
	}
	for _, cookie := range (&http.Request{Header: r.Header}).Cookies() {
		cookies[cookie.Name] = several(r.Cookie(cookie.Name))
	}
	base := r.Scheme + "://" + r.Host
	if r.Port != 80 && r.Scheme == "http" || r.Port != 443 && r.Scheme == "https" {
		base += ":" + strconv.Itoa(r.Port)
	}
	request := map[string]any{
		"id": id, "url": r.URL, "method": r.Method, "baseUrl": base, "clientIp": r.ClientIP,
		"scheme": r.Scheme, "host": r.Host, "port": float64(r.Port),
		"path": object{text: r.Path(), names: segments}, "pathSegments": list,
		"query": params(r.Query()), "formData": params(r.Form()),
		"headers": object{names: headers, fold: true}, "cookies": cookies,
		"body": string(r.Body), "bodyAsBase64": base64.StdEncoding.EncodeToString(r.Body),
	}
	return map[string]any{"request": request, "parameters": s.Response.Parameters}
}

func params(from url.Values) map[string]any {
	out := map[string]any{}
	for name, values := range from {
		out[name] = several(values)
	}
	return out
}

// several is the first of some values, with all of them below it.
func several(values []string) any {
	if len(values) == 0 {
		return nil
	}
	names := map[string]any{"first": values[0], "last": values[len(values)-1], "size": float64(len(values))}
	for i, value := range values {
		names[strconv.Itoa(i)] = value
	}
	return object{text: values[0], names: names}
}
