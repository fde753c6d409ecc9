package listen_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/listen"
)

func TestHandlersSeeBrokenEscapes(t *testing.T) {
	t.Parallel()
	web := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s|%s|%s", r.URL.Path, r.URL.RawQuery, body)
	}))
	conn, err := net.Dial("tcp", web)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for target, want := range map[string]string{ // all on one connection
		"/a%zz/%41%?q=%zz%41": "/a%zz/A%|q=%zz%41|%zz\r\n",
		"/%":                  "/%||%zz\r\n",
		"/%e3%81%82":          "/あ||%zz\r\n",
		"/%%30":               "/%0||%zz\r\n",
	} {
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n%%zz\r\n", target)
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("%s: %v", target, err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, string(body)); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

func TestARequestLineMayComeInPieces(t *testing.T) {
	t.Parallel()
	web := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.URL.Path) }))
	conn, err := net.Dial("tcp", web)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, piece := range []string{"G", "ET /%", "4", "1%q HTTP/1.1\r", "\nHost: x\r\nConnection: close\r\n\r\n"} {
		if _, err := io.WriteString(conn, piece); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); string(body) != "/A%q" {
		t.Errorf("path %q", body)
	}
}

// serve serves a handler until the test ends and returns its address.
func serve(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	url, stop, err := listen.Serve(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return strings.TrimPrefix(url, "http://")
}

func TestABodyBehindAPipelinedHeadIsNotChanged(t *testing.T) {
	t.Parallel()
	web := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s|%s", r.URL.Path, body)
	}))
	for _, body := range []string{`{"name":"100%zz"}`, "GET /% HTTP/1.1\r\n\r\n", strings.Repeat("%", 70_000)} {
		conn, err := net.Dial("tcp", web)
		if err != nil {
			t.Fatal(err)
		}
		answers := bufio.NewReader(conn)
		fmt.Fprintf(conn,
			"GET /first%% HTTP/1.1\r\nHost: x\r\n\r\nPOST /second%% HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
			len(body))
		for _, want := range []string{"/first%|", "/second%|" + body} {
			res, err := http.ReadResponse(answers, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			res.Body.Close()
			if err != nil || string(got) != want {
				t.Errorf("answered %.100q, want %.100q: %v", got, want, err)
			}
			io.WriteString(conn, body)
			body = ""
		}
		conn.Close()
	}
}
