package stub

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// Distribution is how delays are drawn.
type Distribution struct {
	Type         string   `json:"type,omitempty"` // lognormal, uniform or fixed
	Median       float64  `json:"median,omitempty"`
	Sigma        float64  `json:"sigma,omitempty"`
	MaxValue     *float64 `json:"maxValue,omitempty"`
	Lower        float64  `json:"lower,omitempty"`
	Upper        float64  `json:"upper,omitempty"`
	Milliseconds float64  `json:"milliseconds,omitempty"`
}

// longestDelay is in milliseconds.
const longestDelay = 600_000

func (d *Distribution) check(pointer string) error {
	if d == nil {
		return nil
	}
	ok := false
	switch d.Type {
	case "lognormal":
		ok = d.Median > 0 && d.Sigma >= 0
	case "uniform":
		ok = d.Lower >= 0 && d.Upper >= d.Lower
	case "fixed":
		ok = d.Milliseconds >= 0
	}
	if !ok {
		return at(pointer, "expected the type lognormal with median and sigma, uniform with lower and upper, "+
			"or fixed with milliseconds, not %q", d.Type)
	}
	return nil
}

// draw draws a delay; next gives numbers from 0 to 1.
func (d *Distribution) draw(next func() float64) time.Duration {
	switch d.Type {
	case "uniform":
		return milliseconds(d.Lower + (d.Upper-d.Lower)*next())
	case "fixed":
		return milliseconds(d.Milliseconds)
	}
	normal := math.Sqrt(-2*math.Log(1-next())) * math.Cos(2*math.Pi*next())
	n := d.Median * math.Exp(d.Sigma*normal)
	if d.MaxValue != nil {
		n = min(n, *d.MaxValue)
	}
	return milliseconds(n)
}

func milliseconds(n float64) time.Duration {
	return time.Duration(min(n, longestDelay) * float64(time.Millisecond))
}

// compact returns JSON without white space.
func compact(raw json.RawMessage) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return raw
	}
	return out.Bytes()
}

// Settings are WireMock's global settings, as far as they concern answers.
type Settings struct {
	FixedDelay   *float64                   `json:"fixedDelay,omitempty"` // milliseconds
	Distribution *Distribution              `json:"delayDistribution,omitempty"`
	Extended     map[string]json.RawMessage `json:"extended,omitempty"`
	PassThrough  *bool                      `json:"proxyPassThrough,omitempty"`
}

// Check refuses settings that cannot be.
func (s *Settings) Check() error {
	if s.FixedDelay != nil && (*s.FixedDelay < 0 || *s.FixedDelay > longestDelay) {
		return &Error{Pointer: "/fixedDelay", Detail: fmt.Sprintf("expected 0 to %d", longestDelay)}
	}
	return s.Distribution.check("/delayDistribution")
}

// waits draws the delay that every answer has.
func (s *Settings) waits(next func() float64) (wait time.Duration) {
	if s.Distribution != nil {
		wait = s.Distribution.draw(next)
	}
	if s.FixedDelay != nil {
		wait += milliseconds(*s.FixedDelay)
	}
	return wait
}

// waits returns how long the answer waits; ok is false if the definition says nothing of it.
func (d *Definition) waits(draw func() float64) (wait time.Duration, ok bool) {
	if d.Distribution != nil {
		wait, ok = d.Distribution.draw(draw), true
	}
	if d.FixedDelay != nil {
		wait, ok = wait+milliseconds(*d.FixedDelay), true
	}
	return wait, ok
}
