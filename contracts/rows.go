package contracts

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// tableRows are rows of one fake: table → rows.
type tableRows map[string][]json.RawMessage

// rowAdder is a world that takes further rows before a case begins.
type rowAdder interface {
	addRows(ctx context.Context, rows tableRows) error
}

// addRows adds the rows of the case to the world's. {{receiver}} in them is the address of the receiver.
func (p *replayer) addRows(ctx context.Context) error {
	if len(p.c.Info.Rows) == 0 {
		return nil
	}
	world, ok := p.world.(rowAdder)
	if !ok {
		return &Skip{"it begins with rows of its own, which only a fake takes"}
	}
	text, err := json.Marshal(p.c.Info.Rows)
	if err != nil {
		return fmt.Errorf("rows of case.yaml: %w", err)
	}
	if p.receiver != nil {
		text = []byte(strings.ReplaceAll(string(text), "{{receiver}}", p.receiver.URL))
	}
	var rows tableRows
	if err := json.Unmarshal(text, &rows); err != nil {
		return fmt.Errorf("rows of case.yaml: %w", err)
	}
	if err := world.addRows(ctx, rows); err != nil {
		return fmt.Errorf("rows of case.yaml: %w", err)
	}
	p.bind.Literal(string(text))
	if rule := p.c.rules.Deliveries.Signature; rule != nil {
		p.gotSecrets.Learn(rule, string(text))
	}
	return nil
}

// and returns the rows of both.
func (t tableRows) and(more tableRows) tableRows {
	all := tableRows{}
	for _, rows := range []tableRows{t, more} {
		for table, some := range rows {
			all[table] = append(all[table], some...)
		}
	}
	return all
}

func (w *localWorld) addRows(_ context.Context, rows tableRows) error {
	now, err := w.world.DumpFake(w.def.Name)
	if err != nil {
		return err
	}
	return w.world.Load(fake.Rows{w.def.Name: fake.Seed(tableRows(now).and(rows))})
}

func (w *remoteWorld) addRows(ctx context.Context, rows tableRows) error {
	var now map[string]tableRows
	path := "/worlds/" + w.name + "/state"
	if err := w.target.control(ctx, http.MethodGet, path, nil, &now); err != nil {
		return err
	}
	all := map[string]tableRows{w.start.Fake: now[w.start.Fake].and(rows)}
	return w.target.control(ctx, http.MethodPut, path, all, nil)
}
