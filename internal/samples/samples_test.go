package samples

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTheTextOfASampleIsAStringOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, s := range All {
		if strings.Count(s.Body, "%s") != 1 || !strings.Contains(s.Body, `"%s"`) {
			t.Errorf(`%s: the body %s: expected "%%s" once, with nothing beside it between the quotes`, s.Fake, s.Body)
		}
	}
}

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
