package world

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash/fnv"
)

// newNonce returns the secret of a new world. The secret of the default world is fixed, so that
// every run generates the same tokens.
func newNonce(name string) string {
	if name == "" || name == defaultWorld {
		return name
	}
	return rand.Text()
}

// Label returns the world name that the world's credentials carry. It is "" in the default world,
// because a credential without a name belongs there, and with Settings.Unlabeled, where credentials
// have the vendor's exact length.
func (w *World) Label() string {
	if w.Name == defaultWorld || w.Settings().Unlabeled {
		return ""
	}
	return w.Name
}

// Nonces returns the secrets that validate signed tokens: first the world's own, which signs new
// ones, then those of the worlds it was forked from.
func (w *World) Nonces() []string { return w.nonces }

// NewToken returns 64 lower-case hexadecimal digits. No other world generates the same token, nor
// does this one again, even after a reset. kind separates tokens for different uses.
func (s *State) NewToken(kind string) string {
	n := uint64(0)
	if s.replay != nil {
		s.replay.Tokens++
		n = s.replay.Tokens
	} else {
		n = s.world.tokens.Add(1)
	}
	text := binary.BigEndian.AppendUint64([]byte(s.world.nonces[0]+"\x00"+s.fake.Name+"\x00"+kind+"\x00"), n)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// RegisterCredential assigns a credential to this world and takes precedence over every other rule.
// Use it for values that a caller chose, and for generated ones that do not carry the world's name; see
// Label.
func (s *State) RegisterCredential(credential string) {
	s.world.worlds.registerCredential(SavedCredential{s.fake.Name, credential}, s.world)
}

// mostGone bounds how many credentials of dropped worlds are remembered.
const mostGone = 100_000

// owners maps credentials without a world's name to their present or dropped world.
type owners struct {
	worlds map[SavedCredential]*World
	gone   map[SavedCredential]string // credential → name of its dropped world
	order  []SavedCredential          // of gone, oldest first
}

func (o *owners) add(c SavedCredential, w *World) {
	if o.worlds[c] != w {
		o.worlds[c] = w
		w.owned = append(w.owned, c)
	}
	delete(o.gone, c)
}

// forget remembers a credential as one of a dropped world.
func (o *owners) forget(c SavedCredential, name string) {
	if _, known := o.gone[c]; !known {
		o.order = append(o.order, c)
	}
	o.gone[c] = name
	for len(o.order) > mostGone {
		delete(o.gone, o.order[0])
		o.order = o.order[1:]
	}
}

// drop removes the credentials of a world, in time proportional to their number.
func (o *owners) drop(w *World) {
	for _, c := range w.owned {
		if o.worlds[c] == w {
			delete(o.worlds, c)
			o.forget(c, w.Name)
		}
	}
	w.owned = nil
}

// registerCredential assigns a credential to a world, unless that world has been dropped.
func (u *Worlds) registerCredential(c SavedCredential, w *World) {
	if w.Name == "" || w.scratch || c.Value == "" {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if w.dropped {
		u.owners.forget(c, w.Name)
		return
	}
	u.owners.add(c, w)
	w.noteOutline()
}

// WorldOf returns the world of a credential given to RegisterCredential, or nil. If that world was
// dropped, gone is its name.
func (u *Worlds) WorldOf(fake, credential string) (w *World, gone string) {
	u.mu.RLock()
	c := SavedCredential{fake, credential}
	w, gone = u.owners.worlds[c], u.owners.gone[c]
	u.mu.RUnlock()
	if w == nil && u.store != nil && credential != "" {
		if name := u.store.Owner(fake, credential); name != "" {
			w, gone = u.Find(name), ""
		}
	}
	return w, gone
}

// SetCredentials sets the function that returns, as JSON, the credentials issued with a new world.
func (w *World) SetCredentials(text func() json.RawMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handed = text
	w.noteOutline()
}

// Credentials returns the result of the function given to SetCredentials, or nil.
func (w *World) Credentials() json.RawMessage {
	w.mu.Lock()
	handed := w.handed
	w.mu.Unlock()
	if handed == nil {
		return nil
	}
	return handed()
}

// newID returns a version 4 UUID from a counter.
func newID(salt string, n uint64) string {
	h := fnv.New128a()
	buffer := binary.BigEndian.AppendUint64(append(make([]byte, 0, 64), salt...), n*0x9E3779B97F4A7C15)
	h.Write(buffer)
	id := h.Sum(buffer[:0])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	text := hex.AppendEncode(id, id)[len(id):]
	return string(text[:8]) + "-" + string(text[8:12]) + "-" + string(text[12:16]) + "-" + string(text[16:20]) + "-" +
		string(text[20:])
}
