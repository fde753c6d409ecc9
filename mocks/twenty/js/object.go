package js

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
)

// Object is a JSON object that remembers the order of its keys, in which values are checked.
type Object struct {
	Members   []Member
	NullProto bool // it was written as a literal of a GraphQL document, which shows when it is printed
}

// Member is one key of an Object with its value: nil, bool, float64, string, []any or *Object.
type Member struct {
	Key   string
	Value any
}

// NewObject returns an object with keys, which are texts, and values by turns.
func NewObject(pairs ...any) *Object {
	o := &Object{}
	for i := 0; i < len(pairs); i += 2 {
		o.Members = append(o.Members, Member{pairs[i].(string), pairs[i+1]})
	}
	return o
}

// Get returns the value of a key and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	for _, m := range o.Members {
		if m.Key == key {
			return m.Value, true
		}
	}
	return nil, false
}

// Value returns the value of a key, or nil.
func (o *Object) Value(key string) any {
	v, _ := o.Get(key)
	return v
}

// Set adds a key or replaces its value.
func (o *Object) Set(key string, value any) {
	for i := range o.Members {
		if o.Members[i].Key == key {
			o.Members[i].Value = value
			return
		}
	}
	o.Members = append(o.Members, Member{key, value})
}

// Entries returns the members that JavaScript finds in a value: those of an object, the items of a list, the letters
// of a text.
func Entries(v any) (out []Member) {
	switch v := v.(type) {
	case *Object:
		return v.Members
	case []any:
		for i, item := range v {
			out = append(out, Member{Key: strconv.Itoa(i), Value: item})
		}
	case string:
		for i, unit := range utf16.Encode([]rune(v)) {
			out = append(out, Member{Key: strconv.Itoa(i), Value: string(rune(unit))})
		}
	}
	return out
}

// Walk returns plain JSON in which the result of leaf replaces each value that is not a list or a map.
func Walk(v any, leaf func(any) any) any {
	switch v := v.(type) {
	case []any:
		return Map(v, func(item any) any { return Walk(item, leaf) })
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = Walk(item, leaf)
		}
		return out
	}
	return leaf(v)
}

// Plain returns a value with its objects as maps, and nil for infinite numbers, as JSON has it.
func Plain(v any) any {
	switch v := v.(type) {
	case *Object:
		out := make(map[string]any, len(v.Members))
		for _, m := range v.Members {
			out[m.Key] = Plain(m.Value)
		}
		return out
	case []any:
		return Map(v, Plain)
	case float64:
		if math.IsInf(v, 0) {
			return nil
		}
	}
	return v
}

// Ordered returns a value with its maps as objects, keys sorted.
func Ordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := &Object{}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out.Members = append(out.Members, Member{k, Ordered(v[k])})
		}
		return out
	case []any:
		return Map(v, Ordered)
	}
	return v
}

// dropRepeated keeps the last value of a key that is there several times, in the place of the first.
func (o *Object) dropRepeated() {
	kept := &Object{Members: o.Members[:0]}
	var at map[string]int
	if len(o.Members) > 16 {
		at = make(map[string]int, len(o.Members))
	}
	for _, m := range o.Members {
		if at == nil {
			kept.Set(m.Key, m.Value)
		} else if i, there := at[m.Key]; there {
			kept.Members[i].Value = m.Value
		} else {
			at[m.Key] = len(kept.Members)
			kept.Members = append(kept.Members, m)
		}
	}
	o.Members = kept.Members
}

// numbersFirst puts keys that are array indexes first, in ascending order, as JavaScript does.
func (o *Object) numbersFirst() {
	if slices.ContainsFunc(o.Members, func(m Member) bool { return index(m.Key) < noIndex }) {
		slices.SortStableFunc(o.Members, func(a, b Member) int { return cmp.Compare(index(a.Key), index(b.Key)) })
	}
}

// noIndex is beyond the indexes that an array may have.
const noIndex = math.MaxUint32

// index returns the key as an array index, or noIndex if the key is not one.
func index(key string) uint64 {
	n, err := strconv.ParseUint(key, 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != key {
		return noIndex
	}
	return n
}

// Sort sorts the keys of o with cmp, stably. JavaScript keeps keys that are array indexes before all others.
func (o *Object) Sort(cmp func(a, b string) int) {
	slices.SortStableFunc(o.Members, func(a, b Member) int { return cmp(a.Key, b.Key) })
	o.numbersFirst()
}
