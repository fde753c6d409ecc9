package mutant

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/compare"
)

// fits reports whether an operator applies to a value of an answer.
type fits func(x *exchange, key string, v any) bool

// value makes the operator that changes values of JSON answers at one place.
func value(name, about string, fit fits, do change) *Operator {
	return &Operator{
		Name: name, About: about, most: 2,
		places: func(x *exchange) []string {
			found := map[string]bool{}
			if x.json {
				visit(x.body, "", "", func(path, key string, v any) {
					if !found[path] && fit(x, key, v) {
						found[path] = true
					}
				})
			}
			return slices.Collect(maps.Keys(found))
		},
		answer: func(x *exchange, place string) *contracts.Answer {
			body, ok := decode(x.answer.Body)
			if !ok {
				return nil
			}
			broke := false
			body = edit(body, "", place, func(key string, v any) (string, any) {
				if !fit(x, key, v) {
					return key, v
				}
				broke = true
				return do(key, v)
			})
			return x.with(broke, encode(body))
		},
	}
}

// order makes the operator that changes the order of lists.
func order(name, about string, do change) *Operator {
	k := value(name, about, unequal, do)
	k.order = true
	return k
}

// with returns the answer with another body, or nil if broke is false.
func (x *exchange) with(broke bool, body string) *contracts.Answer {
	if !broke {
		return nil
	}
	return &contracts.Answer{Status: x.answer.Status, Header: x.retagged(body), Body: body,
		Deliveries: x.answer.Deliveries}
}

// retagged returns the answer's headers with the entity tag of another body, as the broken fake would send it: what a
// mutant does to a body must be seen in the body.
func (x *exchange) retagged(body string) http.Header {
	if x.answer.Header.Get("Etag") != compare.WeakTag(x.answer.Body) {
		return x.answer.Header
	}
	h := x.answer.Header.Clone()
	if h.Set("Etag", compare.WeakTag(body)); body == "" {
		h.Del("Etag")
	}
	return h
}

// to returns a change that keeps the key.
func to(do func(v any) any) change {
	return func(key string, v any) (string, any) { return key, do(v) }
}

func member(_ *exchange, key string, _ any) bool { return key != "" }

func isText(like string) fits {
	pattern := regexp.MustCompile(like)
	return func(_ *exchange, key string, v any) bool {
		text, ok := v.(string)
		return ok && pattern.MatchString(text)
	}
}

// fixed matches strings that no server generates or that occurred earlier.
func fixed(like string) fits {
	is := isText(like)
	return func(x *exchange, key string, v any) bool {
		return is(x, key, v) && (!generated.MatchString(v.(string)) || x.known(v.(string)))
	}
}

// before matches strings that occurred earlier in the conversation.
func before(like string) fits {
	is := isText(like)
	return func(x *exchange, key string, v any) bool { return is(x, key, v) && x.known(v.(string)) }
}

func list(least int) fits {
	return func(_ *exchange, _ string, v any) bool {
		l, ok := v.([]any)
		return ok && len(l) >= least
	}
}

func isEmpty(_ *exchange, _ string, v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func isNumber(_ *exchange, _ string, v any) bool { _, ok := v.(json.Number); return ok }
func isBool(_ *exchange, _ string, v any) bool   { _, ok := v.(bool); return ok }
func isNull(_ *exchange, key string, v any) bool { return v == nil && key != "" }

func ofRejection(fit fits) fits {
	return func(x *exchange, key string, v any) bool { return x.answer.Status >= 400 && fit(x, key, v) }
}

const (
	timeText = `^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d`
	uuidText = `^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
)

var total = regexp.MustCompile(`(?i)(count|total|max)`)

// values are the operators that change one value of a JSON answer.
var values = []*Operator{
	value("field dropped", "A field is missing", member, to(func(any) any { return gone{} })),
	value("field renamed", "A field has another name", member,
		func(key string, v any) (string, any) { return key + "_", v }),
	value("key in other case", "A field's name is spelled in other case", member,
		func(key string, v any) (string, any) { return otherCase(key), v }),
	value("field added", "An object has an undeclared field",
		func(_ *exchange, _ string, v any) bool { _, ok := v.(map[string]any); return ok },
		to(func(v any) any { v.(map[string]any)["extra"] = true; return v })),
	value("null for a value", "A value is null",
		func(_ *exchange, key string, v any) bool { return key != "" && v != nil }, to(func(any) any { return nil })),
	value("null for empty", "An empty value is null", isEmpty, to(func(any) any { return nil })),
	value("empty for null", "A null value is an empty text", isNull, to(func(any) any { return "" })),
	value("empty list for null", "A null value is an empty list", isNull, to(func(any) any { return []any{} })),
	value("number as text", "A number is written as a text", isNumber,
		to(func(v any) any { return v.(json.Number).String() })),
	value("number with a fraction", "A number is spelled with a fraction", wholeNumber,
		to(func(v any) any { return json.Number(v.(json.Number).String() + ".0") })),
	value("text as number", "A text of digits is written as a number", isText(`^[1-9]\d{0,9}$`),
		to(func(v any) any { return json.Number(v.(string)) })),
	value("boolean as text", "A boolean is written as a text", isBool,
		to(func(v any) any { return strconv.FormatBool(v.(bool)) })),
	value("boolean as number", "A boolean is written as 0 or 1", isBool, to(asBit)),
	value("boolean turned round", "A boolean is the other one", isBool, to(func(v any) any { return !v.(bool) })),
	value("text in a list", "A text is wrapped in a list", isText(``), to(func(v any) any { return []any{v} })),
	value("another text", "A text has another ending", fixed(`.`), to(func(v any) any { return v.(string) + "x" })),
	value("text cut", "A text lacks its last letter", fixed(`.`),
		to(func(v any) any { r := []rune(v.(string)); return string(r[:len(r)-1]) })),
	value("text trimmed", "White space around a text is gone", isText(`^\s|\s$`),
		to(func(v any) any { return strings.TrimSpace(v.(string)) })),
	value("text without its marks", "Letters outside ASCII become question marks", isText(`[^\x00-\x7f]`),
		to(func(v any) any { return outside.ReplaceAllString(v.(string), "?") })),
	value("word outside its list", "A word of an enum is not in the enum", fixed(`^[A-Za-z_]{2,24}$`),
		to(func(any) any { return "something_else" })),
	value("word in other case", "A word is spelled in other case", fixed(`^[A-Za-z_]{2,24}$`),
		to(func(v any) any { return otherCase(v.(string)) })),
	value("another number", "A number is one more", func(x *exchange, key string, v any) bool {
		return isNumber(x, key, v) && !namesID(key) && !total.MatchString(key)
	}, to(func(v any) any { return oneMore(v.(json.Number)) })),
	value("total off by one", "A total is one too high",
		func(x *exchange, key string, v any) bool { return isNumber(x, key, v) && total.MatchString(key) },
		to(func(v any) any { return oneMore(v.(json.Number)) })),
	value("identifier changes", "An identifier is another than in earlier answers", before(uuidText),
		to(func(v any) any { return flip(v.(string)) })),
	value("number of another row", "An identifier that is a number is another than in earlier answers",
		func(x *exchange, key string, v any) bool {
			return isNumber(x, key, v) && namesID(key) && x.known(numbered(key, v.(json.Number)))
		}, to(func(v any) any { return oneMore(v.(json.Number)) })),
	value("identifier in capitals", "An identifier is written in capitals",
		isText(`^[0-9a-f]{8}-[0-9a-f-]*[a-f][0-9a-f-]*$`), to(func(v any) any { return strings.ToUpper(v.(string)) })),
	value("time changes", "A time is a second later than in earlier answers", before(timeText), to(later)),
	value("time without its fraction", "A time has no fractions of a second", isText(timeText+`\.\d+`),
		to(func(v any) any { return fraction.ReplaceAllString(v.(string), "") })),
	value("time in microseconds", "A time has six digits of a fraction", isText(timeText+`\.\d{3}(Z|[+-])`),
		to(func(v any) any { return fraction.ReplaceAllString(v.(string), "${0}001") })),
	value("time without a zone", "A time has no zone", isText(timeText+`.*(Z|[+-]\d\d:\d\d)$`),
		to(func(v any) any { return zone.ReplaceAllString(v.(string), "") })),
	value("time in another zone", "A time is written in another zone", isText(timeText+`.*(Z|[+-]\d\d:\d\d)$`),
		to(elsewhere)),
	value("time with a zone", "A time without a zone has one", isText(timeText+`$`),
		to(func(v any) any { return v.(string) + "Z" })),
	value("object as its identifier", "An object in an answer is only its identifier",
		func(_ *exchange, key string, v any) bool {
			o, ok := v.(map[string]any)
			return ok && key != "" && o["id"] != nil
		}, to(func(v any) any { return v.(map[string]any)["id"] })),
	value("list in an object", "A list is wrapped in an object", list(0),
		to(func(v any) any { return map[string]any{"items": v} })),
	value("last of a list missing", "The last element of a list is missing", list(1),
		to(func(v any) any { l := v.([]any); return l[:len(l)-1] })),
	value("first of a list missing", "The first element of a list is missing", list(1),
		to(func(v any) any { return v.([]any)[1:] })),
	value("element twice", "The first element of a list is there twice", list(1),
		to(func(v any) any { l := v.([]any); return append(l, l[0]) })),
	order("list reversed", "A list is in the opposite order",
		to(func(v any) any { l := v.([]any); slices.Reverse(l); return l })),
	order("list rotated", "The first of a list comes last",
		to(func(v any) any { l := v.([]any); return append(l[1:], l[0]) })),
	value("list emptied", "A list is empty", list(1), to(func(any) any { return []any{} })),
	value("error message changed", "A refusal has another message", ofRejection(isText(`\s`)),
		to(func(any) any { return "Something went wrong" })),
	value("error code changed", "A refusal has another code", ofRejection(fixed(`^\S+$`)),
		to(func(v any) any { return v.(string) + "_2" })),
}

func wholeNumber(x *exchange, key string, v any) bool {
	return isNumber(x, key, v) && !strings.ContainsAny(v.(json.Number).String(), ".eE")
}

// unequal matches lists whose order is visible.
func unequal(_ *exchange, _ string, v any) bool {
	l, ok := v.([]any)
	return ok && len(l) > 1 && encode(l[0]) != encode(l[len(l)-1])
}

func asBit(v any) any {
	if v.(bool) {
		return json.Number("1")
	}
	return json.Number("0")
}

var (
	outside  = regexp.MustCompile(`[^\x00-\x7f]`)
	fraction = regexp.MustCompile(`\.\d+`)
	zone     = regexp.MustCompile(`(Z|[+-]\d\d:\d\d)$`)
)

func oneMore(n json.Number) any {
	i, err := strconv.ParseInt(n.String(), 10, 64)
	if err != nil {
		return json.Number(n.String() + "1")
	}
	return json.Number(strconv.FormatInt(i+1, 10))
}

func otherCase(s string) string {
	if up := strings.ToUpper(s); up != s {
		return up
	}
	return strings.ToLower(s)
}

// flip changes the last digit of an identifier.
func flip(id string) string {
	last := byte('0')
	if id[len(id)-1] == last {
		last = '1'
	}
	return id[:len(id)-1] + string(last)
}

// later adds a second to a time in any spelling.
func later(v any) any {
	text := v.(string)
	t, err := time.Parse("2006-01-02 15:04:05", strings.Replace(text[:19], "T", " ", 1))
	if err != nil {
		return text + "x"
	}
	return t.Add(time.Second).Format("2006-01-02"+text[10:11]+"15:04:05") + text[19:]
}

// elsewhere writes the same instant in another zone.
func elsewhere(v any) any {
	text := v.(string)
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return text + "x"
	}
	digits := len(fraction.FindString(text))
	layout := "2006-01-02T15:04:05"
	if digits > 0 {
		layout += "." + strings.Repeat("0", digits-1)
	}
	if strings.HasSuffix(text, "Z") {
		return t.In(time.FixedZone("", 2*60*60)).Format(layout + "-07:00")
	}
	return t.UTC().Format(layout + "Z")
}

// numbered is the text under which a conversation knows a number that is an identifier.
func numbered(key string, n json.Number) string { return key + " " + n.String() }

// namesID reports whether a key is that of an identifier.
func namesID(key string) bool { return strings.HasSuffix(strings.ToLower(key), "id") }
