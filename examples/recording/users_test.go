// Package users_test records its calls of kickflow with go-vcr, and makes a case of them that the fake is verified by.
package users_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"gopkg.in/dnaeon/go-vcr.v4/pkg/cassette"
	vcr "gopkg.in/dnaeon/go-vcr.v4/pkg/recorder"
)

// open returns go-vcr's recorder for the case in dir: it records if there is none yet, and replays it otherwise.
func open(t *testing.T, dir string) *vcr.Recorder {
	t.Helper()
	hook := recorder.NewHook(recorder.Options{
		Fake: kickflow.Def(), About: "Users come in pages.", Version: "REST API v1"}, dir)
	rec, err := vcr.New(filepath.Join(dir, "cassette"),
		vcr.WithMode(vcr.ModeRecordOnce),
		vcr.WithHook(recorder.AfterCapture[cassette.Interaction](hook), vcr.AfterCaptureHook),
		vcr.WithHook(recorder.BeforeSave[cassette.Interaction](hook), vcr.BeforeSaveHook),
		vcr.WithMatcher(cassette.NewDefaultMatcher(cassette.WithIgnoreAuthorization(), cassette.WithIgnoreUserAgent())))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, note := range hook.Notes() {
			t.Log(note)
		}
	})
	return rec
}

// statuses are the statuses of the answers to the calls that this package makes.
func statuses(t *testing.T, client *http.Client, url, token string) (got []int) {
	t.Helper()
	for _, path := range []string{"/v1/users?perPage=2", "/v1/users/none"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		got = append(got, res.StatusCode)
	}
	return got
}

func TestUsers(t *testing.T) {
	root := t.TempDir() // a repository has testdata/cases here, and the real service below
	dir := filepath.Join(root, "kickflow", "users")
	srv := kickflow.NewServer(t)
	for _, about := range []string{"recorded", "replayed by go-vcr"} {
		rec := open(t, dir)
		got := statuses(t, rec.GetDefaultClient(), srv.URL, kickflow.AdminToken)
		if len(got) != 2 || got[0] != http.StatusOK || got[1] != http.StatusNotFound {
			t.Errorf("%s: %v", about, got)
		}
		if err := rec.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"cassette.yaml", "case.yaml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Contains(string(text), kickflow.AdminToken) {
			t.Errorf("%s shows the token, or: %v", name, err)
		}
	}
	target, err := contracts.InProcess(kickflow.Def())
	if err != nil {
		t.Fatal(err)
	}
	contracts.Run(t, target, os.DirFS(root)) // the fake answers as the service did
}
