package samples

import (
	"encoding/json"
	"testing"
)

func TestBodiesOfASampleDiffer(t *testing.T) {
	t.Parallel()
	s := Sample{Body: `{"name":"%s","email":"{fresh}@example.com"}`}
	var one, two struct{ Name, Email string }
	if err := json.Unmarshal([]byte(s.BodyOf(`a \"quoted\" %d`)), &one); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(s.BodyOf("")), &two); err != nil {
		t.Fatal(err)
	}
	if one.Name != `a "quoted" %d` || one.Email == two.Email {
		t.Errorf("%+v, then %+v", one, two)
	}
}
