package stub

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/afba07b5/mockserver/fake/match"
)

// Definition is a response as it is written. The fake's own answer, changed, is asked for by proxyToFake or by the
// transformer of that name; the second form is what WireMock's clients can write and read.
type Definition struct {
	Status         *int                       `json:"status"`
	StatusMessage  string                     `json:"statusMessage"` // only that of the status
	Body           *string                    `json:"body"`
	JSONBody       json.RawMessage            `json:"jsonBody"`
	Base64Body     *string                    `json:"base64Body"`
	BodyFileName   string                     `json:"bodyFileName"`
	Headers        map[string]json.RawMessage `json:"headers"`
	ProxyHeaders   map[string]json.RawMessage `json:"additionalProxyRequestHeaders"`
	RemoveHeaders  []string                   `json:"removeProxyRequestHeaders"`
	FixedDelay     *float64                   `json:"fixedDelayMilliseconds"`
	Distribution   *Distribution              `json:"delayDistribution"`
	Dribble        *Dribble                   `json:"chunkedDribbleDelay"`
	ProxyBaseURL   string                     `json:"proxyBaseUrl"`
	ProxyPrefix    string                     `json:"proxyUrlPrefixToRemove"`
	Fault          string                     `json:"fault"`
	Transformers   []string                   `json:"transformers"`
	Parameters     map[string]any             `json:"transformerParameters"`
	FromConfigured *bool                      `json:"fromConfiguredStub"` // read and forgotten
	ProxyToFake    json.RawMessage            `json:"proxyToFake"`

	change    *Change
	headers   map[string][]string
	templates map[string]*template // by text
	fixed     []byte               // the body
}

// toFake is the name of the transformer that stands for proxyToFake.
const toFake = "proxy-to-fake"

const templating = "response-template"

// faults are WireMock's faults in the words of fake/fault.
var faults = map[string]string{
	"EMPTY_RESPONSE": "empty", "MALFORMED_RESPONSE_CHUNK": "malformed",
	"RANDOM_DATA_THEN_CLOSE": "garbage", "CONNECTION_RESET_BY_PEER": "reset",
}

func parseDefinition(raw json.RawMessage) (d Definition, err error) {
	if err := Decode(raw, &d, "/response"); err != nil {
		return d, err
	}
	steps := []func() error{d.checkStatus, d.compileBody, d.compileHeaders, d.compileChange, d.checkDelays}
	for _, step := range steps {
		if err := step(); err != nil {
			if e, ok := err.(*Error); ok {
				return d, &Error{Pointer: "/response" + e.Pointer, Detail: e.Detail}
			}
			return d, &Error{Pointer: "/response", Detail: err.Error()}
		}
	}
	return d, nil
}

// at makes an error at a place of the response.
func at(pointer, format string, args ...any) error {
	return &Error{Pointer: pointer, Detail: fmt.Sprintf(format, args...)}
}

func (d *Definition) checkStatus() error {
	status := http.StatusOK
	if d.Status != nil {
		status = *d.Status
	}
	if status < 100 || status > 999 {
		return &Error{Pointer: "/status", Detail: fmt.Sprintf("%d is not a status", status)}
	}
	if d.StatusMessage != "" && d.StatusMessage != http.StatusText(status) {
		return at("/statusMessage", "the reason phrase of %d is %q here and cannot be another",
			status, http.StatusText(status))
	}
	if d.Fault != "" && faults[d.Fault] == "" {
		return at("/fault", "no fault %q; faults: %v", d.Fault, slices.Sorted(maps.Keys(faults)))
	}
	for i, name := range d.Transformers {
		if name != templating && name != toFake {
			return at(fmt.Sprintf("/transformers/%d", i), "no transformer %q here; transformers: %s, %s",
				name, templating, toFake)
		}
	}
	return nil
}

// compileBody refuses two bodies, and compiles a body that is a template.
func (d *Definition) compileBody() error {
	n, text := 0, ""
	if d.Body != nil {
		n, text = n+1, *d.Body
	}
	if len(d.JSONBody) > 0 && string(d.JSONBody) != "null" {
		n, text = n+1, string(compact(d.JSONBody))
	}
	d.fixed = []byte(text)
	if d.Base64Body != nil {
		body, err := base64.StdEncoding.DecodeString(*d.Base64Body)
		if err != nil {
			return &Error{Pointer: "/base64Body", Detail: err.Error()}
		}
		n, d.fixed, text = n+1, body, ""
	}
	if d.BodyFileName != "" {
		n++
	}
	if n > 1 {
		return fmt.Errorf("one of body, jsonBody, base64Body and bodyFileName, not %d of them", n)
	}
	return d.compileTemplates(text, d.BodyFileName, d.ProxyBaseURL)
}

// compileTemplates keeps the compiled forms of texts that are templates.
func (d *Definition) compileTemplates(texts ...string) error {
	if !slices.Contains(d.Transformers, templating) {
		return nil
	}
	if d.templates == nil {
		d.templates = map[string]*template{}
	}
	for _, text := range texts {
		t, err := compileTemplate(text)
		if err != nil {
			return err
		}
		d.templates[text] = t
	}
	return nil
}

func (d *Definition) compileHeaders() error {
	d.headers = map[string][]string{}
	for name, raw := range d.Headers {
		values, err := textOrList(raw)
		if err != nil {
			return &Error{Pointer: "/headers/" + name, Detail: "expected a text or a list of texts"}
		}
		if err := d.compileTemplates(values...); err != nil {
			return &Error{Pointer: "/headers/" + name, Detail: err.Error()}
		}
		d.headers[name] = values
	}
	return nil
}

// textOrList reads one text or a list of them.
func textOrList(raw json.RawMessage) (list []string, err error) {
	var one any
	if err := json.Unmarshal(raw, &one); err != nil {
		return nil, err
	}
	if _, ok := one.([]any); ok {
		return list, json.Unmarshal(raw, &list)
	}
	return []string{match.Plain(one)}, nil
}

// compileChange reads proxyToFake, from its own key or from the parameters of the transformer.
func (d *Definition) compileChange() error {
	raw := d.ProxyToFake
	if len(raw) == 0 && slices.Contains(d.Transformers, toFake) {
		raw, _ = json.Marshal(d.Parameters["proxyToFake"]) // came from JSON
	}
	switch string(raw) {
	case "", "false":
		return nil
	case "true", "null":
		d.change = &Change{}
	default:
		d.change = &Change{}
		if err := Decode(raw, d.change, "/proxyToFake"); err != nil {
			return err
		}
	}
	if d.Body != nil || d.Base64Body != nil || d.BodyFileName != "" || len(d.JSONBody) > 0 || d.ProxyBaseURL != "" {
		return at("/proxyToFake", "the fake answers, so a body has no place; "+
			"jsonPath and value change one value of its answer")
	}
	if d.Status != nil && *d.Status != http.StatusOK && d.change.Status == 0 {
		d.change.Status = *d.Status
	}
	if d.change.JSONPath == "" {
		return nil
	}
	var err error
	d.change.path, err = match.CompilePath(d.change.JSONPath)
	return err
}

func (d *Definition) checkDelays() error {
	if d.FixedDelay != nil && (*d.FixedDelay < 0 || *d.FixedDelay > longestDelay) {
		return &Error{Pointer: "/fixedDelayMilliseconds", Detail: fmt.Sprintf("expected 0 to %d", longestDelay)}
	}
	if d.Dribble != nil && (d.Dribble.Chunks < 1 || d.Dribble.Duration < 0 || d.Dribble.Duration > longestDelay) {
		return &Error{Pointer: "/chunkedDribbleDelay", Detail: "expected a numberOfChunks from 1 and a totalDuration"}
	}
	return d.Distribution.check("/delayDistribution")
}

// wireMock returns the definition with the keys that WireMock has.
func (d *Definition) wireMock(raw json.RawMessage) (json.RawMessage, error) {
	raw, err := withDefault(raw, "status", http.StatusOK)
	if err != nil || d.change == nil {
		return raw, err
	}
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	delete(object, "proxyToFake")
	if !slices.Contains(d.Transformers, toFake) {
		object["transformers"] = append(slices.Clone(d.Transformers), toFake)
	}
	parameters := maps.Clone(d.Parameters)
	if parameters == nil {
		parameters = map[string]any{}
	}
	parameters["proxyToFake"] = d.change
	object["transformerParameters"] = parameters
	return json.Marshal(object)
}
