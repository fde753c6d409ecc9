package control

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Question is a request that nodes ask of each other.
type Question struct {
	Method string `json:"method"`
	Path   string `json:"path"` // with its query
	Body   []byte `json:"body,omitempty"`
}

// Answer is what the node of that name answered.
type Answer struct {
	Node   string          `json:"node"`
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// Answer answers a question of another node. Nodes ask for journals and nothing else.
func (p *Plane) Answer(q Question) Answer {
	r, err := http.NewRequest(q.Method, q.Path, bytes.NewReader(q.Body))
	if err != nil {
		return Answer{Status: http.StatusBadRequest, Body: encode(nil)}
	}
	_, asked, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix+"/worlds/"), "/")
	if !slices.Contains(joined, q.Method+" /"+asked) {
		return Answer{Status: http.StatusForbidden, Body: encode(nil)}
	}
	w := &buffer{header: http.Header{}, status: http.StatusOK}
	p.mux.ServeHTTP(w, r.WithContext(withCall(r.Context(), &call{plane: p, w: w})))
	a := Answer{Status: w.status, Body: w.Bytes()}
	if !json.Valid(a.Body) {
		a.Body = encode(w.String())
	}
	return a
}

// buffer is a ResponseWriter in memory.
type buffer struct {
	bytes.Buffer
	header http.Header
	status int
}

func (b *buffer) Header() http.Header    { return b.header }
func (b *buffer) WriteHeader(status int) { b.status = status }

// joined are the routes of the journal that can answer for all nodes.
var joined = []string{"GET /requests", "GET /requests/unmatched", "POST /requests/find", "POST /requests/count",
	"POST /requests/wait", "POST /journal/find"}

// ofOneNode wraps a route of the journal: its answer says whose journal that is, and it refuses to answer for all
// nodes unless it can.
func ofOneNode(r route) handler {
	joins := slices.Contains(joined, r.method+" "+r.path)
	return func(c *call) (any, error) {
		nodes := c.r.URL.Query().Get("nodes")
		switch {
		case nodes != "" && nodes != "all":
			return nil, badRequest("nodes=%s: expected all, or no such parameter for the journal of one node", nodes)
		case nodes == "all" && !joins:
			return nil, badRequest("nodes=all: this path has the journal of one node; these have those of all: %s",
				strings.Join(joined, ", "))
		case c.plane.node() != "":
			of := "node " + c.plane.node() + "; GET " + Prefix + "/requests?nodes=all for all"
			if nodes == "all" {
				of = "all nodes"
			}
			c.w.Header().Set("Mockserver-Journal", of)
		}
		if !c.ofAllNodes() || r.path == "/requests" || r.path == "/requests/wait" { // these ask by themselves
			return r.do(c)
		}
		return c.matchingAll(r)
	}
}

// ofAllNodes reports whether the call asks for the journals of all nodes, and there can be others.
func (c *call) ofAllNodes() bool {
	return c.plane.options.Store != nil && c.r.URL.Query().Get("nodes") == "all"
}

// nodeView says how many requests a node has in its journal, or why it has not said so.
type nodeView struct {
	Node  string `json:"node"`
	Total int    `json:"total"`
	Error string `json:"error,omitempty"`
}

// journalPart is what one node answers, as far as answers for all nodes need it.
type journalPart struct {
	Requests []json.RawMessage `json:"requests"`
	Count    int               `json:"count"`
	Meta     struct {
		Total int `json:"total"`
	} `json:"meta"`
	Detail string `json:"detail"` // of an error
}

// fromNodes adds to own, the answer of this node, what the others answer to a request for their journals of a world:
// the requests are by time, as compare says, then by node and in the order of its answer, and each node is listed.
func (c *call) fromNodes(w *fake.World, q Question, own map[string]any, compare func(a, b int64) int) (
	all journalPart, nodes []nodeView, err error) {
	store := c.plane.options.Store
	q.Path = Prefix + "/worlds/" + url.PathEscape(w.Name) + q.Path
	answers, silent, err := store.Ask(q)
	if err != nil {
		return all, nil, newProblem(http.StatusServiceUnavailable, "the other nodes cannot be asked: %v", err)
	}
	answers = append(answers, Answer{Node: store.Node(), Status: http.StatusOK, Body: encode(own)})
	slices.SortFunc(answers, func(a, b Answer) int { return cmp.Compare(a.Node, b.Node) })
	for _, a := range answers {
		var one journalPart
		view := nodeView{Node: a.Node}
		switch err := json.Unmarshal(a.Body, &one); {
		case a.Status != http.StatusOK:
			view.Error = cmp.Or(one.Detail, fmt.Sprint("status ", a.Status))
		case err != nil:
			view.Error = err.Error()
		default:
			view.Total = cmp.Or(one.Meta.Total, one.Count, len(one.Requests))
			all.Requests = append(all.Requests, one.Requests...)
			all.Meta.Total += one.Meta.Total
			all.Count += one.Count
		}
		nodes = append(nodes, view)
	}
	for _, node := range silent {
		nodes = append(nodes, nodeView{Node: node, Error: "no answer"})
	}
	slices.SortFunc(nodes, func(a, b nodeView) int { return cmp.Compare(a.Node, b.Node) })
	slices.SortStableFunc(all.Requests, func(a, b json.RawMessage) int { return compare(loggedAt(a), loggedAt(b)) })
	return all, nodes, nil
}

// loggedAt returns when a request of a journal came, in milliseconds.
func loggedAt(request json.RawMessage) int64 {
	var one struct {
		LoggedDate int64 `json:"loggedDate"`
		Request    struct {
			LoggedDate int64 `json:"loggedDate"`
		} `json:"request"`
	}
	json.Unmarshal(request, &one) // a node wrote it
	return cmp.Or(one.LoggedDate, one.Request.LoggedDate)
}

// addRequests completes the newest requests of this node, which are on the first page, with those of the others, and
// returns the page that is asked for.
func (c *call) addRequests(w *fake.World, asked, first paging, own map[string]any) (any, error) {
	query := c.r.URL.Query()
	query.Del("nodes")
	query.Set("offset", "0")
	query.Set("limit", strconv.Itoa(first.limit))
	q := Question{Method: http.MethodGet, Path: "/requests?" + query.Encode()}
	all, nodes, err := c.fromNodes(w, q, own, func(a, b int64) int { return cmp.Compare(b, a) })
	if err != nil {
		return nil, err
	}
	c.linkNext(asked, all.Meta.Total)
	own["requests"], own["meta"] = page(all.Requests, asked), map[string]int{"total": all.Meta.Total}
	own["nodes"] = nodes
	return own, nil
}

// matchingAll answers a route with the requests that this node and all others find.
func (c *call) matchingAll(r route) (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	body, err := c.body(bodyLimit)
	if err != nil {
		return nil, err
	}
	c.r.Body = io.NopCloser(bytes.NewReader(body))
	own, err := r.do(c)
	if err != nil {
		return nil, err
	}
	return c.addMatching(w, Question{Method: r.method, Path: r.path, Body: body}, own.(map[string]any))
}

// addMatching completes an answer of this node with what the others find. It is an error if one of them does not
// answer, or has lost requests that might match.
func (c *call) addMatching(w *fake.World, q Question, own map[string]any) (map[string]any, error) {
	all, nodes, err := c.fromNodes(w, q, own, cmp.Compare)
	if err != nil {
		return nil, err
	}
	for _, node := range nodes {
		if node.Error != "" {
			return nil, &problem{status: http.StatusServiceUnavailable, more: map[string]any{"nodes": nodes},
				detail: fmt.Sprintf("node %s: %s; requests in its journal may match, too", node.Node, node.Error)}
		}
	}
	if _, listed := own["requests"]; listed {
		own["requests"], all.Count = slices.Concat([]json.RawMessage{}, all.Requests), len(all.Requests)
	}
	if _, counted := own["count"]; counted {
		own["count"] = all.Count
	}
	own["nodes"] = nodes
	return own, nil
}
