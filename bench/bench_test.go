// Package bench_test measures what users of the fakes wait for. BenchmarkServer compares the server's
// CPU time for a request with that of a bare handler that writes the same bytes:
//
//	go test -run '^$' -bench Server -benchtime 4000x ./bench | go run ./bench/table
package bench_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// rows is the number of records that lists are filtered from.
const rows = 10_000

// BenchmarkFork measures a fork of a world with all fakes and their seeds.
func BenchmarkFork(b *testing.B) {
	srv, home := complete(b)
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

// complete returns a server whose default world has all fakes with their seeds.
func complete(b *testing.B) (*fake.Server, *fake.World) {
	b.Helper()
	srv, err := fake.New(fake.Config{MaxWorlds: 1 << 30}, mocks.All()...)
	if err != nil {
		b.Fatal(err)
	}
	home, _ := srv.World("default")
	for _, def := range srv.Defs() {
		if _, err := home.State(def.Name); err != nil {
			b.Fatal(err)
		}
	}
	return srv, home
}

// BenchmarkForkRequest measures a fork as a client sees it, with new credentials of every fake and
// HTTP. It also drops the world.
func BenchmarkForkRequest(b *testing.B) {
	srv, _ := complete(b)
	plane := control.New(srv, control.Options{})
	web := httptest.NewServer(plane.Wrap(srv.Edge(), ""))
	b.Cleanup(web.Close)
	fork := request{"POST", always(web.URL + "/__admin/worlds"), "", always(`{"name":"fork","fork":"default"}`)}
	fork.send(b)
	for b.Loop() {
		if err := srv.Drop("fork"); err != nil {
			b.Fatal(err)
		}
		fork.send(b)
	}
}

// BenchmarkStart measures the program from its start to the first answer with status 200, and its
// idle memory after that, in megabytes: the resident memory, and the part that is not pages of the
// binary.
func BenchmarkStart(b *testing.B) {
	program := buildProgram(b)
	for b.Loop() {
		c := exec.Command(program, "--port", "0")
		fixed("GET", startProgram(b, c)+"/__admin/health", "").send(b)
		b.StopTimer()
		time.Sleep(300 * time.Millisecond) // the memory of a start is released after it
		memory := memoryOf(c.Process.Pid)
		b.ReportMetric(memory["VmRSS"], "resident-MB")
		b.ReportMetric(memory["RssAnon"], "anonymous-MB")
		c.Process.Signal(os.Interrupt)
		if err := c.Wait(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

func buildProgram(b *testing.B) string {
	program := filepath.Join(b.TempDir(), "mockserver")
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, "../cmd/mockserver")
	if *profiles != "" {
		build.Args = slices.Insert(build.Args, 2, "-tags=profile")
	}
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	return program
}

// startProgram starts the program and returns its URL once it is ready. The program ends with the benchmark, or before.
func startProgram(b *testing.B, c *exec.Cmd) (url string) {
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		c.Process.Kill() // it may have ended
		c.Wait()
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ready := strings.CutPrefix(lines.Text(), "ready on "); ready {
			return url
		}
	}
	b.Fatal("the program ended: ", c.Wait())
	return ""
}

// memoryOf returns the memory of a process in megabytes on Linux and zeros elsewhere: resident (VmRSS), the part of it
// that is not pages of the binary (RssAnon), and the most that was resident (VmHWM).
func memoryOf(pid int) map[string]float64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	memory := map[string]float64{}
	for _, name := range []string{"VmRSS", "RssAnon", "VmHWM"} {
		_, after, _ := strings.Cut(string(status), name+":")
		var kilobytes float64
		if _, err := fmt.Sscan(after, &kilobytes); err == nil {
			memory[name] = kilobytes / 1000
		}
	}
	return memory
}

func credential(b *testing.B, def *fake.Def) string {
	b.Helper()
	srv, err := fake.New(fake.Config{}, def)
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

// fakesOf returns the fakes of which a table has an entry, in the order of their ports.
func fakesOf[T any](table map[string]T) (names []string) {
	for _, def := range mocks.All() {
		if _, ok := table[def.Name]; ok {
			names = append(names, def.Name)
		}
	}
	return names
}

// sampleOf returns a write and a read of a fake, and how a credential is sent.
func sampleOf(b *testing.B, name string) *samples.Sample {
	b.Helper()
	s, err := samples.Of(name)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// headerOf returns the header of a request with a credential.
func headerOf(b *testing.B, name, credential string) http.Header {
	b.Helper()
	h := http.Header{"User-Agent": {"bench"}}
	key, value, _ := strings.Cut(sampleOf(b, name).CredentialHeader(credential), ": ")
	h.Set(key, value)
	return h
}

type request struct {
	method        string
	url           func() string
	authorization string
	body          func() string // nil for none
}

func always(text string) func() string { return func() string { return text } }

func fixed(method, url, authorization string) request {
	return request{method, always(url), authorization, nil}
}

// send sends the request and returns the answer's body.
func (r request) send(b *testing.B) []byte {
	var text io.Reader
	if r.body != nil {
		text = strings.NewReader(r.body())
	}
	req, err := http.NewRequest(r.method, r.url(), text)
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
		b.Fatalf("%s %s: %s %s", r.method, req.URL, res.Status, answer)
	}
	return answer
}
