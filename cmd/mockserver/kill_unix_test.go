//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

var kills = flag.Int("kills", 4, "how often TestAKillLeavesAWholeStateFile kills a server")

// TestAKillLeavesAWholeStateFile kills servers while they save their worlds. After each kill the file is whole
// and no older than it was, the link to it is a link, and the next server starts from it.
//
//	go test ./cmd/mockserver -run AKillLeaves -kills 1000 -timeout 3h -v
func TestAKillLeavesAWholeStateFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "deep", "real.json"), filepath.Join(dir, "state.json")
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.Symlink("deep/real.json", link)); err != nil {
		t.Fatal(err)
	}
	saved, left := -1, 0
	for n := range *kills {
		k := startKilled(t, link)
		if rows := k.rows(); saved >= 0 && rows != saved {
			t.Errorf("kill %d: the server starts with %d rows, the file has %d", n, rows, saved)
		}
		before, _ := os.Stat(file)
		k.writeUntilKilled(func() bool {
			if n%2 == 0 {
				return exists(temporary(file)) // it writes a new version
			}
			now, err := os.Stat(file)
			return err == nil && (before == nil || !os.SameFile(before, now)) // it has just put one in place
		})
		if exists(temporary(file)) {
			left++
		}
		now := rowsIn(t, file)
		if now < saved {
			t.Errorf("kill %d: the file has %d rows, and had %d", n, now, saved)
		}
		saved = now
		if to, err := os.Readlink(link); err != nil || to != "deep/real.json" {
			t.Errorf("kill %d: the link leads to %q, %v", n, to, err)
		}
	}
	t.Logf("%d kills, %d of them in the middle of a write; %d rows in the end", *kills, left, saved)
	k := startKilled(t, link)
	k.cmd.Process.Signal(os.Interrupt)
	if err := k.cmd.Wait(); err != nil {
		t.Error(err)
	}
	for folder, want := range map[string]string{dir: "deep state.json", filepath.Dir(file): "real.json"} {
		var names []string
		entries, err := os.ReadDir(folder)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		if got := strings.Join(names, " "); got != want || err != nil {
			t.Errorf("%s has %s, %v", folder, got, err)
		}
	}
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// rowsIn returns the number of categories in a state file, which must be whole; -1 if there is no file yet.
func rowsIn(t *testing.T, file string) int {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return -1
	}
	if err != nil {
		t.Fatal(err)
	}
	parts, err := control.ReadState(text)
	var worlds map[string]fileWorld
	var rows map[string][]json.RawMessage
	err = errors.Join(err, decodePart(worldsPart, parts[worldsPart], &worlds),
		decodePart("kickflow", parts["kickflow"], &rows))
	if err != nil || worlds["default"].Nonces == nil {
		t.Errorf("the file has %d bytes and is not whole: %v", len(text), err)
	}
	return len(rows["categories"])
}

// killed is a server in a process of its own.
type killed struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
}

func startKilled(t *testing.T, state string) *killed {
	t.Helper()
	cmd := exec.Command("mockserver", "--port", "0", "--edge-only", "--limits", "off", "--state", state)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "ready on "); ok {
			return &killed{t, cmd, url}
		}
	}
	t.Fatal("the server ended before it was ready")
	return nil
}

func (k *killed) request(method, path, body string) *http.Request {
	req, err := http.NewRequest(method, k.url+path, strings.NewReader(body))
	if err != nil {
		k.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

// rows returns the number of categories that the server has.
func (k *killed) rows() int {
	res, err := http.DefaultClient.Do(k.request("GET", "/__admin/state", ""))
	if err != nil {
		k.t.Fatal(err)
	}
	defer res.Body.Close()
	var state struct {
		Kickflow struct{ Categories []json.RawMessage }
	}
	if err := json.NewDecoder(res.Body).Decode(&state); err != nil {
		k.t.Fatal(err)
	}
	return len(state.Kickflow.Categories)
}

// writeUntilKilled writes rows until due returns true, then kills the server.
func (k *killed) writeUntilKilled(due func() bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			req := k.request("POST", "/kickflow/v1/categories",
				fmt.Sprintf(`{"name":"row %d %d"}`, i, time.Now().UnixNano()))
			req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				return // it was killed
			}
			res.Body.Close()
		}
	}()
	for !due() {
		runtime.Gosched()
	}
	k.cmd.Process.Kill()
	k.cmd.Wait() // it was killed
	<-done
}
