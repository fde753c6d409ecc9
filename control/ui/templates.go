package ui

import (
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// templates are those of each screen in each language, "en requests", parsed when the first page is asked for.
var templates = sync.OnceValue(func() map[string]*template.Template {
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil {
		panic(err) // the pattern is well formed
	}
	parsed := map[string]*template.Template{}
	for _, lang := range []string{"en", "ja"} {
		layout := template.Must(template.New("page").Funcs(functions(lang)).ParseFS(files, "templates/page.html"))
		for _, name := range names {
			screen := strings.TrimSuffix(path.Base(name), ".html")
			if screen != "page" {
				parsed[lang+" "+screen] = template.Must(template.Must(layout.Clone()).ParseFS(files, name))
			}
		}
	}
	return parsed
})

func functions(lang string) template.FuncMap {
	return template.FuncMap{
		"t":      func(text string) string { return translate(lang, text) },
		"pretty": pretty, "link": evidenceLink, "clock": clockOf, "json": pretty,
		"list": func(v any) []data { return data{"all": v}.list("all") },
		"cell": cell, "known": known,
		"class": func(status any) string {
			return "s" + fmt.Sprint(status)[:1]
		},
		"changes": changeWords,
		"prefix":  func() string { return Prefix },
	}
}

// clockOf shows the time of day of a time in RFC 3339.
func clockOf(v any) string {
	t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v))
	if err != nil {
		return fmt.Sprint(v)
	}
	return t.UTC().Format("15:04:05.000")
}

const widestCell = 60

// cell shows a value of a row in a table, cut where it is long.
func cell(row any, key string) string {
	object, _ := row.(map[string]any)
	if object[key] == nil {
		return ""
	}
	text := []rune(fmt.Sprint(object[key]))
	if len(text) > widestCell {
		return string(text[:widestCell]) + "…"
	}
	return string(text)
}

// known shows the value by which people know a row: of those that have the text that was searched for, if one does.
// Without either it is "".
func known(row any, searched string) string {
	object, _ := row.(map[string]any)
	columns := slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(rank(a)-rank(b), len(a)-len(b), strings.Compare(a, b))
	})
	for _, column := range columns {
		text, _ := object[column].(string)
		if searched != "" && column != "id" && strings.Contains(strings.ToLower(text), strings.ToLower(searched)) {
			return cell(row, column)
		}
	}
	if len(columns) == 0 || rank(columns[0]) == unranked {
		return ""
	}
	return cell(row, columns[0])
}

// changeWords says how the nearest valid request differs.
func changeWords(v any) string {
	c, _ := v.(map[string]any)
	d := data(c)
	place := strings.TrimSpace(d.text("in") + " " + d.text("field"))
	switch d.text("do") {
	case "drop":
		return "without " + place
	case "add":
		return "with " + place + " = " + pretty(c["to"])
	case "rename":
		return place + " called " + pretty(c["to"])
	}
	return place + " = " + pretty(c["to"]) + " instead of " + pretty(c["from"])
}
