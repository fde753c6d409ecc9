package twenty

import (
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// The endpoint for agents speaks JSON-RPC 2.0 as the Model Context Protocol uses it. Its path, its greeting and its
// list of tools are observed; the shapes of refusals and of results are known from the vendor's public source. The
// texts that agents read are our own. Notifications of progress are not sent.

// The codes of JSON-RPC.
const (
	invalidRequest = -32600
	unknownMethod  = -32601
	invalidParams  = -32602
)

// rpcAnswer is an answer of JSON-RPC; one of Result and Error is there.
type rpcAnswer struct {
	ID      any       `json:"id"`
	Version string    `json:"jsonrpc"`
	Result  any       `json:"result,omitempty"`
	Error   *rpcError `json:"error,omitempty"`
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// mcpInstructions introduces the server to an agent.
const mcpInstructions = "Call get_tool_catalog to see the tools for records, " +
	"learn_tools for their arguments, and execute_tool to run one. " +
	"list_object_metadata_names tells the names of all objects."

// onlyPost refuses other methods than POST, before authentication.
func onlyPost(r *fake.Request) error {
	message := "HTTP method " + r.HTTP.Method + " is not allowed. This MCP endpoint only accepts POST requests."
	return &fake.Error{Status: http.StatusMethodNotAllowed, Message: message,
		Header: http.Header{"Allow": {"POST"}}, Rule: "agents post",
		Body: rpcAnswer{Version: "2.0", Error: &rpcError{invalidRequest, message}}}
}

// agent is who calls the endpoint.
func (a *api) agent(r *fake.Request) (*schema.Caller, error) {
	caller, err := identify(r.State, credentialOf(r.HTTP), r.Now())
	if err == nil {
		return caller, nil
	}
	return nil, &fake.Error{Status: http.StatusUnauthorized, Message: "Unauthorized", Rule: "agents bring a token",
		Header: http.Header{"WWW-Authenticate": {`Bearer resource_metadata="` + r.Base +
			`/.well-known/oauth-protected-resource/mcp", scope="api profile"`}},
		Body: plainBody{StatusCode: http.StatusUnauthorized, Error: "UnauthorizedException",
			Messages: []string{"Unauthorized"}}}
}

// postMCP answers one message of an agent.
func (a *api) postMCP(r *fake.Request) (any, error) {
	caller, err := a.agent(r)
	if err != nil {
		return nil, err
	}
	body, _ := r.Decoded.(*js.Object)
	if body == nil {
		body = &js.Object{}
	}
	method, ok := body.Value("method").(string)
	if !ok || body.Value("jsonrpc") != "2.0" {
		return nil, refuse(http.StatusBadRequest, "method must be a string") // inferred
	}
	id := body.Value("id")
	if id == nil {
		return &fake.Response{Status: http.StatusAccepted}, nil
	}
	params, _ := body.Value("params").(*js.Object)
	out := rpcAnswer{ID: id, Version: "2.0"}
	out.Result, out.Error, err = a.converse(r, caller, method, params)
	if err != nil {
		return nil, err
	}
	r.SetHeader("X-Content-Type-Options", "nosniff")
	text := jsText(out)
	if !strings.Contains(r.Header("Accept"), "text/event-stream") {
		r.AnswerHeader().Del("X-Content-Type-Options")
		return fake.Raw(text), nil
	}
	return &fake.Response{Status: http.StatusOK, Body: []byte("event: message\ndata: " + text + "\n\n"),
		Header: http.Header{"Content-Type": {"text/event-stream"}, "Cache-Control": {"no-cache"}}}, nil
}

// converse answers a method.
func (a *api) converse(r *fake.Request, caller *schema.Caller, method string, params *js.Object) (any,
	*rpcError, error) {
	switch method {
	case "initialize":
		off := node{"listChanged": false}
		return node{"protocolVersion": "2025-06-18", "capabilities": node{"tools": off, "resources": off,
			"prompts": off},
			"serverInfo": node{"name": "Twenty MCP Server",
				"version": "0.1.0"}, "instructions": mcpInstructions}, nil, nil
	case "ping":
		return node{}, nil, nil
	case "prompts/list":
		return node{"prompts": []any{}}, nil, nil
	case "resources/list":
		return node{"resources": []any{}}, nil, nil
	case "tools/list":
		return node{"tools": mcpTools()}, nil, nil
	case "tools/call":
		return a.callTool(r, caller, params)
	}
	return nil, &rpcError{unknownMethod, "Method '" + method + "' not found"}, nil
}

// callTool runs one of the tools that tools/list names.
func (a *api) callTool(r *fake.Request, caller *schema.Caller, params *js.Object) (any, *rpcError, error) {
	if params == nil {
		params = &js.Object{}
	}
	name, _ := params.Value("name").(string)
	in, _ := params.Value("arguments").(*js.Object)
	if in == nil {
		in = &js.Object{}
	}
	t := &toolbox{api: a, request: r, caller: caller}
	var result any
	var err error
	switch name {
	case "get_tool_catalog":
		result = t.catalog()
	case "learn_tools":
		result = t.learn(verb.Texts(in, "toolNames"))
	case "list_object_metadata_names":
		result = t.objects()
	case "execute_tool":
		result, err = t.execute(in)
	case "load_skills", "list_skills":
		return nil, nil, fake.Unimplemented{Kind: "tool of /mcp", Name: name,
			Source: "observed at server 2.21.0"}.Error()
	default:
		return nil, &rpcError{invalidParams, "Unknown tool: " + name}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return node{"content": []node{{"type": "text", "text": jsText(result)}}, "isError": false}, nil, nil
}

// mcpTools describes the tools themselves.
func mcpTools() []node {
	tool := func(name, description string, properties node, needed ...string) node {
		input := shape(properties)
		if len(needed) > 0 {
			input["required"] = needed
		}
		return node{"name": name, "description": description, "inputSchema": input}
	}
	return []node{
		tool("get_tool_catalog", "List the tools for records with what they do. Start here.",
			node{"categories": many(typed("string"))}),
		tool("learn_tools", "Get the arguments of tools by their names.",
			node{"toolNames": many(typed("string"))}, "toolNames"),
		tool("execute_tool", "Run a tool of the catalog.", node{"toolName": typed("string"),
			"arguments": typed("object")}, "toolName", "arguments"),
		tool("list_object_metadata_names", "List the names of the objects of the workspace.", node{}),
	}
}
