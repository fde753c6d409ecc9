package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestLogsFollows prints what the journal has, then each further request, of one world only.
func TestLogsFollows(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	plane := control.New(srv, control.Options{})
	web := httptest.NewServer(plane.Wrap(srv.Edge(), ""))
	defer web.Close()
	if _, err := srv.NewWorld("t1", fake.Settings{}, nil); err != nil {
		t.Fatal(err)
	}
	ask := func(world, path string) {
		t.Helper()
		req, _ := http.NewRequest(http.MethodGet, web.URL+"/__world/"+world+path, nil)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	ask("t1", "/kickflow/v1/first")
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(context.Background(), []string{"logs", "-f", "--world", "t1", "--refused", "--url",
			web.URL}, streams{strings.NewReader(""), in, io.Discard}, mocks.All)
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	for i, path := range []string{"/v1/first", "/v1/second", "/v1/third"} {
		if !lines.Scan() || !strings.Contains(lines.Text(), " t1 kickflow - GET "+path+" 404 ") {
			t.Fatalf("line %d is %q, want one of %s", i, lines.Text(), path)
		}
		ask("default", "/kickflow/v1/elsewhere")
		ask("t1", "/kickflow"+[]string{"/v1/second", "/v1/third", "/v1/last"}[i])
	}
	plane.Stop()
	for lines.Scan() {
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
