package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// engineVariable holds the configuration of a NATS server. With it, this test binary is one.
const engineVariable = "STORETEST_ENGINE"

func TestMain(m *testing.M) {
	if text := os.Getenv(engineVariable); text != "" {
		runEngine(text)
		return
	}
	os.Exit(m.Run())
}

// engineConfig describes one NATS server, alone or of a cluster.
type engineConfig struct {
	Name    string
	Port    int
	Cluster int // the port for the other servers; 0 without any
	Routes  []int
	Dir     string
}

func (c engineConfig) options() *server.Options {
	o := &server.Options{ServerName: c.Name, Host: "127.0.0.1", Port: c.Port, JetStream: true, StoreDir: c.Dir,
		NoSigs: true, NoLog: true}
	if c.Cluster != 0 {
		o.Cluster = server.ClusterOpts{Name: "storetest", Host: "127.0.0.1", Port: c.Cluster}
		for _, port := range c.Routes {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: "127.0.0.1:" + strconv.Itoa(port)})
		}
	}
	return o
}

func runEngine(text string) {
	var c engineConfig
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	s, err := server.NewServer(c.options())
	if err != nil {
		panic(err)
	}
	go s.Start()
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt)
	<-stop
	s.Shutdown()
}

// startEngine starts a NATS server in this process and returns its URL.
func startEngine(t testing.TB) (string, *server.Server) {
	t.Helper()
	s, err := server.NewServer(engineConfig{Name: "one", Port: -1, Dir: t.TempDir()}.options())
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.ClientURL(), s
}

// engine is a NATS server in a process of its own.
type engine struct {
	config engineConfig
	cmd    *exec.Cmd
}

func (e *engine) start(t testing.TB) {
	text, err := json.Marshal(e.config)
	if err != nil {
		t.Fatal(err)
	}
	e.cmd = exec.Command(os.Args[0])
	e.cmd.Env = append(os.Environ(), engineVariable+"="+string(text))
	e.cmd.Stderr = os.Stderr
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func (e *engine) kill() {
	e.cmd.Process.Kill()
	e.cmd.Wait()
}

// startCluster starts NATS servers that form a cluster, or one alone.
func startCluster(t testing.TB, n int) (url string, all []*engine) {
	t.Helper()
	ports := freePorts(t, 2*n)
	for i := range n {
		c := engineConfig{Name: fmt.Sprintf("n%d", i), Port: ports[i], Dir: t.TempDir()}
		if n > 1 {
			c.Cluster, c.Routes = ports[n+i], ports[n:]
		}
		e := &engine{config: c}
		e.start(t)
		t.Cleanup(e.kill)
		all = append(all, e)
		if i > 0 {
			url += ","
		}
		url += fmt.Sprintf("nats://127.0.0.1:%d", ports[i])
	}
	return url, all
}

// freePorts returns ports that nobody listens on, and that no system gives to outgoing connections (Linux
// begins at 32768): while a process is down, a connection of a client could otherwise take its port.
func freePorts(t testing.TB, n int) (ports []int) {
	t.Helper()
	for len(ports) < n {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// withStream calls do with the stream of the default name, which has five seconds.
func withStream(t *testing.T, url string, do func(ctx context.Context, stream jetstream.Stream)) {
	t.Helper()
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stream, err := js.Stream(ctx, "mockserver")
	if err != nil {
		t.Fatal(err)
	}
	do(ctx, stream)
}
