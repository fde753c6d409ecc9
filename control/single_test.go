package control_test

import (
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// last returns the id of the newest request to a fake in a world.
func (g *rig) last(world, fake string) string {
	g.t.Helper()
	lines := g.must("GET /__admin/worlds/"+world+"/requests/lines?limit=1&fake="+fake, "")["lines"].([]any)
	if len(lines) == 0 {
		g.t.Fatalf("%s has no request in %s", fake, world)
	}
	return lines[0].(map[string]any)["id"].(string)
}

// changed returns table and id of each row that a request changed, and whether a text is in one of them afterwards.
func (g *rig) changed(world, id, text string) (rows []string, found bool) {
	g.t.Helper()
	for _, c := range g.must("GET /__admin/worlds/"+world+"/requests/"+id+"/changes", "")["changes"].([]any) {
		row := c.(map[string]any)
		after, _ := json.Marshal(row["after"])
		found = found || strings.Contains(string(after), text)
		rows = append(rows, fmt.Sprint(row["table"], " ", row["id"]))
	}
	return rows, found
}

// TestOneRequestCanBeLookedInto follows two writes to each fake: what each changed, the history of the row, sending one
// again, and what forks and rewinds to before it leave.
func TestOneRequestCanBeLookedInto(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for _, m := range members {
		t.Run(m.fake, func(t *testing.T) {
			g := &rig{t, g.srv, g.url}
			name := "look-" + m.fake
			w := g.world("POST /__admin/worlds", fmt.Sprintf(`{"name":%q}`, name))
			credential := w.of(t, m.fake, m.principal).Value
			m.put(g, credential, "first-mark")
			first := g.last(name, m.fake)
			m.put(g, credential, "second-mark")
			second := g.last(name, m.fake)
			rows, found := g.changed(name, first, "first-mark")
			if _, other := g.changed(name, first, "second-mark"); !found || other {
				t.Errorf("request %s changed %v", first, rows)
			}
			table, id, _ := strings.Cut(rows[len(rows)-1], " ")
			for _, row := range rows {
				tb, i, _ := strings.Cut(row, " ")
				shown := g.must("GET /__admin/worlds/"+name+"/rows/"+m.fake+"/"+tb+"/"+i, "")
				if strings.Contains(fmt.Sprint(shown["row"]), "first-mark") {
					table, id = tb, i
				}
			}
			row := g.must("GET /__admin/worlds/"+name+"/rows/"+m.fake+"/"+table+"/"+id, "")
			history := row["history"].([]any)
			if len(history) != 1 || fmt.Sprint(history[0].(map[string]any)["entry"]) != first {
				t.Errorf("the history of %s %s is %v, want one write by request %s", table, id, history, first)
			}
			page := g.must("GET /__admin/worlds/"+name+"/rows?q=first-MARK&fake="+m.fake+"&table="+table, "")
			if page["total"] != 1.0 {
				t.Errorf("a search finds %v rows", page["total"])
			}
			g.must("POST /__admin/worlds", fmt.Sprintf(`{"name":"%s-fork","fork":%q,"before":%q}`, name, name, second))
			if _, list := m.list(g, w.of(t, m.fake, m.principal).Value); !strings.Contains(list, "second-mark") {
				t.Errorf("the origin of a fork lost a row: %s", list)
			}
			of := "/rows?fake=" + m.fake + "&table=" + table + "&limit=1000"
			forked := fmt.Sprint(g.must("GET /__admin/worlds/"+name+"-fork"+of, "")["rows"])
			if !strings.Contains(forked, "first-mark") || strings.Contains(forked, "second-mark") {
				t.Errorf("a fork from before the second request has %s", forked)
			}
			g.must("POST /__admin/worlds/"+name+"/rewind", fmt.Sprintf(`{"before":%q}`, first))
			if _, list := m.list(g, credential); strings.Contains(list, "-mark") {
				t.Errorf("after a rewind to before the first request: %s", list)
			}
			again := g.must("POST /__admin/worlds/"+name+"/requests/"+first+"/send", "")
			if again["status"].(float64) >= 300 || again["id"] == first {
				t.Errorf("sent again: %v", again)
			}
			if _, list := m.list(g, credential); !strings.Contains(list, "first-mark") {
				t.Errorf("after sending the first request again: %s", list)
			}
		})
	}
}

// TestARequestIsExported in each form, without its credential.
func TestARequestIsExported(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"out"}`)
	for _, m := range members {
		credential := w.of(t, m.fake, m.principal).Value
		m.put(g, credential, "mark")
		for _, form := range []string{"curl", "har", "go"} {
			status, text := g.ask("GET /__admin/worlds/out/requests/"+g.last("out", m.fake)+"/export?format="+form, "")
			if status != 200 || !strings.Contains(text, "mark") || strings.Contains(text, credential) {
				t.Errorf("%s as %s: %d %s", m.fake, form, status, text)
			}
			if form != "go" {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "request_test.go", text, 0); err != nil {
				t.Errorf("%s: %v\n%s", m.fake, err, text)
			}
		}
	}
}

// TestADeliveryIsSentAgain with the same body and header, and each attempt is kept with its answer.
func TestADeliveryIsSentAgain(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	type got struct{ signature, body string }
	came := make(chan got, 8)
	target := fake.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := make([]byte, r.ContentLength)
		r.Body.Read(text)
		came <- got{r.Header.Get("X-Twenty-Webhook-Signature"), string(text)}
		w.WriteHeader(http.StatusAccepted)
		w.Write([]byte("thank you"))
	}))
	w := g.world("POST /__admin/worlds", `{"name":"d"}`)
	l := g.listen("/__admin/worlds/d/events?kind=delivery")
	g.must("POST /twenty/rest/companies", `{"name":"c"}`, hook(g, w, target))
	delivered := func() sent {
		for {
			if e := l.next(); e.at("delivery", "state") == "delivered" {
				return e
			}
		}
	}
	id, first := delivered().at("delivery", "id"), <-came
	g.must("POST /__admin/worlds/d/deliveries/"+id+"/redeliver", "")
	delivered()
	if diff := cmp.Diff(first.body, (<-came).body); diff != "" {
		t.Errorf("the second body: %s", diff)
	}
	one := g.must("GET /__admin/worlds/d/deliveries", "")["deliveries"].([]any)[0].(map[string]any)
	tries := one["tries"].([]any)
	if len(tries) != 2 || one["attempts"] != 2.0 || tries[1].(map[string]any)["answer"] != "thank you" ||
		tries[1].(map[string]any)["status"] != 202.0 {
		t.Errorf("the delivery is %v", one)
	}
	if status, text := g.ask("POST /__admin/worlds/d/deliveries/nothing/redeliver", ""); status != 404 {
		t.Errorf("a delivery that is not there: %d %s", status, text)
	}
}

// TestUsedOperationsAreCounted by world and in all.
func TestUsedOperationsAreCounted(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	for _, m := range members {
		w := g.world("POST /__admin/worlds", fmt.Sprintf(`{"name":"used-%s"}`, m.fake))
		m.list(g, w.of(t, m.fake, m.principal).Value)
		answer := g.must("GET /__admin/worlds/used-"+m.fake+"/fidelity?used=true", "")
		operations := answer["operations"].([]any)
		if len(operations) != 1 || operations[0].(map[string]any)["uses"] != 1.0 ||
			operations[0].(map[string]any)["fake"] != m.fake {
			t.Errorf("%s used %v", m.fake, operations)
		}
		g.must("DELETE /__admin/worlds/used-"+m.fake+"/requests", "")
		if again := g.must("GET /__admin/worlds/used-"+m.fake+"/fidelity?used=true",
			""); len(again["operations"].([]any)) != 1 {
			t.Error("forgetting the journal forgets the uses")
		}
	}
	all := g.must("GET /__admin/fidelity?used=true&world=*", "")
	if n := len(all["operations"].([]any)); n != len(members) ||
		!strings.HasPrefix(all["summary"].(string), fmt.Sprintf("used %d operations: ", len(members))) {
		t.Errorf("all worlds used %d operations: %v", n, all["summary"])
	}
}
