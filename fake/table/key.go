package table

import (
	"encoding/binary"
	"math"
	"math/bits"
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

// sortedKeys returns the keys of rows, sorted. Most are sorted as numbers: the first bits after the bytes that all keys
// begin with, and then their places, as many as there are.
func sortedKeys(rows []stored, keys func(row stored, add func(key string))) []keyed {
	all, i := make([]keyed, 0, len(rows)), 0
	add := func(key string) { all = append(all, keyed{key, i}) }
	for i = range rows {
		keys(rows[i], add)
	}
	compare := func(a, b keyed) int { return strings.Compare(a.key, b.key) }
	if slices.IsSortedFunc(all, compare) {
		return all
	}
	common := all[0].key
	for i := range all {
		for !strings.HasPrefix(all[i].key, common) {
			common = common[:len(common)-1]
		}
	}
	places, numbers := uint64(1)<<bits.Len(uint(len(all)))-1, make([]uint64, len(all))
	for i := range all {
		var part [8]byte
		copy(part[:], all[i].key[len(common):])
		numbers[i] = binary.BigEndian.Uint64(part[:])&^places | uint64(i)
	}
	slices.Sort(numbers)
	out, from := make([]keyed, len(all)), 0
	for i, n := range numbers {
		if (n^numbers[from])&^places != 0 {
			slices.SortFunc(out[from:i], compare)
			from = i
		}
		out[i] = all[n&places]
	}
	slices.SortFunc(out[from:], compare)
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
