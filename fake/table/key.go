package table

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// Keys of ordered indexes are bytes that compare as the values do. The functions below append one
// value each; what they append ends by itself, so a key may consist of several values, each
// ascending or descending.

// AppendText appends a text, whose bytes decide.
func AppendText(key []byte, s string, descending bool) []byte {
	start := len(key)
	for {
		plain, rest, zero := strings.Cut(s, "\x00")
		key = append(key, plain...)
		if !zero {
			break
		}
		key, s = append(key, 0, 1), rest
	}
	return direct(append(key, 0, 0), start, descending)
}

// AppendNumber appends a number.
func AppendNumber(key []byte, f float64, descending bool) []byte {
	bits := math.Float64bits(f + 0) // -0 is 0
	if bits>>63 != 0 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return direct(binary.BigEndian.AppendUint64(key, bits), len(key), descending)
}

// direct inverts the bytes of a key from start on if they are to compare in descending order.
func direct(key []byte, start int, descending bool) []byte {
	for i := start; descending && i < len(key); i++ {
		key[i] = ^key[i]
	}
	return key
}

// After returns the least key that is greater than all keys beginning with these bytes, or "".
func After(prefix string) string {
	end := len(prefix)
	for end > 0 && prefix[end-1] == 0xff {
		end--
	}
	if end == 0 {
		return ""
	}
	return prefix[:end-1] + string([]byte{prefix[end-1] + 1})
}

// keyed is a row under one of its keys.
type keyed struct {
	key string
	row int
}

// sortedKeys returns the keys of rows, sorted. What decides first are the eight bytes after those that all begin with:
// numbers are moved by sorting, and only they, because the garbage collector watches texts that are moved.
func sortedKeys(rows []stored, keys func(row stored, add func(key string))) []keyed {
	all, i := make([]keyed, 0, len(rows)), 0
	add := func(key string) { all = append(all, keyed{key, i}) }
	for i = range rows {
		keys(rows[i], add)
	}
	if slices.IsSortedFunc(all, func(a, b keyed) int { return strings.Compare(a.key, b.key) }) {
		return all
	}
	common := all[0].key
	for i := range all {
		for !strings.HasPrefix(all[i].key, common) {
			common = common[:len(common)-1]
		}
	}
	type place struct {
		part uint64
		at   int
	}
	places := make([]place, len(all))
	for i := range all {
		var part [8]byte
		copy(part[:], all[i].key[len(common):])
		places[i] = place{binary.BigEndian.Uint64(part[:]), i}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.part != b.part {
			return cmp.Compare(a.part, b.part)
		}
		return strings.Compare(all[a.at].key, all[b.at].key)
	})
	out := make([]keyed, len(all))
	for i, p := range places {
		out[i] = all[p.at]
	}
	return out
}

// keyTexts makes the keys of an index as parts of longer texts, which saves an allocation for each.
type keyTexts struct{ text strings.Builder }

// longText is the length of these texts. A text lives as long as one of its keys.
const longText = 4096

func (k *keyTexts) add(value string, seq uint64) string {
	if size := len(value) + keyEnd; k.text.Cap()-k.text.Len() < size {
		k.text = strings.Builder{} // it must not grow: that would copy
		k.text.Grow(max(size, longText))
	}
	start := k.text.Len()
	k.text.WriteString(value)
	k.text.Write(appendEnd(make([]byte, 0, keyEnd), seq))
	return k.text.String()[start:]
}
