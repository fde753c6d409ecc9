package stub

import (
	"encoding/json"
	"fmt"

	"github.com/afba07b5/mockserver/fake/match"
)

// Change is what is different in the fake's own answer. What is zero stays.
type Change struct {
	Status   int    `json:"status"`
	JSONPath string `json:"jsonPath"` // of the one value that Value replaces
	Value    any    `json:"value"`

	path *match.Path
}

// Dribble sends a body in parts over a time.
type Dribble struct {
	Chunks   int     `json:"numberOfChunks"`
	Duration float64 `json:"totalDuration"` // in milliseconds
}

// Apply changes the body of the fake's own answer.
func (c *Change) Apply(body []byte) ([]byte, error) {
	if c.path == nil {
		return body, nil
	}
	document, err := decode(string(body))
	if err != nil {
		return nil, fmt.Errorf("the fake's answer is not JSON, so %s is nowhere in it", c.JSONPath)
	}
	if err := c.path.Set(document, c.Value); err != nil {
		return nil, fmt.Errorf("the fake's answer: %v", err)
	}
	return json.Marshal(document)
}
