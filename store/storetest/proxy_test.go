package storetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheProxySendsAWorldToOneNode runs the HAProxy of examples/scale: whichever way a request names
// its world, it goes to the same node, and to another one if that is down.
func TestTheProxySendsAWorldToOneNode(t *testing.T) {
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		t.Skip("no haproxy here")
	}
	engine, _ := startCluster(t, 1)
	nodes := startProcesses(t, engine, 3, 1)
	edge := &node{t: t, Server: &httptest.Server{URL: startProxy(t, haproxy, nodes)}}
	const by = "Mockserver-Node"
	used := map[string]bool{}
	var homes []string
	var bearers []string
	for i := range 12 {
		name := fmt.Sprintf("%s.%d-x_y", []string{"Team", "team"}[i%2], i)
		m := edge.makeWorld(name)
		home := edge.must(nil, "GET", kickflow, "", bearer, admin, "Mockserver-World", name).header.Get(by)
		used[home] = true
		token := func(fake string) string { return m.Credentials[fake][0].Value }
		for what, a := range map[string]answer{
			"the path": edge.must(nil, "GET", "/__world/"+name+kickflow, "", bearer, admin),
			"the page": edge.must(nil, "GET", "/__admin/ui/clock?world="+name, ""),
			"a form of the page": edge.call("POST", "/__admin/ui/none", "world="+name, "Content-Type",
				"application/x-www-form-urlencoded"),
			"a control":        edge.must(nil, "GET", "/__admin/worlds/"+name+"/clock", ""),
			"kickflow's token": edge.must(nil, "GET", kickflow, "", bearer, "Bearer "+token("kickflow")),
			"Twenty's token":   edge.must(nil, "GET", "/twenty/rest/companies", "", bearer, "Bearer "+token("twenty")),
			"FlexCRM's key":    edge.must(nil, "GET", flexRecords, "", "X-FlexCRM-API-KEY", token("flexcrm")),
			"Flosum's token": edge.must(nil, "GET", "/flosum/api/v1/connections?page=1&limit=10", "", bearer,
				"Bearer "+token("flosum")),
			"Flosum's client": edge.call("GET", "/flosum/api/v1/oauth/authorize?client_id="+m.client(t), ""),
			"a form with Flosum's client": edge.call("POST", "/flosum/api/v1/oauth/token", "client_id="+m.client(t),
				"Content-Type", "application/x-www-form-urlencoded"),
			"JSON with Flosum's client": edge.call("POST", "/flosum/api/v1/oauth/token",
				`{"client_id":"`+m.client(t)+`"}`, "Content-Type", "application/json"),
		} {
			if got := a.header.Get(by); got != home {
				t.Errorf("%s: %s sends it to %s, the header to %s", name, what, got, home)
			}
		}
		checkHost(t, edge, name, home, "Bearer "+token("kickflow"))
		homes, bearers = append(homes, home), append(bearers, "Bearer "+token("kickflow"))
	}
	if len(used) < 2 {
		t.Errorf("all worlds are on %v", used)
	}
	for i := range homes {
		edge.must(nil, "POST", kickflow, userBody(i), bearer, bearers[i])
	}
	nodes[0].kill()
	for i := range homes {
		waitFor(t, "another node", func() bool {
			a := edge.call("GET", kickflow, "", bearer, bearers[i])
			var users []struct{ Email string }
			json.Unmarshal([]byte(a.text), &users) // an error of the proxy is no list
			for _, u := range users {
				if u.Email == fmt.Sprintf("user%d@example.com", i) {
					return a.status == 200 && a.header.Get(by) != "node1"
				}
			}
			return false
		})
	}
}

// client returns the client id of an OAuth application of Flosum.
func (m made) client(t *testing.T) string {
	t.Helper()
	for _, c := range m.Credentials["flosum"] {
		if strings.HasPrefix(c.Value, "fci_") {
			return c.Value
		}
	}
	t.Fatal("no application")
	return ""
}

// startProxy starts the HAProxy of examples/scale before three nodes, and returns its URL.
func startProxy(t *testing.T, haproxy string, nodes []*process) (url string) {
	t.Helper()
	port := freePorts(t, 1)[0]
	cmd := exec.Command(haproxy, "-db", "-f", filepath.Join("..", "..", "examples", "scale", "haproxy.cfg"))
	cmd.Env = append(os.Environ(), fmt.Sprintf("EDGE_BIND=127.0.0.1:%d", port))
	for i, p := range nodes {
		cmd.Env = append(cmd.Env, fmt.Sprintf("NODE%d=127.0.0.1:%d", i+1, p.port))
	}
	url = fmt.Sprintf("http://127.0.0.1:%d", port)
	if err := untilReady(t, cmd, url+"/__admin/ready"); err != nil {
		t.Fatal(err)
	}
	return url
}

// untilReady starts a program, which ends with the test, and waits until it answers. It returns the words of one that
// ends before.
func untilReady(t *testing.T, cmd *exec.Cmd, url string) (err error) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
	})
	waitFor(t, cmd.Path, func() bool {
		select {
		case <-ended:
			err = fmt.Errorf("%s ended, %s: %s", cmd.Path, cmd.ProcessState, said.String())
			return true
		default:
		}
		res, err := http.Get(url)
		if err == nil {
			res.Body.Close()
		}
		return err == nil && res.StatusCode == 200
	})
	return err
}

// TestAProxyThatCannotStart: the proofs fail at once, with its own words.
func TestAProxyThatCannotStart(t *testing.T) {
	haproxy, err := exec.LookPath("haproxy")
	if err != nil {
		t.Skip("no haproxy here")
	}
	none := fmt.Sprintf("http://127.0.0.1:%d", freePorts(t, 1)[0])
	err = untilReady(t, exec.Command(haproxy, "-db", "-f", filepath.Join(t.TempDir(), "no-such.cfg")), none)
	if err == nil || !strings.Contains(err.Error(), "no-such.cfg") {
		t.Errorf("a proxy without its configuration: %v", err)
	}
}

// checkHost creates a user in a world that the host names, and looks for it there. A host has no capitals:
// worlds with some are found, but maybe on another node.
func checkHost(t *testing.T, edge *node, name, home, token string) {
	t.Helper()
	host := strings.ToLower(name) + ".kickflow.localhost"
	got := edge.call("POST", "/v1/users", userBody(99), bearer, token, "Host", host)
	if name != strings.ToLower(name) {
		return
	}
	if got.status != http.StatusOK || got.header.Get("Mockserver-Node") != home {
		t.Errorf("%s: %d from %s, expected 200 from %s: %.200s", host, got.status,
			got.header.Get("Mockserver-Node"), home, got.text)
	}
	if text := edge.must(nil, "GET", kickflow, "", bearer, token).text; !strings.Contains(text, "user99@example.com") {
		t.Errorf("%s: the user is not in the world: %.200s", host, text)
	}
}
