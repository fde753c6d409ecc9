package js

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Inspect prints a value as Node's util.inspect does, which is how values appear in messages:
// 'text', [ 'a' ], { a: 1 }. Evidence: fixtures/twenty/rest_validation_errors.
func Inspect(v any) string { return inspect(v, 0, 0) }

// The line width and depth of util.inspect.
const (
	inspectWidth = 72
	inspectDepth = 2
)

func inspect(v any, depth, indent int) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case Undefined:
		return "undefined"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		if v == 0 && math.Signbit(v) {
			return "-0"
		}
		return FormatNumber(v)
	case string:
		return Quote(v)
	case map[string]any:
		return inspect(Ordered(v), depth, indent)
	case []any:
		return inspectList(v, depth, indent)
	case *Object:
		return inspectObject(v, depth, indent)
	}
	return "undefined"
}

func inspectList(v []any, depth, indent int) string {
	if depth > inspectDepth {
		return "[Array]"
	}
	parts := Map(v, func(x any) string { return inspect(x, depth+1, indent+2) })
	return joinInspected("[", "]", parts, indent)
}

func inspectObject(o *Object, depth, indent int) string {
	prefix := ""
	if o.NullProto {
		prefix = "[Object: null prototype] "
	}
	if depth > inspectDepth {
		if o.NullProto {
			return "[Object: null prototype]"
		}
		return "[Object]"
	}
	parts := make([]string, 0, len(o.Members))
	for _, m := range o.Members {
		key := m.Key
		if !identifier(key) {
			key = Quote(key)
		}
		parts = append(parts, key+": "+inspect(m.Value, depth+1, indent+2))
	}
	return joinInspected(prefix+"{", "}", parts, indent)
}

func joinInspected(open, shut string, parts []string, indent int) string {
	if len(parts) == 0 {
		return open + shut
	}
	length := len(open) + len(parts)
	for _, part := range parts {
		length += utf8.RuneCountInString(part)
	}
	oneLine := length+len(parts) <= inspectWidth &&
		!slices.ContainsFunc(parts, func(s string) bool { return strings.Contains(s, "\n") })
	if oneLine {
		return open + " " + strings.Join(parts, ", ") + " " + shut
	}
	pad := "\n" + strings.Repeat(" ", indent)
	return open + pad + "  " + strings.Join(parts, ","+pad+"  ") + pad + shut
}

// Quote quotes a text as util.inspect does: in single quotes, unless it holds some and others fit.
func Quote(s string) string {
	quote := "'"
	if strings.Contains(s, "'") {
		switch {
		case !strings.Contains(s, `"`):
			quote = `"`
		case !strings.Contains(s, "`") && !strings.Contains(s, "${"):
			quote = "`"
		}
	}
	var out strings.Builder
	out.WriteString(quote)
	for _, r := range s {
		switch {
		case string(r) == quote || r == '\\':
			out.WriteString(`\` + string(r))
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == '\r':
			out.WriteString(`\r`)
		case r < 0x20 || r >= 0x7F && r < 0xA0:
			out.WriteString(`\x` + strings.ToUpper(strconv.FormatInt(int64(r)+0x100, 16)[1:]))
		default:
			out.WriteRune(r)
		}
	}
	return out.String() + quote
}

func identifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || r == '$' || r|0x20 >= 'a' && r|0x20 <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}
