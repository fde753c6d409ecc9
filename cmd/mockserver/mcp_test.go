package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/afba07b5/mockserver/mocks"
)

// callTool calls a tool and returns the text of its result.
func callTool(t *testing.T, session *mcp.ClientSession, tool string, arguments map[string]any) string {
	t.Helper()
	res, err := session.CallTool(context.Background(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil || res.IsError {
		t.Fatalf("%s: %v %+v", tool, err, res)
	}
	return res.Content[0].(*mcp.TextContent).Text
}

// startAgent starts mockserver mcp with flags and connects the SDK's client to its standard input and output.
func startAgent(t *testing.T, flags ...string) *mcp.ClientSession {
	t.Helper()
	client := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil)
	session, err := client.Connect(context.Background(),
		&mcp.CommandTransport{Command: exec.Command("mockserver", append([]string{"mcp"}, flags...)...)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// TestAgentsOfARunningServer: what an agent does is there for other clients of the server.
func TestAgentsOfARunningServer(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	session := startAgent(t, "--url", server.url)
	callTool(t, session, "make_world", map[string]any{"world": "agent"})
	res, err := http.Get(server.url + "/__admin/worlds/agent")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the server answers %d for the world of the agent", res.StatusCode)
	}
	if err := session.Close(); err != nil {
		t.Errorf("the end of the session: %v", err)
	}
}

// TestAgentsOverStandardInput starts the program as editors do, and talks to it with the SDK's client.
func TestAgentsOverStandardInput(t *testing.T) {
	t.Parallel()
	session := startAgent(t, "--listen", "127.0.0.1:0")
	if got := session.InitializeResult().ServerInfo.Name; got != "mockserver" {
		t.Errorf("the server is called %s", got)
	}
	var made struct{ URLs map[string]string }
	text := callTool(t, session, "make_world", map[string]any{"world": "w"})
	if err := json.Unmarshal([]byte(text), &made); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest("GET", made.URLs["kickflow"]+"/v1/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer kickflow-admin-token")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("another program asks the fake: %d", res.StatusCode)
	}
	if got := callTool(t, session, "find_requests", map[string]any{"world": "w"}); !strings.Contains(got, "listUsers") {
		t.Errorf("the journal: %s", got)
	}
	path := absolute(t, "../../fixtures/kickflow/categories")
	got := callTool(t, session, "verify", map[string]any{"path": path})
	if !strings.Contains(got, `"different":0`) || !strings.Contains(got, `"failed":0,"passed":1`) {
		t.Errorf("verify: %s", got)
	}
	if err := session.Close(); err != nil {
		t.Errorf("the end of the session: %v", err)
	}
}

// TestLinesThatAreNoMessages: each is answered with an error of JSON-RPC, and the session goes on.
func TestLinesThatAreNoMessages(t *testing.T) {
	t.Parallel()
	const parse, invalid = `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request`
	in, client := io.Pipe()
	answers, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		defer in.Close()
		defer out.Close()
		ended <- run(context.Background(), []string{"mcp"}, streams{in, out, io.Discard}, mocks.All)
	}()
	lines := bufio.NewScanner(answers)
	for _, talk := range [][2]string{
		{`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},` +
			`"clientInfo":{"name":"t","version":"1"}}}`, `{"jsonrpc":"2.0","id":1,"result":`},
		{"\xff", parse},
		{`{"jsonrpc":"2.0","id":2,`, parse},
		{`{"jsonrpc":"2.0","id":2,"method":"ping"} {}`, parse},
		{`5`, invalid},
		{`{"id":3,"method":"ping"}`, invalid},
		{`[5]`, invalid},
		{"[]", invalid},
		{"\n" + `{"jsonrpc":"2.0","id":7,"method":"ping"}`, `{"jsonrpc":"2.0","id":7,"result":{}}`},
	} {
		if _, err := io.WriteString(client, talk[0]+"\n"); err != nil {
			t.Fatalf("%s: %v", talk[0], err)
		}
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), talk[1]) {
			t.Fatalf("%s: answered %q, want %q", talk[0], lines.Text(), talk[1])
		}
	}
	client.Close()
	if err := <-ended; err != nil {
		t.Errorf("the end of the session: %v", err)
	}
}
