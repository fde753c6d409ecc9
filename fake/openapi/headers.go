package openapi

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// declaredAnswer is the part of an answer in the document that Headers reads.
type declaredAnswer struct {
	Ref     string                     `json:"$ref"`
	Headers map[string]json.RawMessage `json:"headers"`
}

// Headers returns, sorted, the names of the headers that the document declares for answers with a
// status. It does not prepare the schemas of the answers.
func (o *Operation) Headers(status int) []string {
	o.headers.Do(func() {
		var op struct {
			Responses map[string]declaredAnswer `json:"responses"`
		}
		if err := json.Unmarshal(o.spec.paths[o.Path][strings.ToLower(o.Method)], &op); err != nil {
			panic(err) // Load has parsed it
		}
		o.headersBy = map[string][]string{}
		for code, answer := range op.Responses {
			o.headersBy[code] = slices.Sorted(maps.Keys(o.spec.resolveAnswer(answer).Headers))
		}
	})
	code := strconv.Itoa(status)
	if names, ok := o.headersBy[code]; ok {
		return names
	}
	return o.headersBy[code[:1]+"XX"]
}

// resolveAnswer follows the references of an answer to components.
func (s *Spec) resolveAnswer(a declaredAnswer) declaredAnswer {
	for a.Ref != "" {
		text := s.components["responses"][strings.TrimPrefix(a.Ref, "#/components/responses/")]
		a = declaredAnswer{}
		if err := json.Unmarshal(text, &a); err != nil {
			panic(err) // Load has parsed it
		}
	}
	return a
}
