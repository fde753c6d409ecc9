package js

import (
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Undefined is JavaScript's undefined where a message prints it.
type Undefined struct{}

// TypeOf is what JavaScript calls the type of a decoded JSON value, null and array apart from objects.
func TypeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case []any:
		return "array"
	case *Object:
		return "object"
	}
	return "number"
}

// StringOf returns a text, "" for any other value.
func StringOf(v any) string {
	s, _ := v.(string)
	return s
}

// Text returns what String(value) returns. Maps count as objects, other types of Go as their JSON.
func Text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case float64:
		return FormatNumber(v)
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			if one != nil {
				parts[i] = Text(one)
			}
		}
		return strings.Join(parts, ",")
	case *Object, map[string]any:
		return "[object Object]"
	case nil, bool, Undefined:
		return Inspect(v)
	}
	plain, _ := json.Marshal(value)
	return string(plain)
}

// Number parses a text as Number(text) of JavaScript does, NaN for other texts.
func Number(text string) float64 {
	text = Trim(text)
	switch text {
	case "":
		return 0
	case "Infinity", "+Infinity":
		return math.Inf(1)
	case "-Infinity":
		return math.Inf(-1)
	}
	if len(text) > 2 && text[0] == '0' {
		if base := map[byte]int{'x': 16, 'o': 8, 'b': 2}[text[1]|0x20]; base != 0 {
			return integer(text[2:], base)
		}
	}
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return math.NaN()
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(n, 0) {
		return math.NaN()
	}
	return n
}

// integer reads the digits behind a prefix. A sign or an underscore is no digit.
func integer(digits string, base int) (n float64) {
	for _, c := range strings.ToLower(digits) {
		digit := strings.IndexRune("0123456789abcdef", c)
		if digit < 0 || digit >= base {
			return math.NaN()
		}
		n = n*float64(base) + float64(digit)
	}
	return n
}

// FormatNumber prints a number as JavaScript does.
func FormatNumber(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f == 0:
		return "0"
	}
	if abs := math.Abs(f); abs >= 1e-6 && abs < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	s := strconv.FormatFloat(f, 'e', -1, 64)
	mantissa, exponent, _ := strings.Cut(s, "e")
	sign := exponent[:1]
	return mantissa + "e" + sign + strings.TrimLeft(exponent[1:], "0")
}

// ToNumber is JavaScript's Number(v).
func ToNumber(v any) float64 {
	switch v := v.(type) {
	case nil:
		return 0
	case bool:
		if v {
			return 1
		}
		return 0
	case float64:
		return v
	}
	return Number(Text(v))
}

// startOfNumber is what JavaScript's parseFloat reads of a text.
var startOfNumber = regexp.MustCompile(`^\s*([+-]?(?:Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))`)

// ParseFloat is JavaScript's parseFloat(s).
func ParseFloat(s string) float64 {
	m := startOfNumber.FindStringSubmatch(s)
	if m == nil {
		return math.NaN()
	}
	return Number(m[1])
}
