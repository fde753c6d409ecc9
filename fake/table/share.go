package table

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"
)

// Shared finds values that were decoded from the same text before, so that rows with repeating values share them. It
// remembers some of the latest texts that came twice. It is safe for concurrent use, and its zero value is ready.
type Shared struct {
	slots [1 << 12]struct {
		seen  atomic.Uint32 // the hash of a text that came once
		value atomic.Pointer[sharedValue]
	}
}

type sharedValue struct {
	form  byte
	text  []byte
	value any
}

// longestShared is the length of the longest text that is remembered.
const longestShared = 64

var sharedSeed = maphash.MakeSeed()

// Get returns what decode returned for the same form and text earlier, or else calls decode. The values must not
// be changed, and depend on the form and the text only. Those that are not ok are not remembered.
func (s *Shared) Get(form byte, text []byte, decode func() (v any, ok bool)) (v any, ok bool) {
	if len(text) > longestShared {
		return decode()
	}
	hash := uint32(maphash.Bytes(sharedSeed, text)) + uint32(form)*2654435761
	slot := &s.slots[hash%uint32(len(s.slots))]
	if known := slot.value.Load(); known != nil && known.form == form && bytes.Equal(known.text, text) {
		return known.value, true
	}
	if v, ok = decode(); ok && slot.seen.Swap(hash) == hash {
		slot.value.Store(&sharedValue{form, bytes.Clone(text), v})
	}
	return v, ok
}
