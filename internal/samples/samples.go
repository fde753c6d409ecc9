// Package samples has one write and one read of each fake, for the tests that want any: of worlds, of the tools for
// agents, of the screens, of a server that stops. Those are written once and run on every fake. A fake has its sample
// in its document, mocks/<api>/openapi.yaml, under x-sample.
package samples

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// Sample is a write and a read of one fake. Paths are those below the fake's base URL. The write is sent often, to one
// world and to many: it succeeds with every text, and its answer has the text at most once, as a whole JSON string.
type Sample struct {
	Fake      string `json:"-"`
	Header    string `json:"-"`         // of the credential, after Def.Example: "Name: value" with %s
	Principal string `json:"principal"` // who may do both in the seed default
	// the path of a POST that makes a row in the seed default and, if the credentials of empty may do that, in empty
	Write string `json:"write"`
	// of the write, an object in the document, with "%s" for a text that is in the row, and {fresh} for a word of
	// letters and digits that no other write has, where a field is unique or takes no other text:
	// email: "{fresh}@example.com". {fresh:10} is ten digits, of 7 to 18.
	Body      string `json:"-"`
	Read      string `json:"read"`      // the path of a GET that shows the row
	Table     string `json:"table"`     // of the row
	Field     string `json:"field"`     // of the row that has the text, such as name or address.name
	Unknown   int    `json:"unknown"`   // the status for an unknown credential
	Rejection string `json:"rejection"` // a part of the body of that answer
}

// CredentialHeader returns the header that sends a credential.
func (s *Sample) CredentialHeader(credential string) string { return fmt.Sprintf(s.Header, credential) }

// BodyOf returns a body of the write with a text, which stands between quotes and is encoded for that already.
func (s *Sample) BodyOf(text string) string { return strings.ReplaceAll(Fresh(s.Body), "%s", text) }

var writes atomic.Int64

// FreshPattern matches {fresh} and the form with a number of digits.
var FreshPattern = regexp.MustCompile(`\{fresh(?::([0-9]+))?\}`)

// Fresh returns a body with a new word for {fresh}, or new digits.
func Fresh(body string) string {
	n := writes.Add(1)
	return FreshPattern.ReplaceAllStringFunc(body, func(found string) string {
		if digits := FreshPattern.FindStringSubmatch(found)[1]; digits != "" {
			return fmt.Sprintf("%0"+digits+"d", n)
		}
		return fmt.Sprint("fresh", n)
	})
}

// All has the samples of the fakes that have one, in the order of their ports. A test of this package fails for a fake
// without one.
var All = func() (all []*Sample) {
	for _, def := range mocks.All() {
		if s, err := read(def); err == nil {
			all = append(all, s)
		}
	}
	return all
}()

// Of returns the sample of a fake, or an error that says where it belongs.
func Of(name string) (*Sample, error) {
	for _, def := range mocks.All() {
		if def.Name == name {
			return read(def)
		}
	}
	return nil, fmt.Errorf("no fake %q", name)
}

// credentialHeader finds the header of the credential in Def.Example.
var credentialHeader = regexp.MustCompile(`-H ["']([^:]+: [^"']*)\{credential\}`)

const example = `
x-sample: # a write and a read, which the tests of worlds, tools and screens send; go doc ./internal/samples Sample
  principal: ada
  write: /v1/notes
  body: {text: "%s"}
  read: /v1/notes?limit=100
  table: notes
  field: text
  unknown: 401
  rejection: invalid token`

func read(def *fake.Def) (*Sample, error) {
	var document struct {
		Sample json.RawMessage `json:"x-sample"`
	}
	err := json.Unmarshal(def.Spec.JSON(), &document)
	var s struct {
		Sample
		Body json.RawMessage `json:"body"`
	}
	if err == nil && document.Sample == nil {
		err = errors.New("it is missing")
	}
	if err == nil {
		strict := json.NewDecoder(bytes.NewReader(document.Sample))
		strict.DisallowUnknownFields()
		err = strict.Decode(&s)
	}
	if err == nil {
		s.Sample.Fake, s.Sample.Body = def.Name, string(s.Body)
		err = s.check()
	}
	if err != nil {
		return nil, fmt.Errorf("mocks/%s/openapi.yaml: x-sample: %w. It stands at the top, beside paths, "+
			"such as\n%s\n\nThen run go generate ./mocks/%[1]s", def.Name, err, example)
	}
	header := credentialHeader.FindStringSubmatch(def.Example)
	if header == nil {
		return nil, fmt.Errorf("mocks/%s: Def.Example is %q; expected a curl command with -H 'NAME: {credential}'",
			def.Name, def.Example)
	}
	name, before, err := conduct.CredentialHeader(def.Spec.JSON())
	if said := name + ": " + before; err == nil && said != header[1] {
		err = fmt.Errorf("mocks/%s: Def.Example sends %q before the credential, and components.securitySchemes of "+
			"openapi.yaml say %q; expected the same, with type apiKey, in header and name, or with type http and "+
			"scheme bearer or basic", def.Name, header[1], said)
	}
	if err != nil {
		return nil, err
	}
	s.Header = header[1] + "%s"
	return &s.Sample, nil
}

// check names a key without a value.
func (s *Sample) check() error {
	for key, value := range map[string]string{"principal": s.Principal, "write": s.Write, "read": s.Read,
		"table": s.Table, "field": s.Field, "rejection": s.Rejection} {
		if value == "" {
			return errors.New("it lacks " + key)
		}
	}
	if s.Unknown == 0 {
		return errors.New("it lacks unknown")
	}
	for _, m := range FreshPattern.FindAllStringSubmatch(s.Body, -1) {
		if n, err := strconv.Atoi(m[1]); m[1] != "" && (err != nil || n < 7 || n > 18) {
			return fmt.Errorf("body has %s; expected 7 to 18 digits", m[0])
		}
	}
	if strings.Count(s.Body, "%s") != 1 || !strings.Contains(s.Body, `"%s"`) {
		return fmt.Errorf(`body is %s; expected "%%s" once, with nothing beside it between the quotes`, s.Body)
	}
	return nil
}
