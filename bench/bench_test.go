// Package bench_test measures what a request to a fake costs beside one to a bare handler that writes a body of
// the same size. The figure to compare is cpu-us/op: CPU time of client and server together, which a busy
// machine disturbs less than the time on the clock.
//
//	go test -run '^$' -bench . -cpu 2 ./bench
package bench_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// rows is how many records the lists are filtered from.
const rows = 10_000

func BenchmarkKickflow(b *testing.B) {
	users := make([]kickflow.User, rows)
	for i := range users {
		users[i] = kickflow.User{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Code: fmt.Sprint("u", i), Email: fmt.Sprintf("u%d@example.com", i), LastName: "Bench", FirstName: fmt.Sprint(i), Status: "suspended"}
		if i%100 == 0 {
			users[i].Status = "invited"
		}
	}
	url := serve(b, kickflow.Def(), func(s *fake.State) error {
		t := fake.TableOf[kickflow.User](s, "users")
		for _, u := range users {
			if _, err := t.Insert(u); err != nil {
				return err
			}
		}
		return nil
	})
	token := "Bearer " + kickflow.AdminToken
	beside(b, "get", request{"GET", url + "/v1/users/" + users[5000].ID, token, nil})
	beside(b, "page", request{"GET", url + "/v1/users?status[]=invited&perPage=25", token, nil})
	n := 0
	beside(b, "post", request{"POST", url + "/v1/categories", token, func() string { n++; return fmt.Sprintf(`{"name":"Category %d"}`, n) }})
}

func BenchmarkTwenty(b *testing.B) {
	url := serve(b, twenty.Def(), nil)
	token := "Bearer " + credential(b, twenty.Def())
	for i := 0; i < rows; i += 200 {
		companies := make([]string, 200)
		for j := range companies {
			companies[j] = fmt.Sprintf(`{"id":"c0000000-0000-4000-8000-%012d","name":"%c%d Ltd"}`, i+j, 'A'+(i+j)%26, i+j)
		}
		body := "[" + strings.Join(companies, ",") + "]"
		request{"POST", url + "/rest/batch/companies", token, func() string { return body }}.send(b)
	}
	beside(b, "get", request{"GET", url + "/rest/companies/c0000000-0000-4000-8000-000000005000", token, nil})
	beside(b, "page", request{"GET", url + "/rest/companies?limit=25&filter=name%5BstartsWith%5D:%22B%22", token, nil})
	n := 0
	beside(b, "post", request{"POST", url + "/rest/companies", token, func() string { n++; return fmt.Sprintf(`{"name":"New %d"}`, n) }})
}

// BenchmarkFork measures a copy of a world in which every fake has its seed.
func BenchmarkFork(b *testing.B) {
	srv, err := fake.New(fake.Options{MaxWorlds: 1 << 30}, mocks.All()...)
	if err != nil {
		b.Fatal(err)
	}
	home, _ := srv.World("default")
	for _, def := range srv.Defs() {
		if _, err := home.State(def.Name); err != nil {
			b.Fatal(err)
		}
	}
	n := 0
	for b.Loop() {
		n++
		name := fmt.Sprint("fork", n)
		if _, err := srv.NewWorld(name, fake.Settings{}, home); err != nil {
			b.Fatal(err)
		}
		if err := srv.Drop(name); err != nil {
			b.Fatal(err)
		}
	}
}

// serve starts a fake as the binary does and returns its URL.
func serve(b *testing.B, def *fake.Def, started func(*fake.State) error) string {
	b.Helper()
	srv, err := fake.New(fake.Options{Settings: fake.Settings{LimitsOff: true}, Started: started}, def)
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(srv.Handler(def.Name))
	b.Cleanup(web.Close)
	return web.URL
}

func credential(b *testing.B, def *fake.Def) string {
	b.Helper()
	srv, err := fake.New(fake.Options{}, def)
	if err != nil {
		b.Fatal(err)
	}
	world, _ := srv.World("default")
	state, err := world.State(def.Name)
	if err != nil {
		b.Fatal(err)
	}
	return def.Known(state)[0].Value
}

type request struct {
	method, url, authorization string
	body                       func() string
}

// send makes the request and returns the answer's body.
func (r request) send(b *testing.B) []byte {
	var text io.Reader
	if r.body != nil {
		text = strings.NewReader(r.body())
	}
	req, err := http.NewRequest(r.method, r.url, text)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", r.authorization)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	if res.StatusCode > 299 {
		b.Fatalf("%s %s: %s %s", r.method, r.url, res.Status, answer)
	}
	return answer
}

// beside measures a request to a fake, and one to a bare handler with an answer of the same size.
func beside(b *testing.B, name string, r request) {
	answer := r.send(b)
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		io.Copy(io.Discard, hr.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(answer)
	}))
	b.Cleanup(bare.Close)
	var cost float64
	b.Run(name+"/bare", func(b *testing.B) {
		plain := r
		plain.url = bare.URL
		cost = measure(b, plain)
	})
	b.Run(name+"/fake", func(b *testing.B) {
		if own := measure(b, r); cost > 0 {
			b.ReportMetric(own/cost, "x-bare")
		}
	})
}

func measure(b *testing.B, r request) float64 {
	r.send(b)
	start := cpu()
	for b.Loop() {
		r.send(b)
	}
	each := float64(cpu()-start) / float64(time.Microsecond) / float64(b.N)
	b.ReportMetric(each, "cpu-us/op")
	return each
}

// cpu returns the CPU time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
