package kickflow_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// BenchmarkKickflow compares requests with a bare handler that writes a body of the same size, over
// loopback. The relevant metric is cpu-ns/op: the CPU time of client and server together.
//
//	go test ./mocks/kickflow -run '^$' -bench Kickflow
func BenchmarkKickflow(b *testing.B) {
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, kickflow.Def())
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(srv.Handler("kickflow"))
	defer web.Close()
	world, _ := srv.World("default")
	state, err := world.State("kickflow")
	if err != nil {
		b.Fatal(err)
	}
	users := fake.TableOf[kickflow.User](state, "users")
	err = state.Change(func() error {
		for i := range 10_000 {
			status := []string{"activated", "activated", "invited", "suspended"}[i%4]
			if _, err := users.Insert(kickflow.User{Code: fmt.Sprintf("u%05d", i), LastName: "User",
				FirstName: fmt.Sprint(i), Status: status}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	grade := func() string { n++; return fmt.Sprintf(`{"name": "Grade %d", "level": 3}`, n) }
	for _, one := range []struct {
		name, method, path string
		body               func() string
	}{
		{"get", "GET", "/v1/users/u00042", nil},
		{"get grade", "GET", "/v1/grades/staff", nil},
		{"page", "GET", "/v1/users?status[]=activated&page=3", nil},
		{"page sorted", "GET", "/v1/users?status[]=activated&page=3&sortBy=email-desc", nil},
		{"post", "POST", "/v1/categories", func() string { n++; return fmt.Sprintf(`{"name": "Category %d"}`, n) }},
		{"post grade", "POST", "/v1/grades", grade},
		{"tickets", "GET", "/v1/tickets", nil},
		{"ticket", "GET", "/v1/tickets/70000000-0000-4000-8000-000000000005", nil},
	} {
		fixed, err := ask(one.method, web.URL+one.path, one.body)
		if err != nil {
			b.Fatal(err)
		}
		bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.Write(fixed)
		}))
		defer bare.Close()
		b.Run(one.name+"/bare", func(b *testing.B) { measure(b, one.method, bare.URL+one.path, one.body) })
		b.Run(one.name+"/fake", func(b *testing.B) { measure(b, one.method, web.URL+one.path, one.body) })
	}
}

func ask(method, url string, body func() string) ([]byte, error) {
	var text io.Reader
	if body != nil {
		text = strings.NewReader(body())
	}
	req, err := http.NewRequest(method, url, text)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != 200 {
		err = fmt.Errorf("%s %s: %s %s", method, url, res.Status, all)
	}
	return all, err
}

func measure(b *testing.B, method, url string, body func() string) {
	start := cpu.Time()
	for b.Loop() {
		if _, err := ask(method, url, body); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpu.Time()-start)/float64(b.N), "cpu-ns/op")
}
