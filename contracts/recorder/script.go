package recorder

import (
	"context"
	"fmt"
	"net/http"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/fake"
)

// Script plays a hand-written case against the upstream, writes included, with the credentials that
// contracts.Live takes from the environment, and records the answers. It calls show for each answer
// that differs from the case and continues as far as it can. The error says why the case was not
// played to its end.
func (r *Recorder) Script(ctx context.Context, suite *contracts.Suite,
	show func(request string, d contracts.Difference)) error {
	if len(suite.Cases) != 1 {
		return fmt.Errorf("a script is one case, and these are %d", len(suite.Cases))
	}
	var failed error
	suite.Replay(ctx, &scripted{contracts.Live(r.upstream.String(), true), r}, func(o *contracts.Outcome) {
		failed = o.Err
		if o.Skipped != "" {
			failed = &contracts.Skip{Reason: o.Skipped}
		}
		for _, result := range o.Results {
			for _, d := range result.Differences {
				show(fmt.Sprintf("#%d %s", result.Number, result.Request), d)
			}
		}
	})
	return failed
}

// scripted is the real service, with its exchanges recorded.
type scripted struct {
	contracts.Target
	recorder *Recorder
}

func (t *scripted) World(ctx context.Context, start contracts.Start) (contracts.World, error) {
	world, err := t.Target.World(ctx, start)
	if err != nil {
		return nil, err
	}
	return &scriptedWorld{world, t.recorder}, nil
}

type scriptedWorld struct {
	contracts.World
	recorder *Recorder
}

func (w *scriptedWorld) Do(q *http.Request) (*http.Response, error) {
	if recording.IsLookUp(q) {
		return w.World.Do(q)
	}
	return w.recorder.capture(q, w.World.Do)
}

func (w *scriptedWorld) Credential(principal, state string) (fake.Credential, error) {
	c, err := w.World.Credential(principal, state)
	if err == nil {
		w.recorder.knows(c, holder{principal: principal, state: state})
	}
	return c, err
}

// knows records the holder of a credential.
func (r *Recorder) knows(c fake.Credential, who holder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if who.state == "" {
		who.state = "valid"
	}
	r.sender[c.Value] = who
	if who.secret = true; c.Secret != "" {
		r.sender[c.Secret] = who
	}
}
