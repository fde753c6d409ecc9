package importer

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

func recognizePostman(doc value) string {
	schema := doc.at("info", "schema").text()
	if !doc.at("item").isList() || !strings.Contains(schema, "postman") {
		return ""
	}
	if version := postmanVersion.FindString(schema); version != "" {
		return "Postman collection " + version
	}
	return "Postman collection"
}

var (
	postmanVersion  = regexp.MustCompile(`v\d+(?:\.\d+)*`)
	postmanVariable = regexp.MustCompile(`\{\{\s*([^{}]+?)\s*\}\}`)
)

func (r *reader) postman(doc value) {
	p := &collection{reader: r, variables: map[string]string{}}
	for _, pair := range doc.at("variable").pairs("key") {
		p.variables[pair[0]] = pair[1]
	}
	p.folder(doc.at("item"), doc.at("auth"))
}

// collection walks the folders of a Postman collection.
type collection struct {
	*reader
	variables map[string]string
	number    int
}

func (p *collection) folder(items, auth value) {
	for _, item := range items.list() {
		own := auth
		if item.at("auth").exists() {
			own = item.at("auth")
		}
		if item.at("item").isList() {
			p.folder(item.at("item"), own)
			continue
		}
		if len(item.at("response").list()) == 0 {
			p.leaveOut(p.number, item.at("name").text(), "no answer is saved with the request")
			p.number++
		}
		for _, answer := range item.at("response").list() {
			p.saved(item, answer, own)
			p.number++
		}
	}
}

// saved adds one saved response.
func (p *collection) saved(item, answer, auth value) {
	q := answer.at("originalRequest")
	if !q.exists() {
		q = item.at("request")
	}
	if own := item.at("request", "auth"); own.exists() {
		auth = own
	}
	if q.at("auth").exists() {
		auth = q.at("auth")
	}
	x := Exchange{Method: q.at("method").text(), URL: postmanURL(q), Status: answer.at("code").number(),
		Header: http.Header{}, Answer: unpacked(headersOf(answer.at("header").pairs("key")))}
	x.Header = headersOf(q.at("header").pairs("key"))
	if x.Method == "" {
		x.Method = http.MethodGet
	}
	x.authorize(auth)
	body, why := x.postmanBody(q.at("body"))
	x.Body, x.Result = []byte(body), []byte(answer.at("body").text())
	what := x.Method + " " + x.URL
	if unknown := p.substitute(&x); why == "" && unknown != "" {
		why = "nothing gives the variable {{" + unknown + "}} a value"
	}
	if why != "" {
		p.leaveOut(p.number, what, "%s", why)
		return
	}
	p.keep(p.number, x)
}

func postmanURL(q value) string {
	if q.text() != "" {
		return q.text() // a request may be just its URL
	}
	u := q.at("url")
	switch {
	case !u.isObject():
		return u.text()
	case u.at("raw").text() != "":
		return u.at("raw").text()
	}
	address := u.at("host").joined(".")
	if protocol := u.at("protocol").text(); protocol != "" {
		address = protocol + "://" + address
	}
	if port := u.at("port").text(); port != "" {
		address += ":" + port
	}
	address += "/" + u.at("path").joined("/")
	var query []string
	for _, p := range u.at("query").pairs("key") {
		query = append(query, p[0]+"="+p[1]) // as typed; Postman does not escape again
	}
	if len(query) > 0 {
		address += "?" + strings.Join(query, "&")
	}
	return address
}

// joined joins a list of strings and returns a string unchanged.
func (v value) joined(between string) string {
	if !v.isList() {
		return strings.TrimPrefix(v.text(), between)
	}
	var all []string
	for _, one := range v.list() {
		all = append(all, one.text())
	}
	return strings.Join(all, between)
}

// substitute replaces the collection's variables and returns one without a value.
func (p *collection) substitute(x *Exchange) (unknown string) {
	fill := func(s string) string {
		return postmanVariable.ReplaceAllStringFunc(s, func(variable string) string {
			name := postmanVariable.FindStringSubmatch(variable)[1]
			v, ok := p.variables[name]
			if !ok {
				unknown = name
				return variable
			}
			return v
		})
	}
	x.URL, x.Body = fill(x.URL), []byte(fill(string(x.Body)))
	if x.URL != "" && !strings.Contains(x.URL, "://") {
		x.URL = "http://" + x.URL // as Postman sends it
	}
	for _, values := range x.Header {
		for i := range values {
			values[i] = fill(values[i])
		}
	}
	return unknown
}

// authorize adds the header that an auth block describes.
func (x *Exchange) authorize(auth value) {
	given := map[string]string{}
	kind := auth.at("type").text()
	for _, pair := range auth.at(kind).pairs("key") {
		given[pair[0]] = pair[1]
	}
	for _, name := range auth.at(kind).keys() { // collections of version 2.0
		given[name] = auth.at(kind, name).text()
	}
	set := func(name, v string) {
		if x.Header.Get(name) == "" {
			x.Header.Set(name, v)
		}
	}
	switch kind {
	case "bearer":
		set("Authorization", "Bearer "+given["token"])
	case "basic":
		set("Authorization",
			"Basic "+base64.StdEncoding.EncodeToString([]byte(given["username"]+":"+given["password"])))
	case "oauth2":
		set("Authorization", "Bearer "+given["accessToken"])
	case "apikey":
		if given["in"] != "query" {
			set(given["key"], given["value"])
		}
	}
}

// postmanBody encodes a body as Postman sends it, or returns why it cannot.
func (x *Exchange) postmanBody(body value) (text, why string) {
	set := func(kind string) {
		if x.Header.Get("Content-Type") == "" {
			x.Header.Set("Content-Type", kind)
		}
	}
	switch mode := body.at("mode").text(); mode {
	case "", "raw":
		if body.at("options", "raw", "language").text() == "json" {
			set("application/json")
		}
		return body.at("raw").text(), ""
	case "urlencoded":
		set("application/x-www-form-urlencoded")
		var pairs []string
		for _, p := range body.at("urlencoded").pairs("key") {
			pairs = append(pairs, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
		}
		return strings.Join(pairs, "&"), ""
	case "graphql":
		set("application/json")
		return graphQLBody(body.at("graphql")), ""
	default:
		return "", "its body, of mode " + printable(mode) + ", is not in the file"
	}
}

func graphQLBody(v value) string {
	out := map[string]any{"query": v.at("query").text()}
	var variables any
	if json.Unmarshal([]byte(v.at("variables").text()), &variables) == nil {
		out["variables"] = variables
	}
	data, _ := json.Marshal(out) // strings and decoded JSON can be encoded
	return string(data)
}
