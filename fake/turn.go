package fake

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"

	"github.com/afba07b5/mockserver/fake/world"
)

// SequenceHeader carries, in a stored world, the newest change that an answer has seen. A request
// with it is answered once its node has seen that change.
const SequenceHeader = "Mockserver-Sequence"

// StoreError says that the store of a world is away. Retry is in seconds. If Unknown is set, the
// store may still have got the change.
type StoreError = world.StoreError

// inTurn runs do, which calls the handler, in a Turn of a stored world. A request that finds jobs due
// writes. If do runs again, the Request is as before the first time.
func (r *Request) inTurn(writes bool, do func(writes bool)) error {
	shown := r.world.Published(r.entry.Fake)
	writes = writes || cmp.Or(shown, r.State).Due()
	since, _ := strconv.ParseUint(r.Header(SequenceHeader), 10, 64) // another value asks for nothing
	before, header, entry := *r, maps.Clone(r.header), *r.entry
	turn := world.Turn{Writes: writes, Reads: !writes && shown != nil, Since: since}
	turn.Do = func() {
		*r, *r.entry = before, entry
		clear(r.header)
		maps.Copy(r.header, header)
		if turn.Reads {
			r.State = r.world.Published(r.entry.Fake)
		} else if now, err := r.world.State(r.entry.Fake); err == nil { // another node's change may replace it
			r.State = now
		}
		do(writes)
	}
	if err := r.world.Use(&turn); err != nil {
		return err
	}
	r.header.Set(SequenceHeader, strconv.FormatUint(turn.Sequence, 10))
	return nil
}

// unavailable is the answer in the vendor's shape while the store is away.
func unavailable(err error) error {
	out := &Error{Status: http.StatusServiceUnavailable, Code: "service_unavailable", Message: err.Error(),
		Header: http.Header{}, Rule: fmt.Sprintf("the store of the worlds cannot take the change: %v", err),
		Evidence: Inferred, Source: "the server's own: docs/scale.md"}
	if away, ok := errors.AsType[*StoreError](err); ok {
		away.SetHeader(out.Header)
	}
	return out
}

// noWorld answers a request whose world does not exist, or cannot be had now.
func noWorld(w http.ResponseWriter, err error) {
	status := http.StatusNotFound
	if away, ok := errors.AsType[*StoreError](err); ok {
		status = http.StatusServiceUnavailable
		away.SetHeader(w.Header())
	}
	Problem(w, status, err.Error())
}

// matchStoredFault is matchFault, whose counters all nodes share. While the store is away, each
// node counts for itself.
func (r *Request) matchStoredFault(def *Def) (*Fault, error) {
	if !r.world.Stored() || len(r.world.Faults.Rules()) == 0 {
		return r.matchFault(def)
	}
	var hit, err = (*Fault)(nil), error(nil) // not results, which would be allocated for every request
	if r.world.Use(&world.Turn{Writes: true, Do: func() { hit, err = r.matchFault(def) }}) != nil {
		return r.matchFault(def)
	}
	return hit, err
}
