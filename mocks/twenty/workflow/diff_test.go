package workflow

import (
	"encoding/json"
	"testing"
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ was, now, want string }{
		{`{"a":1}`, `{"a":1}`, `null`},
		{`{"a":null}`, `{"a":[1]}`, `[{"path":["a"],"type":"CHANGE","value":[1],"oldValue":null}]`},
		{`{"a":{"bb":1,"c":2}}`, `{"a":{"bb":3,"d":4}}`,
			`[{"type":"REMOVE","path":["a","c"],"oldValue":2},` +
				`{"path":["a","bb"],"type":"CHANGE","value":3,"oldValue":1},` +
				`{"type":"CREATE","path":["a","d"],"value":4}]`},
		{`{"a":[1,2]}`, `{"a":[3]}`,
			`[{"path":["a",0],"type":"CHANGE","value":3,"oldValue":1},{"type":"REMOVE","path":["a",1],"oldValue":2}]`},
		{`{"a":{}}`, `{"a":[]}`, `[{"path":["a"],"type":"CHANGE","value":[],"oldValue":{}}]`},
	} {
		var was, now any
		if json.Unmarshal([]byte(c.was), &was) != nil || json.Unmarshal([]byte(c.now), &now) != nil {
			t.Fatal(c)
		}
		got, err := json.Marshal(differences(nil, was, now))
		if err != nil || string(got) != c.want {
			t.Errorf("%s to %s: %s", c.was, c.now, got)
		}
	}
}
