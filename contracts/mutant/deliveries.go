package mutant

import (
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
)

// deliveries are the operators that change what the fake sends because of a request.
var deliveries = []*Operator{
	{
		Name: "delivery missing", About: "One of the deliveries of a request is not sent",
		places: delivers(1), answer: func(x *exchange, _ string) *contracts.Answer {
			return x.sends(1, func(all []*contracts.Delivery) []*contracts.Delivery { return all[1:] })
		},
	},
	{
		Name: "delivery twice", About: "A delivery is sent twice",
		places: delivers(1), answer: func(x *exchange, _ string) *contracts.Answer {
			return x.sends(1, func(all []*contracts.Delivery) []*contracts.Delivery { return append(all, all[0]) })
		},
	},
	{
		Name: "delivery to another path", About: "A delivery is sent to another path than the receiver's",
		places: delivers(1), answer: func(x *exchange, _ string) *contracts.Answer {
			return x.delivered(func(d *contracts.Delivery) bool { d.Path += "x"; return true })
		},
	},
	{
		Name: "delivery by another method", About: "A delivery is sent with PUT",
		places: delivers(1), answer: func(x *exchange, _ string) *contracts.Answer {
			return x.delivered(func(d *contracts.Delivery) bool { d.Method = "PUT"; return true })
		},
	},
	{
		Name: "delivery without a header", About: "A delivery lacks a header, like its signature",
		places: deliveredHeaders, answer: func(x *exchange, place string) *contracts.Answer {
			return x.delivered(func(d *contracts.Delivery) bool {
				had := len(d.Header[place]) > 0
				delete(d.Header, place)
				return had
			})
		},
	},
	{
		Name: "delivery with a header cut", About: "A header of a delivery lacks its last letter",
		places: deliveredHeaders, answer: func(x *exchange, place string) *contracts.Answer {
			return x.delivered(func(d *contracts.Delivery) bool {
				return setHeader(d, place, func(value string) string { return value[:len(value)-1] })
			})
		},
	},
	{
		Name: "delivery wrongly signed", About: "The signature of a delivery does not match its body",
		places: func(x *exchange) []string {
			return slices.DeleteFunc(deliveredHeaders(x),
				func(name string) bool { return !strings.Contains(name, "Signature") })
		},
		answer: func(x *exchange, place string) *contracts.Answer {
			return x.delivered(func(d *contracts.Delivery) bool { return setHeader(d, place, flip) })
		},
	},
	delivered("delivery without a key", "The body of a delivery lacks a key",
		func(string, any) (string, any) { return "", gone{} }),
	delivered("delivery with null", "A value in the body of a delivery is null",
		func(key string, v any) (string, any) { return key, nil }),
	delivered("delivery with an extra key", "The body of a delivery has an undeclared key",
		func(key string, v any) (string, any) {
			if o, ok := v.(map[string]any); ok {
				o["extra"] = true
			}
			return key, v
		}),
}

// delivered makes the operator that changes one member of the bodies of deliveries.
func delivered(name, about string, do change) *Operator {
	return &Operator{
		Name: name, About: about, most: 6,
		places: func(x *exchange) []string {
			found := map[string]bool{}
			for _, d := range x.answer.Deliveries {
				if body, ok := decode(d.Body); ok {
					visit(body, "", "",
						func(path, key string, v any) { found[path] = found[path] || key != "" && breaks(do, key, v) })
				}
			}
			maps.DeleteFunc(found, func(_ string, is bool) bool { return !is })
			return slices.Collect(maps.Keys(found))
		},
		answer: func(x *exchange, place string) *contracts.Answer {
			return x.delivered(func(d *contracts.Delivery) bool {
				body, ok := decode(d.Body)
				before := encode(body)
				if ok {
					d.Body = encode(edit(body, "", place, do))
				}
				return ok && d.Body != before
			})
		},
	}
}

// setHeader changes a header of a delivery and reports whether the delivery has it.
func setHeader(d *contracts.Delivery, name string, do func(string) string) bool {
	values := d.Header[name]
	if len(values) == 0 || values[0] == "" {
		return false
	}
	d.Header[name] = []string{do(values[0])}
	return true
}

// breaks reports whether a change alters a value.
func breaks(do change, key string, v any) bool {
	before := encode(v)
	_, now := do(key, v)
	if now == (any)(gone{}) {
		return true
	}
	changed := encode(now) != before
	if o, ok := v.(map[string]any); ok {
		delete(o, "extra") // the value is still needed
	}
	return changed
}

func delivers(least int) func(x *exchange) []string {
	return func(x *exchange) []string { return where(len(x.answer.Deliveries) >= least) }
}

// underway lists headers about the transport of a delivery, which no case compares.
var underway = []string{"Host", "Connection", "Content-Length", "Transfer-Encoding", "Accept-Encoding"}

func deliveredHeaders(x *exchange) []string {
	found := map[string]bool{}
	for _, d := range x.answer.Deliveries {
		for name := range d.Header {
			found[name] = found[name] || !slices.Contains(underway, name)
		}
	}
	maps.DeleteFunc(found, func(_ string, is bool) bool { return !is })
	return slices.Collect(maps.Keys(found))
}

// sends returns the answer with changed deliveries, or nil if it has fewer than least.
func (x *exchange) sends(least int, do func([]*contracts.Delivery) []*contracts.Delivery) *contracts.Answer {
	if len(x.answer.Deliveries) < least {
		return nil
	}
	return &contracts.Answer{Status: x.answer.Status, Header: x.answer.Header, Body: x.answer.Body,
		Deliveries: do(slices.Clone(x.answer.Deliveries))}
}

// delivered returns the answer with the first delivery that do can change changed, or nil if do
// changes none.
func (x *exchange) delivered(do func(*contracts.Delivery) bool) *contracts.Answer {
	for n, d := range x.answer.Deliveries {
		other := *d
		other.Header = d.Header.Clone()
		if do(&other) {
			return x.sends(1, func(all []*contracts.Delivery) []*contracts.Delivery { all[n] = &other; return all })
		}
	}
	return nil
}
