package ui

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
)

// number reads a number for a JSON body; other input is sent as text, which the control plane refuses with a reason.
func number(text string) any {
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return n
	}
	return text
}

// document is the OpenAPI document of a fake.
type document struct {
	data
	header, before string // of a credential
}

// document reads the document of a fake.
func (c *request) document(fake string) (document, error) {
	out, err := c.ask(http.MethodGet, "/"+url.PathEscape(fake)+"/openapi.json", nil, nil)
	if err != nil {
		return document{}, err
	}
	var d document
	d.header, d.before, err = conduct.CredentialHeader(out.body.Bytes())
	if out.status != http.StatusOK || err != nil || json.Unmarshal(out.body.Bytes(), &d.data) != nil {
		return document{}, &apiError{http.StatusNotFound, "no fake " + fake}
	}
	return d, nil
}

// resolve follows a reference within the document.
func (d document) resolve(v any) data {
	object, _ := v.(map[string]any)
	for range 20 {
		ref, ok := object["$ref"].(string)
		if !ok {
			break
		}
		var at any = map[string]any(d.data)
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			parent, _ := at.(map[string]any)
			at = parent[part]
		}
		object, _ = at.(map[string]any)
	}
	return object
}

// operation is one operation with what a form needs.
type operation struct {
	ID, Method, Path, Summary, Evidence, Source string
	Params                                      []param
	Media, Body                                 string // of an example body; "" if it takes none
}

type param struct {
	In, Name, About, Value string
	Required               bool
	Enum                   []string
}

// Field is the name of the parameter's input.
func (p param) Field() string { return p.In + "." + p.Name }

var methods = []string{"get", "post", "put", "patch", "delete"}

// operations lists the operations of a document; forms come with one that is named.
func (d document) operations(named string) (all []operation) {
	paths, _ := d.data["paths"].(map[string]any)
	for _, path := range sortedKeys(paths) {
		item := d.resolve(paths[path])
		for _, method := range methods {
			op, ok := item[method].(map[string]any)
			if !ok || strings.HasPrefix(path, "/__") {
				continue
			}
			o := operation{ID: data(op).text("operationId"), Method: strings.ToUpper(method), Path: path,
				Summary: data(op).text("summary"), Evidence: data(op).text("x-evidence"),
				Source: data(op).text("x-source")}
			if o.ID == named {
				d.complete(&o, item, op)
			}
			all = append(all, o)
		}
	}
	return all
}

// complete fills in the parameters of an operation and an example of its body.
func (d document) complete(o *operation, item, op data) {
	shared, _ := item["parameters"].([]any)
	own, _ := op["parameters"].([]any)
	for _, v := range append(slices.Clone(shared), own...) {
		p := d.resolve(v)
		schema := d.resolve(p["schema"])
		one := param{In: p.text("in"), Name: p.text("name"), About: p.text("description"),
			Required: p["required"] == true || p.text("in") == "path"}
		if one.Required {
			one.Value = plainText(d.example(schema, 0))
		}
		if enum, ok := schema["enum"].([]any); ok {
			for _, value := range enum {
				one.Enum = append(one.Enum, plainText(value))
			}
		}
		o.Params = append(o.Params, one)
	}
	body := d.resolve(op["requestBody"])
	content, _ := body["content"].(map[string]any)
	for _, media := range sortedKeys(content) {
		if o.Media == "" || media == "application/json" {
			o.Media = media
		}
	}
	if o.Media == "" {
		return
	}
	schema := d.resolve(d.resolve(content[o.Media])["schema"])
	if o.Media == "*/*" {
		o.Media = "application/json"
	}
	example := d.example(schema, 0)
	if strings.Contains(o.Media, "json") {
		o.Body = pretty(example)
	} else if object, ok := example.(map[string]any); ok {
		form := url.Values{}
		for key, value := range object {
			form.Set(key, plainText(value))
		}
		o.Body = form.Encode()
	}
}

// plainText is a value as a parameter carries it.
func plainText(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	if v == nil {
		return ""
	}
	text, _ := json.Marshal(v) // it came from JSON
	return string(text)
}

// example makes a value that a schema allows: the required properties, or the first few where none is required.
func (d document) example(schema data, depth int) any {
	for _, key := range []string{"example", "default"} {
		if schema[key] != nil {
			return schema[key]
		}
	}
	if enum, ok := schema["enum"].([]any); ok && len(enum) > 0 {
		return enum[0]
	}
	for _, key := range []string{"allOf", "oneOf", "anyOf"} {
		if parts, ok := schema[key].([]any); ok && len(parts) > 0 && depth < 6 {
			return d.example(d.resolve(parts[0]), depth+1)
		}
	}
	switch schema.text("type") {
	case "object", "":
		return d.exampleObject(schema, depth)
	case "array":
		if depth > 5 {
			return []any{}
		}
		return []any{d.example(d.resolve(schema["items"]), depth+1)}
	case "integer", "number":
		if schema["minimum"] != nil {
			return schema["minimum"]
		}
		return 1
	case "boolean":
		return true
	}
	return exampleText(schema)
}

// exampleText makes a text of the format, the pattern and the shortest length that a schema has. For a pattern that
// none of its samples match, the document can have an example.
func exampleText(schema data) string {
	known := map[string]string{"uuid": "00000000-0000-4000-8000-000000000000", "date": "2026-04-01",
		"date-time": "2026-04-01T09:00:00Z", "email": "ada@example.com", "uri": "https://example.com"}
	if text := known[schema.text("format")]; text != "" {
		return text
	}
	least, _ := strconv.Atoi(schema.text("minLength")) // 0 without one
	pattern, err := regexp.Compile(schema.text("pattern"))
	for _, sample := range []string{strings.Repeat("text", max(1, (least+3)/4)), "text1", "TEXT1", "1", "09:00",
		"2026-04-01", "2026-04-01 09:00:00", "ada@example.com", "https://example.com"} {
		if err == nil && len(sample) >= least && pattern.MatchString(sample) {
			return sample
		}
	}
	return "text"
}

func (d document) exampleObject(schema data, depth int) any {
	object := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range sortedKeys(properties) {
		must := slices.ContainsFunc(required, func(r any) bool { return r == name })
		if must && depth < 6 || len(required) == 0 && len(object) < 3 && depth == 0 {
			object[name] = d.example(d.resolve(properties[name]), depth+1)
		}
	}
	return object
}

// operationsFor guesses the operations by which a fake changes the rows of a table: those whose path has its name.
func (c *request) operationsFor(fake, table string) (found []operation) {
	d, err := c.document(fake)
	if err != nil {
		return nil
	}
	want := stem(table)
	var others []operation
	for _, o := range d.operations("") {
		if o.Method == "GET" {
			continue
		}
		segments := strings.Split(o.Path, "/")
		switch {
		case slices.ContainsFunc(segments, func(s string) bool { return stem(s) == want }):
			found = append(found, o)
		case strings.Contains(o.Path, "{objects}") || strings.Contains(o.Path,
			"{object"), strings.Contains(o.Path, "{table"):
			others = append(others, o)
		}
	}
	if len(found) > 0 {
		return found
	}
	return others
}

// stem is a name without spelling: users, user and USERS have one.
func stem(name string) string {
	name = name[strings.LastIndexByte(name, ':')+1:]
	name = strings.ToLower(strings.NewReplacer("-", "", "_", "", "tbl", "").Replace(name))
	if ies, ok := strings.CutSuffix(name, "ies"); ok {
		return ies + "y"
	}
	return strings.TrimSuffix(name, "s")
}

// try shows the operations of a fake and, if one is chosen, its form.
func (c *request) try() (data, error) {
	d := data{"fakes": c.fakes()}
	fake := c.r.FormValue("fake")
	if fake == "" {
		return d, nil
	}
	doc, err := c.document(fake)
	if err != nil {
		return nil, err
	}
	id := c.r.FormValue("operation")
	operations := doc.operations(id)
	d["fake"], d["operations"] = fake, operations
	if at := slices.IndexFunc(operations, func(o operation) bool { return o.ID == id }); at >= 0 && id != "" {
		o := operations[at]
		c.prefill(&o)
		d["operation"] = o
	}
	access, err := c.api("PUT", "/worlds/"+url.PathEscape(c.world), nil)
	if err != nil {
		return nil, err
	}
	credentials, _ := access["credentials"].(map[string]any)
	d["credentials"] = credentials[fake]
	d["oauth"] = doc.oauth() != nil
	return d, nil
}

// prefill fills the form with what the address names: parameters by in.name, and a row as the body.
func (c *request) prefill(o *operation) {
	id := c.r.FormValue("id")
	for i := range o.Params {
		p := &o.Params[i]
		if value := c.r.FormValue(p.Field()); value != "" {
			p.Value = value
		} else if p.In == "path" && id != "" && i == lastPath(o.Params) {
			p.Value = id
		} else if table := c.r.FormValue("table"); p.In == "path" && table != "" && i != lastPath(o.Params) {
			p.Value = tableParameter(p.Name, table)
		}
	}
	fake, table := c.r.FormValue("fake"), c.r.FormValue("table")
	if id == "" || table == "" || !strings.Contains(o.Media, "json") {
		return
	}
	row, err := c.get("/rows/" + url.PathEscape(fake) + "/" + url.PathEscape(table) + "/" + url.PathEscape(id))
	var body map[string]any
	stored, _ := row["row"].(map[string]any)
	if err != nil || json.Unmarshal([]byte(o.Body), &body) != nil {
		return
	}
	for name := range body {
		if value, ok := stored[name]; ok && value != nil {
			body[name] = value
		}
	}
	o.Body = pretty(body)
}

// tableParameter is the value of a path parameter that names a table: in the plural where the parameter is.
func tableParameter(name, table string) string {
	table = table[strings.LastIndexByte(table, ':')+1:]
	if !strings.HasSuffix(name, "s") || strings.HasSuffix(table, "s") {
		return table
	}
	if y, ok := strings.CutSuffix(table, "y"); ok {
		return y + "ies"
	}
	return table + "s"
}

func lastPath(params []param) int {
	last := -1
	for i, p := range params {
		if p.In == "path" {
			last = i
		}
	}
	return last
}

// send sends what the form says to the fake, and shows the request.
func (u *UI) send(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		u.fail(w, r, err)
		return
	}
	c, f := &request{u, r, worldOf(r)}, r.PostForm
	fake := f.Get("fake")
	doc, err := c.document(fake)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	operations := doc.operations(f.Get("operation"))
	at := slices.IndexFunc(operations, func(o operation) bool { return o.ID == f.Get("operation") })
	if at < 0 {
		u.fail(w, r, &apiError{http.StatusNotFound, "no operation " + f.Get("operation")})
		return
	}
	target, header := operations[at].fill(f)
	if credential := f.Get("credential"); credential != "" {
		header.Set(doc.header, doc.before+credential)
	}
	header.Set("User-Agent", "mockserver-ui")
	body := strings.ReplaceAll(f.Get("body"), "\r\n", "\n")
	if body != "" {
		header.Set("Content-Type", f.Get("media"))
	}
	if _, err := c.ask(operations[at].Method, "/"+fake+target, header, []byte(body)); err != nil {
		u.fail(w, r, err)
		return
	}
	c.showNewest(w, fake)
}

// fill returns path and query of the operation with the values of a form, and the headers that it names.
func (o operation) fill(f url.Values) (target string, header http.Header) {
	path, query, header := o.Path, url.Values{}, http.Header{}
	for _, p := range o.Params {
		value := f.Get(p.Field())
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case value == "":
		case p.In == "query":
			query.Set(p.Name, value)
		case p.In == "header":
			header.Set(p.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, header
}

// showNewest sends the browser to the newest request of a fake.
func (c *request) showNewest(w http.ResponseWriter, fake string) {
	d, err := c.get("/requests/lines?limit=1&fake=" + url.QueryEscape(fake))
	if lines := d.list("lines"); err == nil && len(lines) > 0 {
		leave(w, c.r, Prefix+"/requests/"+url.PathEscape(lines[0].text("id"))+"?world="+url.QueryEscape(c.world), "",
			"")
		return
	}
	leave(w, c.r, Prefix+"/requests?world="+url.QueryEscape(c.world), "", "the journal has no such request")
}

// oauth returns the paths of the authorization and the token endpoint, nil if the document has none.
func (d document) oauth() (paths []string) {
	for _, end := range []string{"/authorize", "/token"} {
		for _, o := range d.operations("") {
			if strings.HasSuffix(o.Path, "oauth"+end) {
				paths = append(paths, o.Path)
				break
			}
		}
	}
	if len(paths) != 2 {
		return nil
	}
	return paths
}

// oauth walks through the authorization code flow: it consents, trades the code for a token, and shows the requests.
func (u *UI) oauth(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		u.fail(w, r, err)
		return
	}
	c, f := &request{u, r, worldOf(r)}, r.PostForm
	fake := f.Get("fake")
	doc, err := c.document(fake)
	if err != nil || doc.oauth() == nil {
		u.fail(w, r, &apiError{http.StatusNotFound, fake + " has no authorization code flow"})
		return
	}
	paths := doc.oauth()
	id, secret, _ := strings.Cut(f.Get("client"), " ")
	query := url.Values{"response_type": {"code"}, "client_id": {id}, "redirect_uri": {f.Get("redirect")},
		"state": {"try"}}
	asked, err := c.ask(http.MethodGet, "/"+fake+paths[0]+"?"+query.Encode(),
		http.Header{"Mockserver-Consent": {"approve"}}, nil)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	landed, _ := url.Parse(asked.header.Get("Location"))
	if landed == nil || landed.Query().Get("code") == "" {
		c.showNewest(w, fake)
		return
	}
	form := url.Values{"grant_type": {"authorization_code"}, "code": {landed.Query().Get("code")},
		"client_id": {id}, "client_secret": {secret}, "redirect_uri": {f.Get("redirect")}}
	token, err := c.ask(http.MethodPost, "/"+fake+paths[1],
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.render(w, r, http.StatusOK, "token", data{"fake": fake, "location": landed.String(),
		"status": token.status, "token": pretty(token.body.String())})
}
