package twenty

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// rpc is a message of an agent.
func rpc(method, params string) string {
	return `{"jsonrpc":"2.0","id":1,"method":"` + method + `","params":` + params + `}`
}

func run(tool, arguments string) string {
	return rpc("tools/call", `{"name":"execute_tool","arguments":{"toolName":"`+tool+`","arguments":`+arguments+`}}`)
}

func TestAgents(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	restricted := credential(t, srv, "restricted", "valid")
	const id = "c0000000-0000-4000-8000-000000000001"
	for _, c := range []struct {
		name, token, line, body string
		status                  int
		want                    string
	}{
		{"the greeting", Key, "POST /mcp", rpc("initialize", `{}`), 200,
			`"serverInfo":{"name":"Twenty MCP Server","version":"0.1.0"}`},
		{"a ping", Key, "POST /mcp", rpc("ping", `{}`), 200, `{"id":1,"jsonrpc":"2.0","result":{}}`},
		{"a notification", Key, "POST /mcp", `{"jsonrpc":"2.0","method":"notifications/initialized"}`, 202, ""},
		{"the tools", Key, "POST /mcp", rpc("tools/list", `{}`), 200, `"name":"execute_tool"`},
		{"a method that is none", Key, "POST /mcp", rpc("nope", `{}`), 200,
			`"error":{"code":-32601,"message":"Method 'nope' not found"}`},
		{"a tool that is none", Key, "POST /mcp", rpc("tools/call", `{"name":"nope"}`), 200,
			`"code":-32602,"message":"Unknown tool: nope"`},
		{"skills", Key, "POST /mcp", rpc("tools/call", `{"name":"load_skills"}`), 501, "NOT_IN_THIS_FAKE"},
		{"what is no message", Key, "POST /mcp", `[]`, 400, "method must be a string"},
		{"no token", "", "POST /mcp", rpc("ping", `{}`), 401, `"error":"UnauthorizedException"`},
		{"another method", "", "GET /mcp", "", 405, `"code":-32600`},
		{"the catalog", Key, "POST /mcp", rpc("tools/call", `{"name":"get_tool_catalog"}`), 200,
			"find_many_timeline_activities"},
		{"a tool's arguments", Key, "POST /mcp", rpc("tools/call",
			`{"name":"learn_tools","arguments":{"toolNames":["create_one_company","x"]}}`), 200,
			"Could not find: x."},
		{"a record is made", Key, "POST /mcp", run("create_one_company", `{"id":"`+id+`","name":"Acme"}`), 200,
			`\"success\":true`},
		{"and found", Key, "POST /mcp", run("find_many_companies", `{"filter":{"name":{"ilike":"ac%"}}}`), 200,
			`\"count\":1`},
		{"and changed", Key, "POST /mcp", run("update_one_company", `{"id":"`+id+`","name":"Other"}`), 200,
			`\"name\":\"Other\"`},
		{"a field that is none", Key, "POST /mcp", run("create_one_company", `{"nope":1}`), 200, `doesn't have any`},
		{"a record that is none", Key, "POST /mcp", run("find_one_company",
			`{"id":"c0000000-0000-4000-8000-000000000009"}`), 200, "Record not found"},
		{"a tool of the catalog that is none", Key, "POST /mcp", run("fly", `{}`), 200, "Unknown tool: fly"},
		{"what the role forbids", restricted, "POST /mcp", run("delete_one_company", `{"id":"`+id+`"}`), 200,
			"Unknown tool"},
		{"deleted", Key, "POST /mcp", run("delete_many_companies", `{"filter":{"id":{"eq":"`+id+`"}}}`), 200,
			`\"count\":1`},
	} {
		if status, got := ask(t, srv, c.token, c.line, c.body); status != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s: %d %.500s", c.name, status, got)
		}
	}
}

func TestAnswersToAgentsAsStreams(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/mcp", strings.NewReader(rpc("ping", `{}`)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer " + Key}, "Content-Type": {"application/json"},
		"Accept": {"application/json, text/event-stream"}}
	status, got := sendRequest(t, req)
	data, found := strings.CutPrefix(got, "event: message\ndata: ")
	if status != 200 || !found || !json.Valid([]byte(data)) || !strings.HasSuffix(got, "\n\n") {
		t.Errorf("%d %q", status, got)
	}
}
