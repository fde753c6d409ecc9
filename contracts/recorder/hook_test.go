package recorder_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	vcr "gopkg.in/dnaeon/go-vcr.v3/recorder"

	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// recordWithGoVCR records the lines with the fake of kickflow through go-vcr, and returns the error of its end.
func recordWithGoVCR(t *testing.T, hook *recorder.Hook, o *vcr.Options, lines ...string) error {
	t.Helper()
	srv := kickflow.NewServer(t)
	other := answering(t, func(http.ResponseWriter, *http.Request) {})
	rec, err := vcr.NewWithOptions(o)
	if err != nil {
		t.Fatal(err)
	}
	rec.AddHook(recorder.AfterCapture[cassette.Interaction](hook), vcr.AfterCaptureHook)
	rec.AddHook(recorder.BeforeSave[cassette.Interaction](hook), vcr.BeforeSaveHook)
	for _, line := range lines {
		f := strings.SplitN(line, " ", 4)
		r, err := http.NewRequest(f[1], strings.NewReplacer("OTHER", other, "URL", srv.URL).Replace(f[2]),
			strings.NewReader(strings.Join(f[3:], "")))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer kickflow-"+f[0]+"-token")
		if len(f) > 3 {
			r.Header.Set("Content-Type", "application/json")
		}
		res, err := rec.GetDefaultClient().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	return rec.Stop()
}

// TestGoVCRWritesACase records with go-vcr's recorder and replays what it saved.
func TestGoVCRWritesACase(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "case")
	hook := recorder.NewHook(recorder.Options{Fake: kickflow.Def(), About: "A test.", Version: "v1"}, dir)
	err := recordWithGoVCR(t, hook, &vcr.Options{CassetteName: filepath.Join(dir, "cassette"),
		Mode: vcr.ModeRecordOnly},
		"admin GET URL/v1/users?perPage=2", `member POST URL/v1/grades {"name":"Refused"}`,
		"admin GET OTHER/elsewhere", `admin POST URL/v1/grades {"name":"Password","level":77,"code":"s3cret-code-1"}`,
		"revoked GET URL/v1/users")
	if err != nil {
		t.Fatal(err)
	}
	if notes := hook.Notes(); len(notes) != 1 || !strings.Contains(notes[0], "request 3, GET /elsewhere") {
		t.Errorf("notes: %q", notes)
	}
	for _, name := range []string{"case.yaml", "cassette.yaml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"kickflow-admin-token", "kickflow-member-token", "kickflow-revoked-token"} {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s shows %s", name, secret)
			}
		}
	}
	c, err := cassette.Load(filepath.Join(dir, "cassette"))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Interactions[0].Request.Form.Get("perPage"); got != "2" {
		t.Errorf("go-vcr compares perPage=%q with a request", got)
	}
	replay(t, kickflow.Def(), dir, 4)
}

// TestAnIncompleteHookSaysWhatToWrite leaves out one part of the configuration at a time: the request or Stop fails
// with what to write, and nothing is saved.
func TestAnIncompleteHookSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	for _, test := range []struct {
		name, want      string
		def             *fake.Def
		captures, saves bool
	}{
		{name: "no AfterCapture", def: kickflow.Def(), saves: true,
			want: "recorder.AfterCapture[cassette.Interaction](hook)"},
		{name: "no BeforeSave", def: kickflow.Def(), captures: true,
			want: "recorder.BeforeSave[cassette.Interaction](hook)"},
		{name: "no Fake", captures: true, saves: true, want: "Fake: kickflow.Def()"},
	} {
		dir := filepath.Join(t.TempDir(), "case")
		name := filepath.Join(dir, "cassette")
		rec, err := vcr.NewWithOptions(&vcr.Options{CassetteName: name, Mode: vcr.ModeRecordOnly})
		if err != nil {
			t.Fatal(err)
		}
		hook := recorder.NewHook(recorder.Options{Fake: test.def, About: "A test.", Version: "v1"}, dir)
		if test.captures {
			rec.AddHook(recorder.AfterCapture[cassette.Interaction](hook), vcr.AfterCaptureHook)
		}
		if test.saves {
			rec.AddHook(recorder.BeforeSave[cassette.Interaction](hook), vcr.BeforeSaveHook)
		}
		res, err := rec.GetDefaultClient().Get(srv.URL + "/v1/users")
		if err == nil {
			res.Body.Close()
		}
		if err = errors.Join(err, rec.Stop()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
		if data, err := os.ReadFile(name + ".yaml"); err == nil && strings.Contains(string(data), "/v1/users") {
			t.Errorf("%s: the request is saved", test.name)
		}
	}
	_, err := recorder.New(recorder.Options{Upstream: srv.URL})
	if err == nil || !strings.Contains(err.Error(), "Fake") {
		t.Errorf("New without a fake: %v", err)
	}
}

// TestGoVCRSavesNothingUnsafe checks that go-vcr saves nothing if the hook fails.
func TestGoVCRSavesNothingUnsafe(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "case")
	name := filepath.Join(dir, "cassette")
	def := kickflow.Def()
	unknown := recorder.NewHook(recorder.Options{Fake: def, About: "A test.", Version: "v1", Seed: "none"}, dir)
	err := recordWithGoVCR(t, unknown, &vcr.Options{CassetteName: name, Mode: vcr.ModeRecordOnly},
		"admin GET URL/v1/users")
	if _, stat := os.Stat(name + ".yaml"); err == nil || stat == nil {
		t.Errorf("with an unknown seed: %v, %v", err, stat)
	}
	o := recorder.Options{Fake: def, About: "A test.", Version: "v1"}
	if err := recordWithGoVCR(t, recorder.NewHook(o, dir), &vcr.Options{CassetteName: name, Mode: vcr.ModeRecordOnly},
		"admin GET URL/v1/users"); err != nil {
		t.Fatal(err)
	}
	err = recordWithGoVCR(t, recorder.NewHook(o, dir),
		&vcr.Options{CassetteName: name, Mode: vcr.ModeReplayWithNewEpisodes}, "admin GET URL/v1/grades")
	if err == nil || !strings.Contains(err.Error(), "record anew") {
		t.Errorf("a recording was added to: %v", err)
	}
	type interaction struct{ Request, Response string }
	if err := recorder.AfterCapture[interaction](recorder.NewHook(o, dir))(&interaction{}); err == nil {
		t.Error("another type was accepted")
	}
}
