package contracts

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// WrapHandler returns a target like one made by InProcess, with wrap around each world's handler.
// The worlds still come from the one server behind target, so that many such targets cost little.
// It panics if target was not made by InProcess, which is a programming error.
func WrapHandler(target Target, wrap func(w *fake.World, own http.Handler) http.Handler) Target {
	t, ok := target.(*inProcess)
	if !ok {
		panic(fmt.Sprintf("contracts: WrapHandler needs a target of InProcess, not a %T", target))
	}
	return &wrappedHandler{t, wrap}
}

type wrappedHandler struct {
	*inProcess
	wrap func(*fake.World, http.Handler) http.Handler
}

func (t *wrappedHandler) World(ctx context.Context, start Start) (World, error) {
	made, err := t.inProcess.World(ctx, start)
	if err != nil {
		return nil, err
	}
	w := made.(*localWorld)
	w.handler = t.wrap(w.world, w.handler)
	return w, nil
}

// Still returns a world of InProcess whose clock does not move. It panics if the world is of another target, which is a
// programming error.
func Still(w World) World {
	own, ok := w.(*localWorld)
	if !ok {
		panic(fmt.Sprintf("contracts: Still needs a world of InProcess, not a %T", w))
	}
	return still{own}
}

// still keeps all that a replay asks of a world, the wait for deliveries too.
type still struct{ *localWorld }

func (still) Advance(time.Duration) error { return nil }
