package ui

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// screen is one page of the UI. Those with a title are in the navigation.
type screen struct {
	name, path, Title string
	live              string // the events that change it
	load              func(*request) (data, error)
}

// Href is the address of the screen.
func (s screen) Href() string { return Prefix + s.path }

// Is reports whether a page belongs to the screen.
func (s screen) Is(name string) bool {
	return s.name == name || name == "request" && s.name == "requests" || (name == "row" || name == "table") &&
		s.name == "rows" || name == "world" && s.name == "worlds" || name == "diff" && s.name == "worlds" ||
		name == "story" && s.name == "stories"
}

var screens = []screen{
	{"requests", "/requests", "Requests", "kind=request", (*request).requests},
	{"rows", "/rows", "Rows", "kind=row,world", (*request).tables},
	{"worlds", "/worlds", "Worlds", "", (*request).worlds},
	{"clock", "/clock", "Clock", "kind=clock,job,world", (*request).clock},
	{"faults", "/faults", "Faults", "kind=fault,world", (*request).faults},
	{"deliveries", "/deliveries", "Deliveries", "kind=delivery,world", (*request).deliveries},
	{"stories", "/stories", "Stories", "", (*request).stories},
	{"audit", "/audit", "Audit", "kind=request,delivery", (*request).audit},
	{"fidelity", "/fidelity", "Fidelity", "", (*request).fidelity},
	{"try", "/try", "Try it", "", (*request).try},
	{"request", "/requests/{id}", "", "", (*request).one},
	{"table", "/rows/{fake}/{table}", "", "kind=row,world", (*request).table},
	{"row", "/rows/{fake}/{table}/{id}", "", "", (*request).row},
	{"world", "/worlds/{world}", "", "", (*request).oneWorld},
	{"story", "/stories/{story}", "", "kind=request,delivery,clock,world", (*request).story},
	{"diff", "/diff", "", "", (*request).diff},
}

func navigation() []screen {
	return slices.DeleteFunc(slices.Clone(screens), func(s screen) bool { return s.Title == "" })
}

// filters are the fields by which requests are filtered.
var filters = []string{"fake", "operation", "status", "q", "refused", "unknown", "faulted", "inferred"}

// requests lists the newest requests that pass the filters.
func (c *request) requests() (data, error) {
	query, chosen := url.Values{"limit": {"200"}}, map[string]string{}
	if before := c.r.FormValue("before"); before != "" {
		query.Set("before", before)
	}
	for _, name := range filters {
		if value := c.r.FormValue(name); value != "" {
			query.Set(name, value)
			chosen[name] = value
		}
	}
	d, err := c.get("/requests/lines?" + query.Encode())
	if err != nil {
		return nil, err
	}
	d["chosen"], d["fakes"], d["switches"] = chosen, c.fakes(), filters[4:]
	if before := d.text("before"); before != "" {
		older := c.r.URL.Query()
		older.Set("before", before)
		d["older"] = Prefix + "/requests?" + older.Encode()
	}
	if newest := c.r.URL.Query(); newest.Get("before") != "" {
		newest.Del("before")
		d["newest"] = Prefix + "/requests?" + newest.Encode()
	}
	return d, nil
}

// fakes lists the fakes by name.
func (c *request) fakes() (names []string) {
	d, err := c.get("/faults")
	if err != nil {
		return nil
	}
	named, _ := d["named"].(map[string]any)
	for name := range named {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// one shows one request: what was asked and answered, why, and what it changed.
func (c *request) one() (data, error) {
	id := "/requests/" + url.PathEscape(c.r.PathValue("id"))
	d, err := c.get(id)
	if err != nil {
		return nil, err
	}
	x, err := c.get(id + "/explain")
	if err != nil {
		return nil, err
	}
	d["explain"], d["id"], d["fake"] = map[string]any(x), c.r.PathValue("id"), x["fake"]
	if op, ok := x["operation"].(map[string]any); ok {
		d["operation"], d["evidence"] = op["id"], op["evidence"]
	}
	if changes, err := c.get(id + "/changes"); err == nil {
		d["changes"] = changes["changes"]
	} else {
		d["noChanges"] = err.Error()
	}
	d["copies"] = []data{{"name": "curl", "text": c.text(id + "/export?format=curl")},
		{"name": "Go", "text": c.text(id + "/export?format=go")}}
	return d, nil
}

func (c *request) tables() (data, error) {
	d, err := c.get("/rows")
	if err != nil {
		return nil, err
	}
	q := c.r.FormValue("q")
	if d["q"] = q; q == "" {
		return d, nil
	}
	var found []data
	tables, _ := d["tables"].(map[string]any)
	for _, fake := range c.fakes() {
		byName, _ := tables[fake].(map[string]any)
		for _, table := range sortedKeys(byName) {
			page, err := c.get("/rows?limit=5&fake=" + fake + "&table=" + url.QueryEscape(table) + "&q=" +
				url.QueryEscape(q))
			if err == nil && page.text("total") != "0" {
				found = append(found, page)
			}
		}
	}
	d["found"] = found
	return d, nil
}

func sortedKeys(m map[string]any) (keys []string) {
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// mostColumns bounds the columns of a table of rows.
const mostColumns = 7

func (c *request) table() (data, error) {
	fake, table := c.r.PathValue("fake"), c.r.PathValue("table")
	query := url.Values{"fake": {fake}, "table": {table}, "limit": {"50"}, "q": {c.r.FormValue("q")},
		"offset": {c.r.FormValue("offset")}}
	d, err := c.get("/rows?" + query.Encode())
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, row := range d.list("rows") {
		object, _ := row["row"].(map[string]any)
		for _, key := range sortedKeys(object) {
			plain := object[key] != nil
			switch object[key].(type) {
			case map[string]any, []any:
				plain = false
			}
			if plain && key != "id" && !slices.Contains(columns, key) {
				columns = append(columns, key)
			}
		}
	}
	slices.SortStableFunc(columns, func(a, b string) int { return rank(a) - rank(b) })
	d["columns"], d["q"] = columns[:min(len(columns), mostColumns)], c.r.FormValue("q")
	d["operations"] = c.operationsFor(fake, table)
	d["next"], d["previous"] = c.pages(d)
	return d, nil
}

// rank puts the columns first by which people know a row.
func rank(column string) int {
	for i, part := range []string{"name", "title", "email", "code", "status", "state"} {
		if strings.Contains(strings.ToLower(column), part) {
			return i
		}
	}
	return unranked
}

const unranked = 100

// pages returns the addresses of the next and the previous page of rows.
func (c *request) pages(d data) (next, previous string) {
	var total, offset int
	fmt.Sscan(d.text("total"), &total)
	fmt.Sscan(d.text("offset"), &offset)
	at := func(offset int) string {
		query := c.r.URL.Query()
		query.Set("offset", fmt.Sprint(offset))
		return c.r.URL.Path + "?" + query.Encode()
	}
	if offset+50 < total {
		next = at(offset + 50)
	}
	if offset > 0 {
		previous = at(max(0, offset-50))
	}
	return next, previous
}

func (c *request) row() (data, error) {
	fake, table := c.r.PathValue("fake"), c.r.PathValue("table")
	d, err := c.get("/rows/" + url.PathEscape(fake) + "/" + url.PathEscape(table) + "/" +
		url.PathEscape(c.r.PathValue("id")))
	if err != nil {
		return nil, err
	}
	d["operations"] = c.operationsFor(fake, table)
	return d, nil
}

func (c *request) worlds() (data, error) {
	d, err := c.get("/worlds")
	if err != nil {
		return nil, err
	}
	for _, w := range d.list("worlds") {
		rows := 0
		byFake, _ := w["rows"].(map[string]any)
		for _, tables := range byFake {
			sizes, _ := tables.(map[string]any)
			for _, n := range sizes {
				size := 0
				fmt.Sscan(fmt.Sprint(n), &size)
				rows += size
			}
		}
		w["count"] = rows
	}
	seeds, err := c.get("/seeds")
	if err != nil {
		return nil, err
	}
	d["fakes"] = seeds.list("fakes")
	return d, nil
}

func (c *request) oneWorld() (data, error) {
	c.world = c.r.PathValue("world")
	d, err := c.get("/worlds/" + url.PathEscape(c.world))
	if err != nil {
		return nil, err
	}
	access, err := c.api("PUT", "/worlds/"+url.PathEscape(c.world), nil) // it is there, so nothing is made
	if err != nil {
		return nil, err
	}
	d["credentials"], d["snippets"] = access["credentials"], snippets(access)
	return d, nil
}

func (c *request) diff() (data, error) {
	with := c.r.FormValue("with")
	d, err := c.get("/diff?with=" + url.QueryEscape(with))
	if err != nil {
		return nil, err
	}
	d["with"] = with
	return d, nil
}

func (c *request) clock() (data, error) {
	d, err := c.get("/clock")
	if err != nil {
		return nil, err
	}
	for key, path := range map[string]string{"due": "/clock/due", "ran": "/clock/ran"} {
		jobs, err := c.get(path)
		if err != nil {
			return nil, err
		}
		d[key] = jobs[key]
	}
	if due := d.list("due"); len(due) > 0 {
		d["next"] = due[0]["due"]
	}
	return d, nil
}

func (c *request) faults() (data, error) { return c.get("/faults") }

func (c *request) deliveries() (data, error) { return c.get("/deliveries") }

// audit lists the findings of a rule, or of all, and the rules.
func (c *request) audit() (data, error) {
	rule, client := c.r.FormValue("rule"), c.r.FormValue("client")
	d, err := c.get("/audit?" + url.Values{"rule": {rule}, "client": {client}}.Encode())
	if err != nil {
		return nil, err
	}
	rules, err := c.get("/audit/rules")
	if err != nil {
		return nil, err
	}
	d["all"], d["rule"], d["client"] = rules["rules"], rule, client
	return d, nil
}

func (c *request) fidelity() (data, error) {
	path := "/fidelity"
	if c.r.FormValue("used") == "true" {
		path += "?used=true"
	}
	d, err := c.get(path)
	if err != nil {
		return nil, err
	}
	d["onlyUsed"] = c.r.FormValue("used") == "true"
	return d, nil
}

// pretty shows JSON, or a text that is JSON, indented; other texts as they are.
func pretty(v any) string {
	if text, ok := v.(string); ok {
		if json.Unmarshal([]byte(text), &v) != nil {
			return text
		}
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Sprint(v)
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(text))
}

// evidenceLink returns the address of a source that is a page of the web, "" for a file of the recordings.
func evidenceLink(source string) string {
	first, _, _ := strings.Cut(source, " ")
	first = strings.TrimRight(first, ",;:")
	host, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(first, "https://"), "http://"), "/")
	if !ok || !strings.Contains(host, ".") || strings.HasPrefix(first, "fixtures/") ||
		strings.ContainsAny(host, "()<>\"'") {
		return ""
	}
	if strings.HasPrefix(first, "http://") || strings.HasPrefix(first, "https://") {
		return first
	}
	return "https://" + first
}

// snippets are ways to point a program at a world, by language.
func snippets(access data) []data {
	urls, _ := access["urls"].(map[string]any)
	var env, golang, python, script strings.Builder
	for _, name := range sortedKeys(urls) {
		if strings.Contains(name, "/") {
			continue
		}
		credentials, _ := access["credentials"].(map[string]any)
		first := firstValid(credentials[name])
		upper := strings.ToUpper(name)
		fmt.Fprintf(&env, "export %s_API_BASE_URL=%q\nexport %s_API_CREDENTIAL=%q\n", upper, urls[name], upper, first)
		fmt.Fprintf(&golang, "const %sURL, %sCredential = %q, %q\n", name, name, urls[name], first)
		fmt.Fprintf(&python, "%s_URL, %s_CREDENTIAL = %q, %q\n", upper, upper, urls[name], first)
		fmt.Fprintf(&script, "export const %s = { url: %q, credential: %q };\n", name, urls[name], first)
	}
	return []data{{"name": "shell", "text": env.String()}, {"name": "Go", "text": golang.String()},
		{"name": "Python", "text": python.String()}, {"name": "JavaScript", "text": script.String()}}
}

func firstValid(list any) string {
	for _, one := range (data{"all": list}).list("all") {
		if state := one.text("state"); state == "" || state == "valid" {
			return one.text("value")
		}
	}
	return ""
}
