package bench_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// childVariable is set in a process that serves instead of running tests. Its value is "bare", or the name of a fake
// and a number of rows, separated by a blank.
const childVariable = "MOCKSERVER_BENCH_SERVER"

func TestMain(m *testing.M) {
	if what := os.Getenv(childVariable); what != "" {
		if err := serveChild(what); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A child is a process with one server, whose CPU time is therefore not the client's. It has one thread for Go code.
type child struct {
	Addr  string            // host and port
	Words map[string]string // what requests need: credentials and tokens
}

// startChild starts a server that ends with the benchmark.
func startChild(b *testing.B, what string) *child {
	b.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+what, "GOMAXPROCS=1")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		c.Wait()
	})
	var started child
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&started); err != nil {
		b.Fatal(what, err)
	}
	return &started
}

// cpu returns the CPU time that the child has used, in microseconds.
func (c *child) cpu(b *testing.B) float64 {
	res, err := http.Get("http://" + c.Addr + "/__cpu")
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	var micros float64
	if _, err := fmt.Fscan(res.Body, &micros); err != nil {
		b.Fatal(err)
	}
	return micros
}

// serveChild serves until its standard input ends.
func serveChild(what string) error {
	var h http.Handler = new(bareServer)
	words := map[string]string{}
	if name, _, ok := strings.Cut(what, " "); ok {
		n := 0
		if _, err := fmt.Sscan(strings.TrimPrefix(what, name), &n); err != nil {
			return err
		}
		var err error
		if h, err = filledFake(name, n, words); err != nil {
			return err
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/__cpu":
			fmt.Fprintf(w, "%d", cpu.Time().Microseconds())
		case "/__profile": // a profile of the requests until the next call
			if profile != nil {
				pprof.StopCPUProfile()
				profile.Close()
			}
			profile, _ = os.Create(r.URL.Query().Get("to"))
			pprof.StartCPUProfile(profile)
		default:
			h.ServeHTTP(w, r)
		}
	}))
	if err := json.NewEncoder(os.Stdout).Encode(child{l.Addr().String(), words}); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	if profile != nil {
		pprof.StopCPUProfile()
	}
	return err
}

var profile *os.File

// bareServer is the handler that fakes are compared with. It answers what was PUT.
type bareServer struct {
	status int
	body   []byte
}

func (s *bareServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.Method == "PUT" && r.URL.Path == "/__answer" {
		s.body = body
		fmt.Sscan(r.URL.Query().Get("status"), &s.status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(s.body)))
	w.WriteHeader(s.status)
	w.Write(s.body)
}

// filledFake returns a fake with n rows, with a control plane as in the binary.
func filledFake(name string, n int, words map[string]string) (http.Handler, error) {
	def := map[string]*fake.Def{}
	for _, d := range mocks.All() {
		def[d.Name] = d
	}
	features := map[string]bool{"auto_approve": true}
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true, Features: features}}, def[name])
	if err != nil {
		return nil, err
	}
	control.New(srv, control.Options{Log: &control.Log{Out: io.Discard, Mode: "refusals"}})
	world, _ := srv.World("default")
	state, err := world.State(name)
	if err != nil {
		return nil, err
	}
	state.View(func() { words["credential"] = def[name].Known(state)[0].Value })
	h := srv.Handler(name)
	switch name {
	case "kickflow":
		words["credential"] = kickflow.AdminToken
		err = fillKickflow(state, n)
	case "flexcrm":
		words["credential"] = flexcrm.DemoKey
		err = fillFlexCRM(state, n)
	case "twenty":
		err = fillTwenty(h, words["credential"], n)
	case "flosum":
		words["refresh"], err = refreshToken(h)
	}
	return h, err
}

func fillKickflow(s *fake.State, n int) error {
	users := fake.TableOf[kickflow.User](s, "users")
	return s.Change(func() error {
		for i := range n {
			u := kickflow.User{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Code: fmt.Sprint("u", i),
				Email: fmt.Sprintf("u%d@example.com", i*7919%n), LastName: "Bench", FirstName: fmt.Sprint(i),
				Status: []string{"suspended", "activated", "deactivated", "activated"}[i%4]}
			if i%100 == 1 {
				u.Status = "invited"
			}
			if _, err := users.Insert(u); err != nil {
				return err
			}
		}
		return nil
	})
}

func fillFlexCRM(s *fake.State, n int) error {
	table := flexcrm.Table{ID: "big", Name: "big", Fields: []flexcrm.Field{
		{ID: "code", Name: "code", Type: flexcrm.OneLine, Unique: true},
		{ID: "title", Name: "title", Type: flexcrm.OneLine},
		{ID: "amount", Name: "amount", Type: flexcrm.Number}}}
	if err := flexcrm.Define(s, table); err != nil {
		return err
	}
	records := make([]map[string]any, n)
	for i := range records {
		records[i] = map[string]any{"id": i + 1000, "code": fmt.Sprint("C", i), "title": fmt.Sprint("t", i*7919%n),
			"amount": i * 31 % 1000}
	}
	return flexcrm.Create(s, "big", records...)
}

// fillTwenty makes n people, every hundred of which have a company.
func fillTwenty(h http.Handler, key string, n int) error {
	var companies, people []string
	for i := range n {
		if i%100 == 0 {
			companies = append(companies, fmt.Sprintf(`{"id":%q,"name":"Company %d"}`, companyID(i/100), i/100))
		}
		people = append(people, fmt.Sprintf(`{"id":%q,"name":{"firstName":"F%d","lastName":"C%d"},"jobTitle":"J%d",`+
			`"emails":{"primaryEmail":"p%d@example.com"},"companyId":%q}`, personID(i), i*7919%n, i%100,
			i%10, i, companyID(i/100)))
	}
	for _, part := range []struct {
		name string
		rows []string
	}{{"companies", companies}, {"people", people}} {
		for len(part.rows) > 0 {
			some := part.rows[:min(200, len(part.rows))]
			part.rows = part.rows[len(some):]
			r := httptest.NewRequest("POST", "/rest/batch/"+part.name,
				strings.NewReader("["+strings.Join(some, ",")+"]"))
			r.Header.Set("Authorization", "Bearer "+key)
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != http.StatusCreated {
				return fmt.Errorf("%d %s", w.Code, w.Body)
			}
		}
	}
	return nil
}

func personID(i int) string  { return fmt.Sprintf("c0000000-0000-4000-8000-%012d", i) }
func companyID(i int) string { return fmt.Sprintf("d0000000-0000-4000-8000-%012d", i) }

// The first app of the seed of Flosum.
var flosumApp = url.Values{"client_id": {"fci_synthetic-acme-portal0"},
	"redirect_uri":  {"http://localhost:3000/callback"},
	"client_secret": {"synthetic-secret-of-acme-portal-00000000000"}}

// refreshToken takes the way of a user through the consent page of Flosum.
func refreshToken(h http.Handler) (string, error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/oauth/authorize?response_type=code&state=x&client_id="+
		flosumApp.Get("client_id")+"&redirect_uri="+url.QueryEscape(flosumApp.Get("redirect_uri")), nil))
	back, err := url.Parse(w.Header().Get("Location"))
	if err != nil {
		return "", err
	}
	form := "grant_type=authorization_code&code=" + back.Query().Get("code") + "&" + flosumApp.Encode()
	r := httptest.NewRequest("POST", "/api/v1/oauth/token", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer struct {
		Token string `json:"refresh_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Token == "" {
		return "", fmt.Errorf("%d %s: %v", w.Code, w.Body, err)
	}
	return answer.Token, nil
}
