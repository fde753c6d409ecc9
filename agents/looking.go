package agents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
)

// addLooking adds the tools that change nothing.
func (s *server) addLooking() {
	add(s, "list_fakes", "List the fakes: operations by evidence, seeds, and faults that can be injected.", true,
		s.listFakes)
	add(s, "list_operations", "List the operations of a fake with method, path, evidence and source.", true,
		s.listOperations)
	add(s, "list_worlds", "List the worlds: their clocks, URLs, numbers of requests and rows.", true,
		func(ctx context.Context, _ struct{}) (any, error) { return s.get(ctx, "/worlds") })
	add(s, "find_requests", "Find requests in the journal of a world, newest first, with the rule that refused each.",
		true,
		s.findRequests)
	add(s, "explain_request", "Explain why a request was answered as it was: every rule that it broke, with "+
		"evidence and source, and the nearest valid request.", true, s.explainRequest)
	add(s, "read_rows", "Read the rows of a table of a fake, or without a table the names and sizes of its tables.",
		true, s.readRows)
	add(s, "list_deliveries", "List the webhooks that the fakes of a world have sent, with their outcome.", true,
		func(ctx context.Context, a struct {
			World string `json:"world,omitempty" doc:"The world; the default one without."`
		}) (any, error) {
			return s.get(ctx, in(a.World, "/deliveries"))
		})
	if s.verify != nil {
		add(s, "verify", "Replay recorded and written cases against the fakes of this program, and report the "+
			"differences.", true, s.runVerify)
	}
	add(s, "list_stories", "List the stories: what happens between several fakes, ready to be played.", true,
		func(ctx context.Context, _ struct{}) (any, error) { return s.get(ctx, "/stories") })
}

// fidelity is the part of the answer of the control plane that the tools use.
type fidelity struct {
	Operations []operation               `json:"operations"`
	Totals     map[string]map[string]int `json:"totals"`
}

type operation struct {
	Fake      string `json:"fake"`
	Operation string `json:"operation"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Evidence  string `json:"evidence"`
	Source    string `json:"source"`
}

func (s *server) listFakes(ctx context.Context, _ struct{}) (any, error) {
	var all fidelity
	var seeds struct {
		Fakes []struct {
			Name  string
			Seeds []string
		}
	}
	var faults struct{ Named map[string][]string }
	err := errors.Join(s.client.Get(ctx, "/fidelity", &all), s.client.Get(ctx, "/seeds", &seeds),
		s.client.Get(ctx, "/faults", &faults))
	fakes := []object{}
	for _, f := range seeds.Fakes {
		fakes = append(fakes, object{"name": f.Name, "operations": all.Totals[f.Name], "seeds": f.Seeds,
			"faults": faults.Named[f.Name]})
	}
	return object{"fakes": fakes}, err
}

type operationsArguments struct {
	Fake   string `json:"fake" doc:"The fake, as list_fakes names it."`
	Search string `json:"search,omitempty" doc:"Part of the operationId or of the path."`
}

func (s *server) listOperations(ctx context.Context, a operationsArguments) (any, error) {
	var all fidelity
	if err := s.client.Get(ctx, "/fidelity", &all); err != nil {
		return nil, err
	}
	if err := checkFake(a.Fake, all.Totals); err != nil {
		return nil, err
	}
	found, search := []operation{}, strings.ToLower(a.Search)
	for _, op := range all.Operations {
		if op.Fake == a.Fake && strings.Contains(strings.ToLower(op.Operation+" "+op.Path), search) {
			found = append(found, op)
		}
	}
	return object{"operations": found}, nil
}

// checkFake returns an error for a fake that is not among the keys.
func checkFake[V any](name string, fakes map[string]V) error {
	if _, ok := fakes[name]; ok {
		return nil
	}
	var known []string
	for fake := range fakes {
		if !strings.Contains(fake, "/") {
			known = append(known, fake)
		}
	}
	slices.Sort(known)
	return fmt.Errorf("no fake %q%s; fakes: %s", name, nearest.Hint(name, known), strings.Join(known, ", "))
}

type findArguments struct {
	World     string `json:"world,omitempty" doc:"The world; the default one without."`
	Fake      string `json:"fake,omitempty" doc:"Only requests to this fake."`
	Operation string `json:"operation,omitempty" doc:"Only requests for this operationId."`
	Status    string `json:"status,omitempty" doc:"Only answers with this status, 422 or 4xx."`
	Search    string `json:"search,omitempty" doc:"Only requests with this text."`
	Refused   bool   `json:"refused,omitempty" doc:"Only requests that were refused, or that no operation has."`
	Limit     int    `json:"limit,omitempty" doc:"How many at most; 20 without."`
}

func (s *server) findRequests(ctx context.Context, a findArguments) (any, error) {
	if a.Limit == 0 {
		a.Limit = 20
	}
	return s.get(ctx, in(a.World, "/requests/lines"+query("fake", a.Fake, "operation", a.Operation, "status", a.Status,
		"q", a.Search, "refused", fmt.Sprint(a.Refused), "limit", fmt.Sprint(a.Limit))))
}

type explainArguments struct {
	ID    string `json:"id" doc:"The request in the journal, as find_requests and send_request name it, like 17."`
	World string `json:"world,omitempty" doc:"The world; the default one without."`
}

func (s *server) explainRequest(ctx context.Context, a explainArguments) (any, error) {
	return s.get(ctx, in(a.World, "/requests/"+url.PathEscape(a.ID)+"/explain"))
}

type rowsArguments struct {
	Fake   string `json:"fake" doc:"The fake that has the table."`
	Table  string `json:"table,omitempty" doc:"The table; without it the names and sizes of all tables."`
	World  string `json:"world,omitempty" doc:"The world; the default one without."`
	Search string `json:"search,omitempty" doc:"Only rows with this text."`
	Limit  int    `json:"limit,omitempty" doc:"How many rows at most; 50 without."`
	Offset int    `json:"offset,omitempty" doc:"How many rows to skip."`
}

func (s *server) readRows(ctx context.Context, a rowsArguments) (any, error) {
	return s.get(ctx, in(a.World, "/rows"+query("fake", a.Fake, "table", a.Table, "q", a.Search,
		"limit", fmt.Sprint(a.Limit), "offset", fmt.Sprint(a.Offset))))
}

type verifyArguments struct {
	Path string `json:"path,omitempty" doc:"A case folder, a cassette file, or a folder of them; without it fixtures."`
	Fake string `json:"fake,omitempty" doc:"Only the cases of this fake."`
}

func (s *server) runVerify(ctx context.Context, a verifyArguments) (any, error) {
	report, err := s.verify(ctx, a.Path, a.Fake)
	if err != nil {
		return nil, err
	}
	var out object
	if err := json.Unmarshal(report, &out); err != nil {
		return nil, err
	}
	return out, nil
}
