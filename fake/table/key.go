package table

import (
	"encoding/binary"
	"math"
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
