package bench_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// bareVariable is set in a process that is a bare server instead of running tests.
const bareVariable = "MOCKSERVER_BENCH_BARE"

func TestMain(m *testing.M) {
	if os.Getenv(bareVariable) != "" {
		if err := serveBare(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A child is a process with one server, whose CPU time is therefore not the client's. It has one thread for Go code.
type child struct {
	addr  string            // host and port
	words map[string]string // what requests need: credentials and tokens
	pid   int
	pprof string // address of its profiles, if there are some
}

// startBare starts a server with nothing but net/http, which ends with the benchmark.
func startBare(b *testing.B) *child {
	b.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), bareVariable+"=1", "GOMAXPROCS=1")
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { in.Close() })
	return &child{addr: strings.TrimPrefix(startProgram(b, c), "http://"), pid: c.Process.Pid}
}

// startFake starts the program as a user does, fills one fake with n rows, and ends it with the benchmark.
func startFake(b *testing.B, program, name string, n int) *child {
	b.Helper()
	w := newWorldOf(b, name)
	port := freePort(b)
	c := exec.Command(program, "--port", "0", "--"+name+"-port", port, "--limits", "off", "--flosum-auto-approve")
	c.Env = append(os.Environ(), "GOMAXPROCS=1")
	started := &child{addr: "127.0.0.1:" + port, words: map[string]string{"credential": w.credential}}
	if *profiles != "" {
		started.pprof = "127.0.0.1:" + freePort(b)
		c.Env = append(c.Env, "PPROF_ADDRESS="+started.pprof)
	}
	edge := startProgram(b, c)
	started.pid = c.Process.Pid
	origin, err := url.Parse("http://" + started.addr)
	if err != nil {
		b.Fatal(err)
	}
	h := httputil.NewSingleHostReverseProxy(origin)
	switch name {
	case "twenty":
		err = fillTwenty(h, w.credential, n)
	case "flosum":
		started.words["refresh"], err = refreshToken(h)
	default:
		err = w.copyTo(b, edge, n)
	}
	if err != nil {
		b.Fatal(err)
	}
	return started
}

// copyTo fills the world with n rows and sends all its rows to a server.
func (w *filledWorld) copyTo(b *testing.B, edge string, n int) error {
	state, err := w.world.State(w.fake)
	fill := map[string]func(*fake.State, int) error{"kickflow": fillKickflow, "flexcrm": fillFlexCRM}[w.fake]
	if err == nil {
		err = fill(state, n)
	}
	if err != nil {
		return err
	}
	rows, err := json.Marshal(w.world.Dump())
	if err == nil {
		request{"PUT", always(edge + "/__admin/state"), "", always(string(rows))}.send(b)
	}
	return err
}

func freePort(b *testing.B) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// cpu returns the CPU time that the child has used, in microseconds. Linux counts it by thread; those of Go do not end.
func (c *child) cpu(b *testing.B) float64 {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.pid))
	var sum float64
	for _, file := range threads {
		text, err := os.ReadFile(file)
		var nanoseconds float64
		if err == nil {
			_, err = fmt.Sscan(string(text), &nanoseconds)
		}
		if err != nil {
			b.Fatal(err)
		}
		sum += nanoseconds
	}
	if sum == 0 {
		b.Skip("the CPU time of another process is only known on Linux")
	}
	return sum / 1000
}

func serveBare() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(l, new(bareServer))
	fmt.Println("ready on http://" + l.Addr().String())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

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
