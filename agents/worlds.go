package agents

import (
	"context"
	"errors"
	"net/http"
)

// worldArguments name a world.
type worldArguments struct {
	World string `json:"world" doc:"The name of the world."`
}

// addWorlds adds the tools that make, change and drop worlds.
func (s *server) addWorlds() {
	add(s, "make_world", "Make a world from seeds, or as a fork of another one. Answers its URLs and fresh "+
		"credentials of every fake.", false, s.makeWorld)
	add(s, "reset_world", "Reset a world to what it was when it was made, with journal, faults and clock.", false,
		func(ctx context.Context, a worldArguments) (any, error) {
			return s.call(ctx, http.MethodPost, in(a.World, "/reset"), nil)
		})
	add(s, "drop_world", "Drop a world with everything in it.", false,
		func(ctx context.Context, a worldArguments) (any, error) {
			return s.call(ctx, http.MethodDelete, in(a.World, ""), nil)
		})
	add(s, "advance_clock", "Move the clock of a world and run the jobs that fall due. Answers the jobs.", false,
		s.advanceClock)
}

type makeArguments struct {
	World string            `json:"world,omitempty" doc:"Its name: letters, digits, dots, dashes; generated without."`
	Seed  map[string]string `json:"seed,omitempty" doc:"The seed of each fake by its name, as list_fakes lists them."`
	Fork  string            `json:"fork,omitempty" doc:"The world to copy, instead of seeds."`
	Clock string            `json:"clock,omitempty" doc:"The time on its clock, like 2026-04-01T09:00:00Z."`
}

func (s *server) makeWorld(ctx context.Context, a makeArguments) (any, error) {
	order := object{}
	for name, value := range map[string]string{"name": a.World, "fork": a.Fork, "clock": a.Clock} {
		if value != "" {
			order[name] = value
		}
	}
	if len(a.Seed) > 0 {
		order["seed"] = a.Seed
	}
	return s.call(ctx, http.MethodPost, "/worlds", order)
}

type clockArguments struct {
	World string `json:"world" doc:"The world; default is the name of the one that every server has."`
	By    string `json:"by,omitempty" doc:"How far to move, like 90s, 15m, 48h."`
	To    string `json:"to,omitempty" doc:"Or the time to move to, like 2026-04-01T09:00:00Z."`
}

func (s *server) advanceClock(ctx context.Context, a clockArguments) (any, error) {
	switch {
	case (a.By == "") == (a.To == ""):
		return nil, errors.New("advance_clock: give either by, a duration like 48h, or to, a time")
	case a.By != "":
		return s.call(ctx, http.MethodPost, in(a.World, "/clock/advance"), object{"by": a.By})
	}
	return s.call(ctx, http.MethodPost, in(a.World, "/clock/set"), object{"time": a.To})
}
