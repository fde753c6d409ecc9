package recorder_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/contracts/importer"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// imported makes a case of exchanges and returns its folder.
func imported(t *testing.T, all []importer.Exchange, change func(*recorder.Options)) (string, *recorder.Saved, error) {
	t.Helper()
	return importedFrom(t, "", all, change)
}

// importedFrom imports what was recorded of an origin.
func importedFrom(t *testing.T, upstream string, all []importer.Exchange,
	change func(*recorder.Options)) (string, *recorder.Saved, error) {
	t.Helper()
	origin, kept, _, err := recorder.Select(kickflow.Def(), upstream, all)
	if err != nil {
		t.Fatal(err)
	}
	o := recorder.Options{
		Fake:     kickflow.Def(),
		Upstream: origin,
		About:    "Imported.",
		Version:  "any",
		Now:      func() time.Time { return time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC) },
	}
	if change != nil {
		change(&o)
	}
	rec, err := recorder.New(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range kept {
		rec.Add(x)
	}
	dir := filepath.Join(t.TempDir(), "case")
	saved, err := rec.Save(dir)
	return dir, saved, err
}

// loopback matches the origin of the recorded server.
var loopback = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// TestRecordingsOfOtherToolsReplay replays, on another day than theirs, recordings that other tools made of the fake.
// The times in their answers show the same day as the dates of headers and requests.
func TestRecordingsOfOtherToolsReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../importer/testdata/*.*")
	if err != nil || len(files) < 11 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		from, err := importer.Decode(file, data, nil)
		if err != nil {
			t.Fatal(err)
		}
		upstream := ""
		if strings.HasSuffix(file, "wiremock.json") { // its mappings name no host
			upstream = loopback.FindString(string(data))
		}
		day, _ := recorder.DayOf(from.Exchanges, time.Time{})
		for n := range from.Exchanges {
			from.Exchanges[n].Answer.Del("Date")
			from.Exchanges[n].At = time.Time{}
		}
		other, by := recorder.DayOf(from.Exchanges, time.Time{})
		shown, without := day.UTC().Format(time.DateOnly), other.Format(time.DateOnly)
		if without != shown || by != "the times in the answers" {
			t.Errorf("%s: the day is %s, and without dates %s by %s", file, shown, without, by)
		}
		change := func(o *recorder.Options) { o.Now = func() time.Time { return other } }
		dir, saved, err := importedFrom(t, upstream, from.Exchanges, change)
		if err != nil || saved.Interactions != 6 || len(saved.Notes) > 0 {
			t.Errorf("%s: %+v %v", file, saved, err)
			continue
		}
		written := readFile(t, dir, "cassette.yaml") + readFile(t, dir, "case.yaml")
		for _, secret := range []string{"kickflow-admin-token", "kickflow-member-token", "kickflow-revoked-token"} {
			if strings.Contains(written, secret) {
				t.Errorf("%s: %s is written", file, secret)
			}
		}
		for _, who := range []string{"{principal: 'admin', state: 'valid'}", "{principal: 'member', state: 'valid'}",
			"{principal: 'revoked', state: 'revoked'}"} {
			if !strings.Contains(written, who) {
				t.Errorf("%s: nobody is %s", file, who)
			}
		}
		replay(t, kickflow.Def(), dir, 6)
	}
}

// withoutAuthorization returns a recording saved as go-vcr's documentation advises.
func withoutAuthorization(t *testing.T) []importer.Exchange {
	t.Helper()
	data, err := os.ReadFile("../importer/testdata/go-vcr-4.yaml")
	if err != nil {
		t.Fatal(err)
	}
	from, err := importer.Decode("go-vcr-4.yaml", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range from.Exchanges {
		x.Header.Del("Authorization")
	}
	return slices.DeleteFunc(from.Exchanges, func(x importer.Exchange) bool { return x.Status == http.StatusForbidden })
}

func TestWhoCalledWhereTheCredentialWasTakenOut(t *testing.T) {
	t.Parallel()
	_, saved, err := imported(t, withoutAuthorization(t), nil)
	// the rejected request needs no credential
	if err != nil || saved.Interactions != 1 || saved.WithoutCredential != 4 {
		t.Errorf("%+v %v", saved, err)
	}
	dir, saved, err := imported(t, withoutAuthorization(t), func(o *recorder.Options) { o.As = "admin" })
	if err != nil || saved.Interactions != 5 || !strings.Contains(readFile(t, dir, "case.yaml"), "principal: 'admin'") {
		t.Fatalf("%+v %v", saved, err)
	}
	replay(t, kickflow.Def(), dir, 5)
	if _, err := recorder.New(recorder.Options{Fake: kickflow.Def(), Upstream: "http://a.test",
		As: "nobody"}); err == nil || !strings.Contains(err.Error(), `no principal "nobody"`) {
		t.Errorf("%v", err)
	}
}

func TestTheOriginOfAnImport(t *testing.T) {
	t.Parallel()
	get := func(urls ...string) (all []importer.Exchange) {
		for _, u := range urls {
			all = append(all, importer.Exchange{Method: "GET", URL: u, Status: 200})
		}
		return all
	}
	for _, test := range []struct {
		upstream     string
		urls         []string
		origin, want string
		notes        int
	}{
		{
			urls:   []string{"https://cdn.test/app.js", "https://api.kickflow.com/v1/users"},
			origin: "https://api.kickflow.com",
			want:   "https://api.kickflow.com/v1/users",
			notes:  1,
		},
		{
			urls:   []string{"http://10.0.0.7:4004/v1/users", "https://cdn.test/v2/x", "http://10.0.0.7:4004/v1/none"},
			origin: "http://10.0.0.7:4004",
			want:   "http://10.0.0.7:4004/v1/users http://10.0.0.7:4004/v1/none",
			notes:  1,
		},
		{urls: []string{"/v1/users"}, origin: "https://api.kickflow.com", want: "/v1/users"},
		{
			urls: []string{"http://127.0.0.1:4000/kickflow/v1/users",
				"http://127.0.0.1:4000/__world/a/kickflow/v1/users"},
			origin: "http://127.0.0.1:4000",
			want:   "http://127.0.0.1:4000/v1/users http://127.0.0.1:4000/v1/users",
		},
		{
			upstream: "https://other.test/",
			urls:     []string{"https://other.test/v1/x"},
			origin:   "https://other.test",
			want:     "https://other.test/v1/x",
		},
	} {
		origin, kept, notes, err := recorder.Select(kickflow.Def(), test.upstream, get(test.urls...))
		var urls []string
		for _, x := range kept {
			urls = append(urls, x.URL)
		}
		if err != nil || origin != test.origin || strings.Join(urls, " ") != test.want || len(notes) != test.notes {
			t.Errorf("%v: %s, %s, %v, %v", test.urls, origin, urls, notes, err)
		}
	}
	if _, _, _, err := recorder.Select(kickflow.Def(), "", get("https://cdn.test/app.js")); err == nil ||
		!strings.Contains(err.Error(), "hosts: https://cdn.test") {
		t.Errorf("%v", err)
	}
	two := get("https://global-us.flosum.app/api/v1/connections?page=1",
		"https://backup-us.flosum.app/api/v1/connections?page=1")
	if _, kept, _, err := recorder.Select(flosum.Def(), "", two); err != nil || len(kept) != 2 {
		t.Errorf("a vendor with several hosts: %v %v", kept, err)
	}
}

func TestWhatCannotBeAddedIsNoted(t *testing.T) {
	t.Parallel()
	auth := http.Header{"Authorization": {"Bearer kickflow-admin-token"}}
	_, saved, err := imported(t, []importer.Exchange{
		// decompressed by its tool
		{
			Method: "GET",
			URL:    "http://a.test/v1/users",
			Header: auth,
			Status: 200,
			Answer: http.Header{"Content-Encoding": {"gzip"}},
			Result: []byte("[]"),
		},
		{
			Method: "GET",
			URL:    "http://a.test/v1/grades",
			Header: auth,
			Status: 200,
			Answer: http.Header{"Content-Encoding": {"gzip"}},
			Result: []byte("\x1f\x8b\xff"),
		},
		{Method: "GET", URL: "http://a.test/v1/%zz", Header: auth, Status: 200},
		{
			Method: "POST",
			URL:    "http://a.test/v1/grades",
			Header: auth,
			Status: 200,
			Result: make([]byte, recorder.Bound+1),
		},
	}, nil)
	if err != nil || saved.Interactions != 1 || len(saved.Notes) != 3 {
		t.Errorf("%+v %v", saved, err)
	}
	if _, _, err := imported(t, []importer.Exchange{{Method: "GET", URL: "http://a.test/v1/users", Status: 200}},
		nil); !errors.Is(err, recorder.ErrEmpty) {
		t.Errorf("%v", err)
	}
}
