package stub

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake/match"
)

var dataHelpers = map[string]func(*call) (any, error){
	"jsonPath": jsonPath, "xPath": xPath,
	"parseJson": func(c *call) (any, error) { return decode(c.text(0)) },
	"toJson":    func(c *call) (any, error) { return match.Plain(c.arg(0)), nil },
	"array":     func(c *call) (any, error) { return append([]any{}, c.args...), nil },
	"range":     numbers,
	"pickRandom": func(c *call) (any, error) {
		from := c.args
		if list, ok := c.arg(0).([]any); ok {
			from = list
		}
		if len(from) == 0 {
			return nil, nil
		}
		return from[c.random.IntN(len(from))], nil
	},
	"randomValue": randomValue,
	"randomInt": func(c *call) (any, error) {
		lower, upper := number(c.hash["lower"], 0), number(c.hash["upper"], 1<<31)
		if upper <= lower {
			return nil, fmt.Errorf("randomInt: %v is not below %v", lower, upper)
		}
		return lower + float64(c.random.Int64N(int64(upper-lower))), nil
	},
	"randomDecimal": func(c *call) (any, error) {
		lower, upper := number(c.hash["lower"], 0), number(c.hash["upper"], 1)
		return lower + (upper-lower)*c.random.Float64(), nil
	},
}

// decode reads JSON for a template.
func decode(text string) (v any, err error) {
	err = json.Unmarshal([]byte(text), &v)
	return v, err
}

// numbers lists the numbers from one to another.
func numbers(c *call) (any, error) {
	from, to := int(number(c.arg(0), 0)), int(number(c.arg(1), 0))
	if to-from > 10_000 {
		return nil, fmt.Errorf("range: %d to %d are more than 10,000 numbers", from, to)
	}
	list := []any{}
	for n := from; n <= to; n++ {
		list = append(list, float64(n))
	}
	return list, nil
}

const (
	digits  = "0123456789"
	small   = "abcdefghijklmnopqrstuvwxyz"
	symbols = "!#$%&()*+,-./:;=?@[]^_{|}~"
)

var alphabets = map[string]string{"ALPHANUMERIC": small + digits, "ALPHABETIC": small, "NUMERIC": digits,
	"ALPHANUMERIC_AND_SYMBOLS": small + digits + symbols, "HEXADECIMAL": digits + "abcdef"}

func randomValue(c *call) (any, error) {
	kind := c.option("type", "ALPHANUMERIC")
	if kind == "UUID" {
		return uuid(c.random), nil
	}
	letters := alphabets[kind]
	n := int(number(c.hash["length"], 36))
	if letters == "" || n < 0 || n > 100_000 {
		return nil, fmt.Errorf("randomValue: no %d letters of type %q", n, kind)
	}
	out := make([]byte, n)
	for i := range out {
		out[i] = letters[c.random.IntN(len(letters))]
	}
	if c.option("uppercase", "") == "true" {
		return strings.ToUpper(string(out)), nil
	}
	return string(out), nil
}

// uuid makes a UUID of version 4.
func uuid(r *rand.Rand) string {
	a, b := r.Uint64(), r.Uint64()
	a, b = a&^0xf000|0x4000, b&^(3<<62)|1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}

var timeHelpers = map[string]func(*call) (any, error){
	"now": func(c *call) (any, error) { return c.date(c.now) },
	"date": func(c *call) (any, error) {
		if c.arg(0) == nil {
			return c.date(c.now)
		}
		t, err := match.ParseDate(c.text(0), "")
		if err != nil {
			return nil, err
		}
		return c.date(t)
	},
	"parseDate": func(c *call) (any, error) {
		t, err := match.ParseDate(c.text(0), c.option("format", ""))
		return t.UTC().Format(time.RFC3339Nano), err
	},
	"truncateDate": func(c *call) (any, error) {
		t, err := match.ParseDate(c.text(0), "")
		return match.Truncate(t, c.text(1)).Format(time.RFC3339Nano), err
	},
}

// date formats a time with the options offset, timezone and format.
func (c *call) date(t time.Time) (any, error) {
	if text, ok := c.hash["offset"]; ok {
		amount, unit, err := match.ParseOffset(valueText(text))
		if err != nil {
			return nil, err
		}
		t = match.Shift(t, amount, unit)
	}
	if name, ok := c.hash["timezone"]; ok {
		zone, err := time.LoadLocation(valueText(name))
		if err != nil {
			return nil, err
		}
		t = t.In(zone)
	}
	switch format := c.option("format", ""); format {
	case "":
		return t.Format("2006-01-02T15:04:05Z07:00"), nil
	case "epoch":
		return float64(t.UnixMilli()), nil
	case "unix":
		return float64(t.Unix()), nil
	default:
		layout, err := match.Layout(format)
		return t.Format(layout), err
	}
}
