package agents

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake/nearest"
)

// addActing adds the tools that ask the fakes.
func (s *server) addActing() {
	add(s, "send_request", "Send a request to a fake as one of its principals. Answers status, header, body "+
		"and the id in the journal, for explain_request.", false, s.sendRequest)
	add(s, "play_story", "Play a story in a world, which is made if there is none: all of it, or its next step.", false,
		s.playStory)
}

type sendArguments struct {
	Fake   string            `json:"fake" doc:"The fake to ask."`
	Method string            `json:"method" doc:"The method, like POST."`
	Path   string            `json:"path" doc:"Path and query at the fake's root, like /v1/tickets?page=2."`
	As     string            `json:"as,omitempty" doc:"The principal whose credential is sent, as make_world names it."`
	World  string            `json:"world,omitempty" doc:"The world; the default one without."`
	Header map[string]string `json:"header,omitempty" doc:"Further header fields."`
	Body   any               `json:"body,omitempty" doc:"The body: a text is sent as it is, anything else as JSON."`
}

// agentHeader marks the requests of an agent in the journal.
const agentHeader = "Mockserver-Agent"

// mostBody bounds the text of an answer, in bytes. Journals keep as much.
const mostBody = 64 << 10

func (s *server) sendRequest(ctx context.Context, a sendArguments) (any, error) {
	if !strings.HasPrefix(a.Path, "/") {
		return nil, fmt.Errorf("send_request: path %q: expected a path that begins with /", a.Path)
	}
	world, err := s.worldOf(ctx, a.World)
	if err != nil {
		return nil, err
	}
	if err := checkFake(a.Fake, world.URLs); err != nil {
		return nil, err
	}
	header, body, err := s.prepare(ctx, world, a)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Send(ctx, strings.ToUpper(a.Method), world.URLs[a.Fake]+a.Path, header, body)
	if err != nil {
		return nil, err
	}
	out := object{"status": answer.Status, "header": plainHeader(answer.Header), "body": shortBody(answer)}
	if id := s.entry(ctx, a.World, header.Get(agentHeader)); id != "" {
		out["id"] = id
	}
	return out, nil
}

// reached is a world with how to reach it.
type reached struct {
	URLs        map[string]string
	Credentials map[string][]struct{ Principal, State, Value string }
}

// worldOf returns a world that exists.
func (s *server) worldOf(ctx context.Context, name string) (w reached, err error) {
	if err := s.client.Get(ctx, in(name, ""), nil); err != nil {
		return w, err
	}
	_, err = s.client.Call(ctx, http.MethodPut, in(name, ""), object{}, &w)
	return w, err
}

// prepare returns header and body of a request.
func (s *server) prepare(ctx context.Context, w reached, a sendArguments) (http.Header, []byte, error) {
	header := http.Header{}
	header.Set("User-Agent", "mockserver-agent")
	if a.As != "" {
		value, err := w.credential(a.Fake, a.As)
		if err != nil {
			return nil, nil, err
		}
		name, value, err := s.client.CredentialHeader(ctx, a.Fake, value)
		if err != nil {
			return nil, nil, err
		}
		header.Set(name, value)
	}
	body, err := bodyOf(a.Body, header)
	for name, value := range a.Header {
		header.Set(name, value)
	}
	header.Set(agentHeader, rand.Text())
	return header, body, err
}

func bodyOf(v any, header http.Header) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []byte(v), nil
	}
	header.Set("Content-Type", "application/json")
	return json.Marshal(v)
}

// credential returns the credential of a principal.
func (w reached) credential(fake, principal string) (string, error) {
	var known []string
	for _, one := range w.Credentials[fake] {
		if one.Principal == principal && one.State == "valid" {
			return one.Value, nil
		}
		known = append(known, one.Principal)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	return "", fmt.Errorf("%s has no principal %q%s; principals: %s", fake, principal, nearest.Hint(principal, known),
		strings.Join(known, ", "))
}

// entry returns the identifier of the request with a mark, "" if the journal has lost it.
func (s *server) entry(ctx context.Context, world, mark string) string {
	var found struct{ Requests []struct{ Entry string } }
	pattern := object{"allowDropped": true, "headers": object{agentHeader: object{"equalTo": mark}}}
	if s.client.Post(ctx, in(world, "/journal/find"), pattern, &found) != nil || len(found.Requests) == 0 {
		return ""
	}
	return found.Requests[0].Entry
}

func plainHeader(h http.Header) map[string]string {
	out := map[string]string{}
	for name := range h {
		out[name] = strings.Join(h[name], ", ")
	}
	return out
}

// shortBody returns a body, decoded if it is JSON. One that is too long is cut and becomes a text.
func shortBody(a *client.Answer) any {
	if len(a.Body) > mostBody {
		return strings.ToValidUTF8(string(a.Body[:mostBody]), "") + "…"
	}
	return a.JSON()
}

type storyArguments struct {
	Story string `json:"story" doc:"The story, as list_stories names it."`
	World string `json:"world,omitempty" doc:"The world to play in; the one with the story's name without."`
	Step  bool   `json:"step,omitempty" doc:"Take only the next step."`
	Reset bool   `json:"reset,omitempty" doc:"Start again in the world as it was made."`
}

func (s *server) playStory(ctx context.Context, a storyArguments) (any, error) {
	if a.Step && a.Reset {
		return nil, errors.New("play_story: give step or reset, not both")
	}
	path := "/stories/" + url.PathEscape(a.Story)
	order := object{"world": a.World, "reset": a.Reset}
	if a.Step {
		return s.call(ctx, http.MethodPost, path+"/step", order)
	}
	return s.call(ctx, http.MethodPost, path+"/play", order)
}
