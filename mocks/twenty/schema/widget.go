package schema

import (
	_ "embed"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// MetadataSDL is the type system of /metadata, as the introspection of server 2.21.0 has it.
//
//go:embed metadata.graphql
var MetadataSDL string

func declared(kind, name string) string {
	_, rest, _ := strings.Cut(MetadataSDL, "\n"+kind+" "+name+" {")
	body, _, _ := strings.Cut(rest, "}")
	return body
}

// Enum returns the values of an enum of /metadata.
func Enum(name string) []string { return strings.Fields(declared("enum", name)) }

// TypeOfWords writes a name of enums as types are written: IFRAME is Iframe, BAR_CHART is BarChart.
func TypeOfWords(name string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(strings.ToLower(name), "_") {
		if word != "" {
			out.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return out.String()
}

// The grid of a tab. Its size is known from the vendor's public source, like the words about it; that 2.21.0 has them
// is inferred.
const gridColumns, gridRows = 12, 100

func checkWidget(_ *Tables, p Part, _ *Part) (out []Complaint) {
	const code = "INVALID_PAGE_LAYOUT_WIDGET_DATA"
	at, placed := p.Get("gridPosition").(map[string]any)
	if !placed {
		out = append(out, complain(code, "Grid position is required"))
	}
	column, columns, row, rows := numberOf(at["column"]), numberOf(at["columnSpan"]), numberOf(at["row"]),
		numberOf(at["rowSpan"])
	for _, c := range []struct {
		wrong      bool
		what, user string
	}{
		{column >= gridColumns, fmt.Sprintf("column %v exceeds grid width (max column is %d)", column, gridColumns-1),
			"Widget extends beyond grid width"},
		{column+columns > gridColumns, fmt.Sprintf("widget extends beyond grid width (column %v + columnSpan %v > %d)",
			column, columns, gridColumns), "Widget extends beyond grid width"},
		{row >= gridRows, fmt.Sprintf("row %v exceeds maximum allowed rows (%d)", row, gridRows),
			"Widget row exceeds grid height"},
		{row+rows > gridRows, fmt.Sprintf("widget extends beyond grid height (row %v + rowSpan %v > %d)",
			row, rows, gridRows), "Widget extends beyond grid height"},
	} {
		if c.wrong {
			out = append(out, Complaint{Code: code, UserMessage: c.user,
				Message: `Invalid widget position for widget "` + p.Text("title") + `": ` + c.what})
		}
	}
	// the words are assumed: REST does not show them, GraphQL has an enum
	if !slices.Contains(Enum("WidgetType"), p.Text("type")) {
		out = append(out, complain(code, "Unsupported page layout widget type "+js.Text(p.Get("type"))))
	}
	return out
}

// unsupported are the configurations that clients cannot send, by their name in messages.
var unsupported = map[string]string{"VIEW": "View", "FIELD": "Field", "FIELDS": "Fields", "TIMELINE": "Timeline",
	"TASKS": "Tasks", "NOTES": "Notes", "FILES": "Files",
	"EMAILS": "Emails", "CALENDAR": "Calendar", "FIELD_RICH_TEXT": "Field rich text", "WORKFLOW": "Workflow",
	"WORKFLOW_VERSION": "Workflow version",
	"WORKFLOW_RUN":     "Workflow run"}

// requireConfiguration rejects a widget whose configuration does not fit its type.
func requireConfiguration(t *Tables, p Part, body map[string]any, create bool) error {
	given, said := body["configuration"]
	if !create && !said {
		return nil
	}
	conf, _ := given.(map[string]any)
	typ := js.Text(conf["configurationType"])
	message, user := "", ""
	switch {
	case len(conf) == 0:
		message = "Invalid configuration: not an object"
	case !has(conf, "configurationType"):
		message = "Invalid configuration: missing configuration type"
	case unsupported[typ] != "":
		message = unsupported[typ] + " configuration is not supported yet"
	case !slices.Contains(Enum("WidgetConfigurationType"), typ):
		message = "Invalid configuration type: " + typ
	default:
		if message = misfits(TypeOfWords(typ)+"Configuration", conf); message == "" {
			message = t.chartFault(p, conf)
			user = message
		}
	}
	if message == "" {
		return nil
	}
	no := KindOfPart(p.Kind).required("")
	no.Message = message
	if user != "" {
		no.UserMessage = user
	}
	return no
}

func has(m map[string]any, key string) bool {
	_, ok := m[key]
	return ok
}

// isWebAddress reports whether a text is an address of the web, with or without a scheme.
func isWebAddress(text string) bool {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	return err == nil && strings.Contains(strings.Trim(u.Hostname(), "."), ".") && !strings.ContainsAny(text, " <>")
}

var member = regexp.MustCompile(`(\w+): (\[?)(\w+)(?:!?\])?(!?)`)

// misfits returns the faults of the members of a configuration, in the words of class-validator, which the vendor's
// public source has for the members of each type. Recorded for the address of a frame.
func misfits(typ string, conf map[string]any) string {
	var faults []string
	for _, f := range member.FindAllStringSubmatch(declared("type", typ), -1) {
		name, v := f[1], conf[f[1]]
		if v == nil && f[4] == "" {
			continue
		}
		var why []string
		if v == nil || v == "" {
			why = append(why, "should not be empty")
		}
		why = append(why, misfit(name, f[2] != "", f[3], v)...)
		for i := range why {
			why[i] = strings.ReplaceAll(name+" "+why[i], name+" each", "each value in "+name)
		}
		if why != nil {
			faults = append(faults, name+": "+strings.Join(why, ", "))
		}
	}
	return strings.Join(faults, "; ")
}

func misfit(name string, list bool, of string, v any) (why []string) {
	text, isText := v.(string)
	n, isNumber := v.(float64)
	_, isFlag := v.(bool)
	_, isObject := v.(map[string]any)
	items, isList := v.([]any)
	values := Enum(of)
	add := func(wrong bool, words string) {
		if wrong {
			why = append(why, words)
		}
	}
	switch {
	case list:
		add(!isList || slices.ContainsFunc(items, func(i any) bool { _, ok := i.(string); return !ok }),
			"each must be a string")
		add(!isList, "must be an array")
	case name == "url":
		add(!isWebAddress(text), "must be a URL address")
	case name == "timezone":
		_, err := time.LoadLocation(text)
		add(!isText || err != nil || text == "" || text == "Local", "must be a valid IANA time-zone")
	case name == "firstDayOfTheWeek":
		add(!isNumber || n > 7, "must not be greater than 7")
		add(!isNumber || n < 0, "must not be less than 0")
	case len(values) > 0:
		add(!isText || !slices.Contains(values, text), "must be one of the following values: "+
			strings.Join(values, ", "))
	default:
		add(of == "UUID" && !IsUUID(text), "must be a UUID")
		add(of == "String" && !isText, "must be a string")
		add(of == "Boolean" && !isFlag, "must be a boolean value")
		add(of == "Float" && !isNumber, "must be a number conforming to the specified constraints")
		add(of == "JSON" && !isObject, "must be an object")
	}
	return why
}

// chartFault returns what is wrong with the fields of a chart. Known from the vendor's public source; that 2.21.0 says
// so is inferred.
func (t *Tables) chartFault(p Part, conf map[string]any) string {
	if typ, _ := conf["configurationType"].(string); !strings.HasSuffix(typ, "_CHART") {
		return ""
	}
	object, fault := p.Text("objectMetadataId"), ""
	m := t.Schema().ByID(object)
	refuse := func(wrong bool, format string, args ...any) {
		if wrong && fault == "" {
			fault = fmt.Sprintf(`Chart "%s": `+format, append([]any{p.Text("title")}, args...)...)
		}
	}
	refuse(object == "", "objectMetadataId is required for graph widgets.")
	refuse(m == nil || !m.IsActive, "objectMetadataId \"%s\" not found.", object)
	belongs := func(key string) {
		id, _ := conf[key].(string)
		a := t.Schema().Attr(id)
		refuse(id != "" && (a == nil || !a.IsActive), "%s \"%s\" not found.", key, id)
		refuse(id != "" && fault == "" && a.Model != m, "%s must belong to objectMetadataId \"%s\".", key, object)
	}
	belongs("aggregateFieldMetadataId")
	belongs("primaryAxisGroupByFieldMetadataId")
	belongs("groupByFieldMetadataId")
	refuse(conf["secondaryAxisGroupBySubFieldName"] != nil && conf["secondaryAxisGroupByFieldMetadataId"] == nil,
		"secondaryAxisGroupByFieldMetadataId is required when secondaryAxisGroupBySubFieldName is provided.")
	belongs("secondaryAxisGroupByFieldMetadataId")
	return fault
}
