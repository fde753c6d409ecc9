package flexcrm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// vendorSample is a sample of the vendor's pages without its texts: the keys of a body and of the answer in their
// order, each with its type.
//
// A type is "number", "text", "date" (a text, which may be empty), "null", "digits" (a number that older pages print
// as a text) or "=" and the value itself. {"json": x} is a text with JSON of the shape x. A list of one shape has
// items of that shape, an empty list has any items.
type vendorSample struct {
	Operation string
	Source    string
	Request   string
	Body      json.RawMessage // the shape of the body's sample
	Sent      json.RawMessage // our body of that shape
	Answer    json.RawMessage // the shape of the answer's sample
}

// sampleDeviation lists differences between a sample and the fake.
type sampleDeviation struct {
	Differences []string
	Reason      string
	Evidence    string // recorded, documented or inferred, with its source
}

// samplesOfAPage is the number of samples in support.flex-crm.com/api.html: 31 answers, 14 bodies and an error.
const samplesOfAPage = 46

// TestAnswersHaveTheShapeOfTheVendorsSamples compares keys, their order, types and JSON inside texts with all samples
// of the vendor's pages. testdata/deviations.json lists each difference with its reason. The test fails for a
// difference that is not listed and for a listed one that no longer exists.
func TestAnswersHaveTheShapeOfTheVendorsSamples(t *testing.T) {
	t.Parallel()
	var samples []vendorSample
	var listed []sampleDeviation
	readTestdata(t, "samples.json", &samples)
	readTestdata(t, "deviations.json", &listed)
	schemas := bodySchemas(t)
	var found []string
	count, without := 0, operationsOfTheVendor()
	for _, s := range samples {
		found = append(found, s.check(t)...)
		delete(without, s.Operation)
		if s.Source == "support.flex-crm.com/api.html" {
			count++
		}
		if s.Sent == nil {
			continue
		}
		count++
		found = append(found, compareKeys(s.Operation, schemas[s.Operation], keysOf(t, s.Body))...)
	}
	if count != samplesOfAPage || len(without) > 0 {
		t.Errorf("%d samples of the page, want %d; operations without one: %v", count, samplesOfAPage, without)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	for _, d := range listed {
		evidence, _, _ := strings.Cut(d.Evidence, ":")
		if !slices.Contains([]string{"recorded", "documented", "inferred"}, evidence) || d.Reason == "" {
			t.Errorf("no reason or evidence: %+v", d)
		}
		for _, difference := range d.Differences {
			at := slices.Index(found, difference)
			if at < 0 {
				t.Errorf("listed, and no longer a difference: %s", difference)
				continue
			}
			found = slices.Delete(found, at, at+1)
		}
	}
	for _, difference := range found {
		t.Errorf("not listed: %s", difference)
	}
}

// compareKeys returns the keys of a body that only the document or only the sample has. Bodies of records have no
// schema, because their keys depend on the table.
func compareKeys(operation string, document, sample []string) (out []string) {
	for _, key := range document {
		if !slices.Contains(sample, key) {
			out = append(out, operation+" document: "+key+" beyond the sample")
		}
	}
	for _, key := range sample {
		if document != nil && !slices.Contains(document, key) {
			out = append(out, operation+" document: without "+key)
		}
	}
	return out
}

func readTestdata(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// operationsOfTheVendor returns the operations that the vendor's pages describe. Re-application has one sample for
// the two methods that the fake accepts.
func operationsOfTheVendor() map[string]bool {
	out := map[string]bool{}
	for _, op := range flexcrm.Def().Spec.Operations() {
		if !strings.HasPrefix(op.Path, "/__flexcrm") && op.ID != "reapplyByPost" {
			out[op.ID] = true
		}
	}
	return out
}

// bodySchemas returns the keys that the document has for the body of each operation, sorted.
func bodySchemas(t *testing.T) map[string][]string {
	t.Helper()
	var document struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	text, err := os.ReadFile("openapi.json")
	if err == nil {
		err = json.Unmarshal(text, &document)
	}
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, item := range document.Paths {
		for _, text := range item {
			var op struct {
				OperationID string
				RequestBody struct {
					Ref string `json:"$ref"`
				}
			}
			if json.Unmarshal(text, &op) != nil || op.RequestBody.Ref == "" {
				continue
			}
			name := op.RequestBody.Ref[strings.LastIndexByte(op.RequestBody.Ref, '/')+1:]
			for key := range document.Components.Schemas[name].Properties {
				out[op.OperationID] = append(out[op.OperationID], key)
			}
			slices.Sort(out[op.OperationID])
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d operations have a body", len(out))
	}
	return out
}

// samplePage has tables with the fields of the vendor's samples.
func samplePage(t *testing.T) *fake.TestServer {
	t.Helper()
	page := sample
	page.Fields = nil
	for _, id := range strings.Fields("title text number select date address tel mail user file data computation") {
		at := slices.IndexFunc(sample.Fields, func(f flexcrm.Field) bool { return f.ID == id })
		page.Fields = append(page.Fields, sample.Fields[at])
	}
	fields := flexcrm.Table{ID: "selected", Name: "項目", Fields: []flexcrm.Field{
		{ID: "code", Name: "a", Type: flexcrm.Text}, {ID: "title", Name: "b", Type: flexcrm.Text},
		{ID: "text", Name: "c", Type: flexcrm.Text}, {ID: "text2", Name: "d", Type: flexcrm.Tel},
		{ID: "number", Name: "e", Type: flexcrm.Mail}, sample.Fields[3]}}
	return flexcrm.NewServer(t, flexcrm.WithTable(page), flexcrm.WithTable(fields),
		flexcrm.WithRecords("abcde123", map[string]any{"title": "見積", "number": "1", "select": "2,3",
			"date": "2019-01-01", "address_zip": "1000005", "address_state": "東京都", "user": "3", "data": "C-0002"}))
}

// check sends the request of a sample, a body as JSON and as a form, and returns the differences.
func (s vendorSample) check(t *testing.T) (out []string) {
	t.Helper()
	method, path, _ := strings.Cut(s.Request, " ")
	bodies := map[string]string{"application/json": string(s.Sent)}
	switch {
	case s.Operation == "uploadFile":
		bodies = map[string]string{"multipart/form-data; boundary=b": "--b\r\n" +
			"Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--b--\r\n"}
	case s.Sent != nil:
		out = append(out, compareShapes(s.Operation+" body", parseOrdered(t, s.Body), parseOrdered(t, s.Sent))...)
		bodies["application/x-www-form-urlencoded"] = formOf(t, s.Sent)
	}
	for media, body := range bodies {
		status, answer := call{method: method, path: path, media: media, body: body}.send(t, samplePage(t))
		if want := s.Operation != ""; (status < 300) != want {
			t.Errorf("%s %s %s: %d %s", s.Request, media, body, status, answer)
			continue
		}
		out = append(out, compareShapes(strings.TrimSpace(s.Operation+" answer"), parseOrdered(t, s.Answer),
			parseOrdered(t, []byte(answer)))...)
	}
	return out
}

// formOf is a JSON object as a form, with nested values as JSON.
func formOf(t *testing.T, object json.RawMessage) string {
	values := url.Values{}
	for _, m := range parseOrdered(t, object).(orderedObject) {
		text, ok := m.value.(string)
		if !ok {
			text = string(m.raw)
		}
		values.Set(m.key, text)
	}
	return values.Encode()
}

func keysOf(t *testing.T, object json.RawMessage) []string {
	return parseOrdered(t, object).(orderedObject).keys()
}

// orderedObject is a JSON object in the order of its keys.
type orderedObject []orderedMember

type orderedMember struct {
	key   string
	value any
	raw   json.RawMessage
}

func (o orderedObject) keys() (keys []string) {
	for _, m := range o {
		keys = append(keys, m.key)
	}
	return keys
}

// parseOrdered parses JSON into orderedObject, []any, string, json.Number, bool and nil.
func parseOrdered(t *testing.T, text []byte) any {
	t.Helper()
	v, err := decodeOrdered(text)
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func decodeOrdered(text []byte) (any, error) {
	text = bytes.TrimSpace(text)
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if !bytes.HasPrefix(text, []byte("{")) && !bytes.HasPrefix(text, []byte("[")) {
		var v any
		err := d.Decode(&v)
		return v, err
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	object, list := orderedObject{}, []any{}
	for d.More() {
		var m orderedMember
		if text[0] == '{' {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			m.key, _ = key.(string)
		}
		err := d.Decode(&m.raw)
		if err == nil {
			m.value, err = decodeOrdered(m.raw)
		}
		if err != nil {
			return nil, err
		}
		object, list = append(object, m), append(list, m.value)
	}
	if text[0] == '{' {
		return object, nil
	}
	return list, nil
}

var (
	dateShape  = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})?$`)
	digitShape = regexp.MustCompile(`^\d*$`)
)

// compareShapes returns where a value differs from the shape of a sample.
func compareShapes(at string, want, got any) []string {
	switch want := want.(type) {
	case string:
		if !hasType(want, got) {
			return []string{fmt.Sprintf("%s: %s in the sample, %s here", at, want, typeOf(want, got))}
		}
		return nil
	case []any:
		return compareLists(at, want, got)
	}
	shape := want.(orderedObject)
	if keys := shape.keys(); slices.Equal(keys, []string{"json"}) {
		text, _ := got.(string)
		inner, err := decodeOrdered([]byte(text))
		if err != nil || text == "" {
			return []string{fmt.Sprintf("%s: JSON in a text in the sample, %s here", at, typeOf("", got))}
		}
		return compareShapes(at+" as JSON", shape[0].value, inner)
	}
	object, ok := got.(orderedObject)
	if !ok {
		return []string{fmt.Sprintf("%s: an object in the sample, %s here", at, typeOf("", got))}
	}
	if !slices.Equal(shape.keys(), object.keys()) {
		return []string{fmt.Sprintf("%s: the keys %s in the sample, %s here", at, strings.Join(shape.keys(), " "),
			strings.Join(object.keys(), " "))}
	}
	var out []string
	for i, m := range shape {
		out = append(out, compareShapes(at+" "+m.key, m.value, object[i].value)...)
	}
	return out
}

// compareLists compares each item with the only item of a sample, or item by item.
func compareLists(at string, want []any, got any) (out []string) {
	list, ok := got.([]any)
	_, plain := slices.Concat(want, []any{""})[0].(string)
	switch {
	case !ok:
		return []string{fmt.Sprintf("%s: a list in the sample, %s here", at, typeOf("", got))}
	case len(want) > 1 && len(want) != len(list) || len(list) == 0 && !plain:
		return []string{fmt.Sprintf("%s: %d items in the sample, %d here", at, len(want), len(list))}
	case len(want) == 0:
		return nil
	}
	for i, item := range list {
		out = append(out, compareShapes(at, want[min(i, len(want)-1)], item)...)
	}
	return out
}

func hasType(want string, got any) bool {
	text, isText := got.(string)
	_, isNumber := got.(json.Number)
	switch want {
	case "number":
		return isNumber
	case "digits":
		return isNumber || isText && digitShape.MatchString(text)
	case "text":
		return isText
	case "date":
		return isText && dateShape.MatchString(text)
	case "null":
		return got == nil
	}
	return isText && "="+text == want
}

func typeOf(want string, got any) string {
	switch got := got.(type) {
	case string:
		if strings.HasPrefix(want, "=") || want == "date" {
			return "=" + got
		}
		return "text"
	case json.Number:
		return "number"
	case nil:
		return "null"
	case orderedObject:
		return "an object"
	case []any:
		return "a list"
	}
	return "true or false"
}
