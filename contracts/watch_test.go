package contracts

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestOtherAnswersAreJudgedInPlace judges other answers in the place of one and checks that the
// conversation continues unaffected.
func TestOtherAnswersAreJudgedInPlace(t *testing.T) {
	t.Parallel()
	suite, err := Load(shopCase(shopSteps), Config{Fakes: []string{"shop"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	err = suite.Watch(context.Background(), &shop{}, suite.Cases[0], func(s *Exchange) bool {
		other := &Answer{
			Status: s.Answer.Status,
			Header: http.Header{"Content-Type": {"text/plain"}},
			Body:   strings.Replace(s.Answer.Body, "00000001-", "00000002-", 1),
		}
		paths := []string{s.Request.Method}
		for _, a := range []*Answer{other, other, s.Answer} {
			for _, d := range s.Judge(a) {
				paths = append(paths, d.Path)
			}
			paths = append(paths, "|")
		}
		seen = append(seen, strings.Join(paths, " "))
		return true
	})
	want := []string{ // the first answer binds the id, so another one differs only later
		"POST header Content-Type | header Content-Type | |",
		"GET header Content-Type $.self | header Content-Type $.self | |",
		"GET header Content-Type $.self | header Content-Type $.self | |",
	}
	if diff := cmp.Diff(want, seen); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWatchingCanEnd(t *testing.T) {
	t.Parallel()
	suite, err := Load(shopCase(shopSteps), Config{Fakes: []string{"shop"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := suite.Watch(context.Background(), &shop{}, suite.Cases[0],
		func(*Exchange) bool { n++; return n < 2 }); err != nil || n != 2 {
		t.Errorf("%d interactions, %v", n, err)
	}
}

func TestWhatACaseIsWrittenToTouch(t *testing.T) {
	t.Parallel()
	files := shopCase(strings.Replace(shopSteps, `url: "/things/{{lamp}}"`,
		`url: "{{base}}/things/{{lamp}}?x={{credential:the boss}}", host: eu.shop.example`, 1))
	files["shop/recorded/case.yaml"] = files["shop/find/case.yaml"]
	recorded := *files["shop/find/steps.yaml"]
	recorded.Data = []byte(cassetteText)
	files["shop/recorded/cassette.yaml"] = &recorded
	suite, err := Load(files, Config{Fakes: []string{"shop"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range suite.Cases {
		touches, err := c.Hits()
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range touches {
			got = append(got,
				strings.Join([]string{c.Name, one.Request.Method, one.Request.Host, one.Request.URL.Path,
					one.Request.URL.RawQuery}, " "))
		}
	}
	want := []string{
		"shop/find POST  /things ",
		"shop/find GET eu.shop.example /things/placeholder x=placeholder",
		"shop/find GET eu.shop.example /things/placeholder x=placeholder",
		"shop/recorded GET shop.example /things ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !suite.Cases[0].Moves() || suite.Cases[1].Moves() {
		t.Error("the first case moves the clock, the second does not")
	}
}
