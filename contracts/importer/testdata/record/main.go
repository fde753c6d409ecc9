// Command record makes the recordings beside it anew, with the tools themselves, from the fake of kickflow:
//
//	go run ./cmd/mockserver exec --limits off -- contracts/importer/testdata/record/record.sh
//
// It serves as the client for go-vcr, and as a proxy that packs answers for clients that accept gzip.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	v1 "github.com/dnaeon/go-vcr/recorder"
	v2 "gopkg.in/dnaeon/go-vcr.v2/recorder"
	v3 "gopkg.in/dnaeon/go-vcr.v3/recorder"
	v4 "gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

func main() {
	upstream, err := url.Parse(os.Args[1])
	check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(upstream); r.Out.Host = r.In.Host }, ModifyResponse: pack}
	go http.Serve(l, proxy)
	base, out := "http://"+l.Addr().String(), os.Args[2]
	r1, err := v1.New(filepath.Join(out, "go-vcr-1"))
	session(upstream, base, r1, err)
	r2, err := v2.New(filepath.Join(out, "go-vcr-2"))
	session(upstream, base, r2, err)
	r3, err := v3.New(filepath.Join(out, "go-vcr-3"))
	session(upstream, base, r3, err)
	r4, err := v4.New(filepath.Join(out, "go-vcr-4"))
	session(upstream, base, r4, err)
	for _, command := range os.Args[3:] {
		reset(upstream)
		cmd := exec.Command("sh", "-c", command)
		cmd.Env = append(os.Environ(), "BASE="+base, "OUT="+out)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			log.Printf("%s: %v", command, err)
		}
	}
}

// session records the conversation with one version of go-vcr.
func session(upstream *url.URL, base string, r interface {
	http.RoundTripper
	Stop() error
}, err error) {
	check(err)
	reset(upstream)
	conversation(base, r)
	check(r.Stop())
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func reset(upstream *url.URL) {
	res, err := http.Post(upstream.Scheme+"://"+upstream.Host+"/__admin/reset", "application/json", nil)
	check(err)
	res.Body.Close()
}

// conversation has two callers, a write, a refused call and an unknown token.
func conversation(base string, rt http.RoundTripper) {
	client := &http.Client{Transport: rt}
	ask := func(token, method, path, body string) string {
		var sent io.Reader
		if body != "" {
			sent = strings.NewReader(body)
		}
		r, err := http.NewRequest(method, base+path, sent)
		check(err)
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Accept-Encoding", "gzip")
		r.Header.Set("User-Agent", "field/1.0")
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		res, err := client.Do(r)
		check(err)
		defer res.Body.Close()
		packed, err := io.ReadAll(res.Body)
		check(err)
		if res.Header.Get("Content-Encoding") != "gzip" {
			return string(packed)
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		check(err)
		plain, err := io.ReadAll(z)
		check(err)
		return string(plain)
	}
	ask("kickflow-admin-token", "GET", "/v1/users?perPage=2&sortBy=email-asc", "")
	var made struct{ ID string }
	check(json.Unmarshal([]byte(ask("kickflow-admin-token", "POST", "/v1/grades", `{"name":"Recorded","level":77}`)), &made))
	ask("kickflow-admin-token", "GET", "/v1/grades/"+made.ID, "")
	ask("kickflow-member-token", "POST", "/v1/grades", `{"name":"Refused","level":78}`)
	ask("kickflow-revoked-token", "GET", "/v1/users", "")
	ask("kickflow-admin-token", "GET", "/v1/users/none", "")
}

func pack(res *http.Response) error {
	if !strings.Contains(res.Request.Header.Get("Accept-Encoding"), "gzip") || res.ContentLength == 0 {
		return nil
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.Copy(z, res.Body); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	res.Body = io.NopCloser(&packed)
	res.ContentLength = int64(packed.Len())
	res.Header.Set("Content-Encoding", "gzip")
	res.Header.Set("Content-Length", fmt.Sprint(packed.Len()))
	return nil
}
