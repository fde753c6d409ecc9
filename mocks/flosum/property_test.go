package flosum

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Tokyo",
	"Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu", "Pacific/Apia", "Asia/Beirut"}

func anyCalendar(r *rand.Rand) Calendar {
	c := Calendar{
		Frequency:   []string{"hourly", "daily", "weekly", "monthly"}[r.IntN(4)],
		RepeatEvery: 1 + r.IntN(5),
		RunAt:       fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(60)),
	}
	switch c.Frequency {
	case "weekly":
		c.RepeatOn = &RepeatOn{Type: "weekly", DaysOfWeek: r.Perm(7)[:1+r.IntN(7)]}
	case "monthly":
		c.RepeatOn = &RepeatOn{Type: "monthly", DayOfMonth: pointer(1 + r.IntN(31))}
		if r.IntN(2) == 0 {
			c.RepeatOn = &RepeatOn{
				Type:           "monthly",
				WeekDayOfMonth: &WeekDayOfMonth{[]string{"first", "last"}[r.IntN(2)], r.IntN(7)},
			}
		}
	}
	return c
}

func TestNextRunIsAfterAndAtTheTimeOfDay(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 1))
	for range 3000 {
		c := anyCalendar(r)
		zone, err := time.LoadLocation(zones[r.IntN(len(zones))])
		if err != nil {
			t.Fatal(err)
		}
		anchor := time.Unix(946684800+r.Int64N(30*366*86400), 0)
		after := anchor.Add(time.Duration(r.Int64N(400 * 24 * int64(time.Hour))))
		next := c.next(zone, anchor, after)
		text, _ := json.Marshal(c)
		what := fmt.Sprintf("%s in %s, anchor %s, after %s: %s", text, zone, anchor.In(zone), after.In(zone),
			next.In(zone))
		if !next.After(after) {
			t.Fatalf("not after: %s", what)
		}
		if again := c.next(zone, anchor, next.Add(-1)); !again.Equal(next) {
			t.Fatalf("asked a moment before, the next run is another, %s: %s", again, what)
		}
		if c.Frequency == "hourly" {
			continue
		}
		if local := next.In(zone).Format("15:04"); local != c.RunAt && !skipped(next, zone) {
			t.Fatalf("not at the time of day: %s", what)
		}
		if on := c.RepeatOn; c.Frequency == "weekly" &&
			!slices.Contains(on.DaysOfWeek, int(next.In(zone).Weekday())) && !skipped(next, zone) {
			t.Fatalf("not on the day of the week: %s", what)
		}
	}
}

// skipped reports whether the zone's clocks jump ahead at that instant.
func skipped(at time.Time, zone *time.Location) bool {
	_, before := at.Add(-time.Second).In(zone).Zone()
	_, now := at.In(zone).Zone()
	return now > before
}

func TestAnyStateComesBackAsItWas(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 2))
	uris := []string{"http://h/cb", "http://h/cb?", "http://h/cb?a=1&b=%20", "http://h/cb?a&", "app:back", "https://h"}
	letters := []rune("abc &=?#%+/<>\"'\x00\n\u00e9日\U0001F600;,")
	for range 2000 {
		var state []rune
		for range r.IntN(30) {
			state = append(state, letters[r.IntN(len(letters))])
		}
		w := authorizeRequest{RedirectURI: uris[r.IntN(len(uris))], State: string(state), HasState: true}
		to := w.back("code", "c0de")
		u, err := url.Parse(to)
		if err != nil || !strings.HasPrefix(to, w.RedirectURI) {
			t.Fatalf("%q became %q: %v", w.RedirectURI, to, err)
		}
		own, _ := url.Parse(w.RedirectURI)
		want := own.Query()
		want.Set("code", "c0de")
		want.Set("state", w.State)
		if diff := cmp.Diff(want, u.Query()); diff != "" {
			t.Fatalf("query of %q (-want +got):\n%s", to, diff)
		}
	}
}

func TestPagesAddUpToTheList(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for limit := 1; limit <= 6; limit++ {
		var ids []int
		for page := 1; page <= 6; page++ {
			var got struct{ Items []struct{ JobID int } }
			send(t, srv, ask{line: fmt.Sprintf("GET /api/v1/connections/1/backups?page=%d&limit=%d&%s", page, limit,
				everyBackup)}).into(t, &got)
			for _, item := range got.Items {
				ids = append(ids, item.JobID)
			}
		}
		if diff := cmp.Diff([]int{105, 104, 103, 102, 101}, ids); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
}

func TestManySmallAdvancesAreOneLargeOne(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 3))
	ends := func(advance func(w *fake.World)) []string {
		srv := NewServer(t)
		srv.World.Freeze(noon.AddDate(-1, 0, 0))
		send(t, srv, ask{line: "GET /api/v1/connections/1"}) // schedules the schedulers by this clock
		srv.World.Freeze(noon)
		send(t, srv, ask{line: "GET /api/v1/connections/1"})
		advance(srv.World)
		var rows []string
		for _, row := range srv.Rows("backups") {
			rows = append(rows, string(row))
		}
		return rows
	}
	const most = 20 * 24 * time.Hour
	one := ends(func(w *fake.World) { w.Advance(most) })
	many := ends(func(w *fake.World) {
		for left := most; left > 0; {
			step := min(left, time.Duration(1+r.Int64N(int64(20*time.Hour))))
			w.Advance(step)
			left -= step
		}
	})
	if diff := cmp.Diff(one, many); diff != "" || len(one) < 40 {
		t.Errorf("%d backups after one advance; after many (-one +many):\n%s", len(one), diff)
	}
}

func TestOfManyAtOnceOneStartsABackupAndOneUsesACode(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	srv.World.Freeze(noon)
	code := codeOf(t, srv)
	var mu sync.Mutex
	count := map[string]int{}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			backup := send(t, srv, ask{line: "POST /api/v1/connections/2/backups/backup", body: fullBackup}).status
			token := send(t, srv, tokenForm("code", code)).status
			list := send(t, srv, ask{line: "GET /api/v1/connections/2/backups?page=1&limit=9&" + everyBackup}).status
			mu.Lock()
			defer mu.Unlock()
			count[fmt.Sprint("backup ", backup)]++
			count[fmt.Sprint("token ", token)]++
			count[fmt.Sprint("list ", list)]++
		})
	}
	group.Wait()
	want := map[string]int{"backup 201": 1, "backup 409": 7, "token 200": 1, "token 400": 7, "list 200": 8}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

// wantState returns the state that a client gets back. Text that is not UTF-8 is not decoded, and
// qs leaves it escaped.
func wantState(sent string) string {
	if utf8.ValidString(sent) {
		return sent
	}
	return strings.ReplaceAll(url.QueryEscape(sent), "+", " ")
}

// FuzzAuthorizeAndToken sends random parameters to both steps and checks that no answer redirects
// to an unregistered address, that only the right secret gets tokens, and that every answer is
// documented.
func FuzzAuthorizeAndToken(f *testing.F) {
	f.Add(portalID, "code", portalBack, "xyz", "approve", portalSecret, "authorization_code")
	f.Add(reportID, "code", reportBack, "", "refuse", "", "refresh_token")
	f.Add("", "token", "javascript:alert(1)", "\x00&state=2", "approve hoshino@hoshino.example", "x", "")
	f.Add(portalID, "code", portalBack+"#", "%", "", portalSecret, "password")
	srv := NewServer(f)
	handler := srv.Server.Handler("flosum")
	serve := func(method, target, body string, header map[string]string) *httptest.ResponseRecorder {
		req := httptest.NewRequest(method, target, strings.NewReader(body))
		for name, value := range header {
			req.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		return w
	}
	f.Fuzz(func(t *testing.T, client, kind, back, state, consent, secret, grant string) {
		q := url.Values{"client_id": {client}, "response_type": {kind}, "redirect_uri": {back}, "state": {state}}
		got := serve("GET", "/api/v1/oauth/authorize?"+q.Encode(), "", map[string]string{"Mockserver-Consent": consent})
		to := got.Header().Get("Location")
		switch {
		case got.Code == http.StatusFound:
			u, err := url.Parse(to)
			known := []string{portalBack, "https://app.example.com/oauth/callback", reportBack}
			if err != nil || !slices.Contains(known, back) || !strings.HasPrefix(to, back) ||
				u.Query().Get("state") != wantState(state) {
				t.Fatalf("redirected to %q for redirect_uri %q and state %q", to, back, state)
			}
		case to != "" || got.Code != http.StatusOK && got.Code != http.StatusBadRequest:
			t.Fatalf("authorize: %d, Location %q", got.Code, to)
		}
		u, _ := url.Parse(to)
		form := url.Values{"client_id": {client}, "client_secret": {secret}, "redirect_uri": {back},
			"grant_type": {grant}, "code": {u.Query().Get("code")}, "refresh_token": {state}}
		got = serve("POST", "/api/v1/oauth/token", form.Encode(),
			map[string]string{"Content-Type": "application/x-www-form-urlencoded"})
		good := secret == portalSecret && client == portalID || secret == reportSecret && client == reportID
		if got.Code != http.StatusBadRequest &&
			!(got.Code == http.StatusOK && good && grant == "authorization_code" && to != "") {
			t.Fatalf("token: %d %s", got.Code, got.Body)
		}
	})
}
