// Package stub answers single requests in the place of a fake. A stub is a mapping as WireMock writes it: a
// request pattern and the definition of a response. A [Set] holds the stubs of a world with the states of their
// scenarios.
//
// What it does not do: WireMock's extensions, which are Java classes, webhooks and other actions after an answer,
// and a custom reason phrase in the status line.
package stub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/fake/match"
)

// Mapping is a stub as it is written.
type Mapping struct {
	ID               string          `json:"id"`
	Name             string          `json:"name,omitempty"`
	Request          json.RawMessage `json:"request"`
	Response         json.RawMessage `json:"response"`
	UUID             string          `json:"uuid"`
	Persistent       bool            `json:"persistent,omitempty"`
	Priority         *int            `json:"priority,omitempty"`
	Scenario         string          `json:"scenarioName,omitempty"`
	RequiredState    string          `json:"requiredScenarioState,omitempty"`
	NewState         string          `json:"newScenarioState,omitempty"`
	PostServeActions json.RawMessage `json:"postServeActions,omitempty"`    // refused unless empty
	Listeners        json.RawMessage `json:"serveEventListeners,omitempty"` // refused unless empty
	Metadata         json.RawMessage `json:"metadata,omitempty"`
	InsertionIndex   json.RawMessage `json:"insertionIndex,omitempty"` // read and forgotten
}

// Stub is a compiled Mapping. It does not change.
type Stub struct {
	Mapping
	Text     json.RawMessage // the mapping as WireMock shows it
	Pattern  *match.Pattern
	Response Definition

	metadata any
}

// Error says what is wrong with a mapping and points at it, as RFC 6901 does.
type Error = match.Error

var isUUID = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// Parse reads and compiles one mapping. An error is an *Error.
func Parse(text []byte) (*Stub, error) {
	var m Mapping
	if err := Decode(text, &m, ""); err != nil {
		return nil, err
	}
	return Compile(m)
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// Decode reads JSON and refuses keys that v does not have. pointer is where the text stands in a larger one.
func Decode(text []byte, v any, pointer string) error {
	if t := bytes.TrimSpace(text); len(t) == 0 || string(t) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.More() {
		err = errors.New("there is something after the JSON value")
	}
	if err == nil {
		return nil
	}
	if found := unknownField.FindStringSubmatch(err.Error()); found != nil {
		return at(pointer+"/"+found[1], "unknown field %q; known: %s", found[1], strings.Join(keys(v), ", "))
	}
	return &Error{Pointer: pointer, Detail: err.Error()}
}

// keys lists the JSON names of a struct.
func keys(v any) (names []string) {
	for f := range reflect.TypeOf(v).Elem().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// Compile compiles a mapping. It gives one without an identifier a new one.
func Compile(m Mapping) (*Stub, error) {
	if m.ID == "" {
		m.ID = m.UUID
	}
	if m.ID == "" {
		m.ID = uuid(rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())))
	}
	if !isUUID.MatchString(m.ID) {
		return nil, &Error{Pointer: "/id", Detail: fmt.Sprintf("%q is not a UUID", m.ID)}
	}
	m.ID = strings.ToLower(m.ID)
	m.UUID, m.InsertionIndex = m.ID, nil
	actions := map[string]*json.RawMessage{"postServeActions": &m.PostServeActions, "serveEventListeners": &m.Listeners}
	for name, raw := range actions {
		switch strings.Join(strings.Fields(string(*raw)), "") {
		case "", "null", "[]", "{}":
		default:
			return nil, at("/"+name, "%s: this server has no actions after an answer; "+
				"the fakes send their own webhooks", name)
		}
		*raw = nil
	}
	if m.Scenario == "" && m.RequiredState+m.NewState != "" {
		return nil, &Error{Pointer: "/scenarioName", Detail: "states go with a scenarioName"}
	}
	s := &Stub{}
	if err := s.compile(&m); err != nil {
		return nil, err
	}
	s.Mapping = m
	if len(m.Metadata) > 0 {
		if err := json.Unmarshal(m.Metadata, &s.metadata); err != nil {
			return nil, &Error{Pointer: "/metadata", Detail: err.Error()}
		}
	}
	text, err := json.Marshal(m)
	s.Text = text
	return s, err
}

// compile compiles request and response, and writes them with WireMock's defaults.
func (s *Stub) compile(m *Mapping) error {
	var spec match.Spec
	err := Decode(m.Request, &spec, "/request")
	if err != nil {
		return err
	}
	if s.Pattern, err = match.Compile(spec); err != nil {
		if e, ok := errors.AsType[*Error](err); ok {
			return &Error{Pointer: "/request" + e.Pointer, Detail: e.Detail}
		}
		return err
	}
	if m.Request, err = withDefault(m.Request, "method", "ANY"); err != nil {
		return err
	}
	if s.Response, err = parseDefinition(m.Response); err != nil {
		return err
	}
	m.Response, err = s.Response.wireMock(m.Response)
	return err
}

// withDefault returns an object with a key that it may lack.
func withDefault(raw json.RawMessage, key string, value any) (json.RawMessage, error) {
	object := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &object); err != nil {
			return nil, &Error{Detail: err.Error()}
		}
	}
	if object == nil {
		object = map[string]json.RawMessage{}
	}
	if object[key] == nil {
		object[key], _ = json.Marshal(value) // plain data
	}
	return json.Marshal(object)
}

// priority ranks stubs: 1 is tried first; WireMock's default is 5.
func (s *Stub) priority() int {
	if s.Priority == nil {
		return 5
	}
	return *s.Priority
}

// MatchesMetadata matches the stub's metadata with a condition as bodies have.
func (s *Stub) MatchesMetadata(condition *match.Condition) bool {
	return s.metadata != nil && condition.Match(match.Plain(s.metadata))
}
