// Package agents serves a mockserver to coding agents by the Model Context Protocol.
//
//	server := agents.New(agents.Options{Client: c, Version: "1.0"})
//	err := server.Run(ctx, &mcp.StdioTransport{})
//
// Each tool is one question to the control plane or one request to a fake, so an agent can do what a client of the
// control plane can do, and nothing else. A fault of a call comes back as the tool's error, with the nearest
// valid name, since a model does not see errors of the protocol.
//
// There are no resources, prompts or subscriptions. The fake of Twenty has a Model Context Protocol endpoint as well,
// which is the vendor's and has nothing to do with this package.
package agents

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake/nearest"
)

// Options of a server.
type Options struct {
	Client  *client.Client // of the mockserver
	Version string
	Verify  Verify // runs the contract suite; without it there is no such tool
}

// Verify replays the cases below a path, or the project's own ones if it is empty, against the fakes of this process.
// An empty fake means all fakes. The report is JSON.
type Verify func(ctx context.Context, path, fake string) (report json.RawMessage, err error)

const instructions = `Stateful fakes of SaaS APIs, with worlds: isolated copies of all fakes with rows, a clock,
credentials and a journal. Make a world first and use its URLs and credentials; they name the fakes.
If a fake refuses a request, explain_request says which rule refused it, with its evidence, and gives the nearest valid
request. Times of jobs and webhooks are on the world's clock: advance_clock.`

// server is the state of the tools.
type server struct {
	client *client.Client
	verify Verify
	tools  []string
	mcp    *mcp.Server
}

// New returns a server of the Model Context Protocol.
func New(o Options) *mcp.Server {
	s := &server{client: o.Client, verify: o.Verify}
	s.mcp = mcp.NewServer(&mcp.Implementation{Name: "mockserver", Title: "mockserver", Version: o.Version},
		&mcp.ServerOptions{Instructions: instructions})
	s.addLooking()
	s.addWorlds()
	s.addActing()
	s.mcp.AddReceivingMiddleware(s.refuseUnknownTools)
	return s.mcp
}

// Handler serves a server over streamable HTTP. It does not check who asks.
func Handler(s *mcp.Server) http.Handler {
	return mcp.NewStreamableHTTPHandler(func(*http.Request) *mcp.Server { return s },
		&mcp.StreamableHTTPOptions{DisableLocalhostProtection: true, SessionTimeout: time.Hour})
}

// refuseUnknownTools answers calls of tools that are not there with the nearest name.
func (s *server) refuseUnknownTools(next mcp.MethodHandler) mcp.MethodHandler {
	return func(ctx context.Context, method string, r mcp.Request) (mcp.Result, error) {
		call, ok := r.GetParams().(*mcp.CallToolParamsRaw)
		if ok && !slices.Contains(s.tools, call.Name) {
			return failed(fmt.Errorf("no tool %q%s; tools: %s", call.Name, nearest.Hint(call.Name, s.tools),
				strings.Join(s.tools, ", "))), nil
		}
		return next(ctx, method, r)
	}
}

// add adds a tool whose arguments are the fields of In.
func add[In any](s *server, name, about string, reads bool, do func(context.Context, In) (any, error)) {
	s.tools = append(s.tools, name)
	s.mcp.AddTool(&mcp.Tool{Name: name, Description: about, InputSchema: schemaOf[In](),
		Annotations: &mcp.ToolAnnotations{ReadOnlyHint: reads, OpenWorldHint: new(false)}},
		func(ctx context.Context, r *mcp.CallToolRequest) (*mcp.CallToolResult, error) {
			var in In
			if err := decode(r.Params.Arguments, &in); err != nil {
				return failed(fmt.Errorf("%s: %w", name, err)), nil
			}
			out, err := do(ctx, in)
			if err != nil {
				return failed(err), nil
			}
			return result(out), nil
		})
}

// failed is the result of a call that went wrong.
func failed(err error) *mcp.CallToolResult {
	return &mcp.CallToolResult{IsError: true, Content: []mcp.Content{&mcp.TextContent{Text: err.Error()}}}
}

// result is a value as JSON, as text and in its structure.
func result(v any) *mcp.CallToolResult {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return failed(err)
	}
	return &mcp.CallToolResult{StructuredContent: json.RawMessage(bytes.TrimSpace(text.Bytes())),
		Content: []mcp.Content{&mcp.TextContent{Text: strings.TrimSpace(text.String())}}}
}

// object is a JSON object.
type object = map[string]any

// in returns the path of a route of a world, of the default one without a name.
func in(world, rest string) string {
	if world == "" {
		world = "default"
	}
	return "/worlds/" + url.PathEscape(world) + rest
}

// get asks the control plane for an object.
func (s *server) get(ctx context.Context, path string) (any, error) {
	return s.call(ctx, http.MethodGet, path, nil)
}

func (s *server) call(ctx context.Context, method, path string, body any) (any, error) {
	var out object
	if _, err := s.client.Call(ctx, method, path, body, &out); err != nil {
		return nil, err
	}
	if out == nil {
		out = object{"done": true}
	}
	return out, nil
}

// query returns a query of the values that are not empty, "" without any.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" && pairs[i+1] != "0" && pairs[i+1] != "false" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
