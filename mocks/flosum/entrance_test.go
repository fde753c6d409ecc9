package flosum

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
	"golang.org/x/text/encoding/unicode"

	"github.com/afba07b5/mockserver/fake"
)

// TestBodiesAreDecoded decodes bodies as the framework's parser does.
func TestBodiesAreDecoded(t *testing.T) {
	t.Parallel()
	const plain = `{"isBackupsDisabled":true,"isArchivesDisabled":false,"initialBinaryRecordsLimit":7}`
	var packed, deflated, br bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(plain))
	z.Close()
	d := zlib.NewWriter(&deflated)
	d.Write([]byte(plain))
	d.Close()
	b := brotli.NewWriter(&br)
	b.Write([]byte(plain))
	b.Close()
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(plain)
	if err != nil {
		t.Fatal(err)
	}
	srv := NewServer(t)
	for _, tt := range []struct {
		name, coding, media, body string
		status                    int
		want                      string
	}{
		{"gzip", "gzip", "application/json", packed.String(), 200, ""},
		{"deflate", "deflate", "application/json", deflated.String(), 200, ""},
		{"br", "br", "application/json", br.String(), 200, ""},
		{"a byte order mark", "", "application/json", "\ufeff" + plain, 200, ""},
		{"UTF-16", "", "application/json; charset=utf-16le", wide, 200, ""},
		{"not packed", "gzip", "application/json", plain, 400, badRequest("the body does not unpack as gzip")},
		{"another encoding", "zstd", "application/json", plain, 400, badRequest(`unsupported content encoding "zstd"`)},
		{"another character set", "", "application/json; charset=Shift_JIS", plain, 400,
			badRequest(`unsupported charset "SHIFT_JIS"`)},
	} {
		header := map[string]string{"Content-Type": tt.media}
		if tt.coding != "" {
			header["Content-Encoding"] = tt.coding
		}
		check(t, send(t, srv, ask{
			line:   "PUT /api/v1/connections/1/settings",
			body:   tt.body,
			header: header,
		}), tt.status, tt.want)
		if t.Failed() {
			t.Fatal(tt.name)
		}
	}
}

// TestTokenReadsJSON sends the fields of a token request as a JSON object.
func TestTokenReadsJSON(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	form, err := url.ParseQuery(tokenForm("code", codeOf(t, srv)).body)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]string{}
	for name := range form {
		fields[name] = form.Get(name)
	}
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	send := func(body string) answer {
		return send(t, srv, ask{line: "POST /api/v1/oauth/token", as: "-", body: body})
	}
	check(t, send(`{"grant_type":1}`), 400,
		badRequest("grant_type must be one of the following values: authorization_code, refresh_token",
			"redirect_uri must be a string", "client_id must be a string", "client_secret must be a string"))
	tokensOf(t, send(string(body)))
}

// TestQueriesAreReadLikeTheFramework parses queries as the framework's parser does: ; is a
// character, an invalid escape stays, lists have three spellings.
func TestQueriesAreReadLikeTheFramework(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for _, tt := range []struct {
		line   string
		status int
		want   string
	}{
		{"GET /api/v1/connections?page=1&limit=1&search=a;b", 200, `{"total":0,"items":[]}`},
		{"GET /api/v1/connections?page=1&limit=1&search=50%", 200, `{"total":0,"items":[]}`},
		{"GET /api/v1/connections?page=1&page=2&limit=1", 400,
			badRequest("page must not be less than 1",
				"page must be a number conforming to the specified constraints")},
		{"GET /api/v1/connections?page=1&limit=1&search=a&search=b", 400,
			badRequest("search must be shorter than or equal to 80 characters", "search must be a string")},
		{"GET /api/v1/connections/1/templates?page=1&limit=1&types[0]=archive&search=nobody", 200, ""},
		{"GET /api/v1/connections/1/templates?page=1&limit=1&types[]=archive&types[]=backup&search=nobody", 200, ""},
	} {
		check(t, send(t, srv, ask{line: tt.line}), tt.status, tt.want)
	}
	got := send(t, srv, approving("state", "k=v;k2=v2"))
	if to := got.header.Get("Location"); got.status != http.StatusFound ||
		!strings.HasSuffix(to, "&state=k%3Dv%3Bk2%3Dv2") {
		t.Errorf("%d, Location %q", got.status, to)
	}
}

// TestRegionsHaveBaseURLs reaches every region with a base URL, on the edge and on the fake's port.
func TestRegionsHaveBaseURLs(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	edge := fake.Serve(t, srv.Server.Edge())
	const path = "/api/v1/connections?page=1&limit=5"
	for _, tt := range []struct {
		url, host, token string
		want             int
	}{
		{edge + "/flosum/jp", "", "synthetic-access-token-hana", 200},
		{edge + "/flosum/us", "", "synthetic-access-token-hana", 401},
		{edge + "/flosum/us", "", AdminToken, 200},
		{edge + "/flosum", "", AdminToken, 200},
		{srv.URL + "/jp", "", "synthetic-access-token-hana", 200},
		{srv.URL, "jp.flosum.localhost", "synthetic-access-token-hana", 200},
		{edge, "backup-jp.flosum.localhost", "synthetic-access-token-hana", 200},
		{edge, "global-jp.flosum.localhost", "synthetic-access-token-hana", 404},
		{edge, "default.backup-jp.flosum.localhost", "synthetic-access-token-hana", 200},
		{edge, "default.flosum.localhost", AdminToken, 200},
		{edge + "/__world/default/flosum/jp", "", "synthetic-access-token-hana", 200},
	} {
		r, err := http.NewRequest("GET", tt.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = tt.host
		r.Header.Set("Authorization", "Bearer "+tt.token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.want {
			t.Errorf("%s, host %q: status %d, want %d", tt.url, tt.host, resp.StatusCode, tt.want)
		}
	}
}

// TestLoopbackPorts checks that a loopback redirect URI matches with any port if the world allows
// it, and otherwise with its own port only.
func TestLoopbackPorts(t *testing.T) {
	t.Parallel()
	app := WithConnectedApp(ConnectedApp{
		ClientID:     "native",
		ClientSecret: "s",
		RedirectURIs: []string{"http://127.0.0.1/done", "https://127.0.0.1/secure"},
	})
	for _, tt := range []struct {
		uri    string
		on     bool
		status int
	}{
		{"http://127.0.0.1:51004/done", true, 302},
		{"http://127.0.0.1:51004/done", false, 400},
		{"http://127.0.0.1:51004/other", true, 400},
		{"http://localhost:51004/done", true, 400},
		{"https://127.0.0.1:51004/secure", true, 400},
		{"http://127.0.0.1.example:51004/done", true, 400},
	} {
		srv := NewServer(t, app, fake.WithFeature(LoopbackPorts, tt.on))
		check(t, send(t, srv, approving("client_id", "native", "redirect_uri", tt.uri)), tt.status, "")
	}
}

// TestOAuthReadsOneValue sends parameters and fields of OAuth twice, which the framework reads as a
// list.
func TestOAuthReadsOneValue(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	request := approving("state", "1")
	text := func(name string) string {
		return badRequest(name+" must be longer than or equal to 1 characters", name+" must be a string")
	}
	for again, want := range map[string]string{
		"client_id":    text("client_id"),
		"redirect_uri": text("redirect_uri"),
		"state":        badRequest("state must be a string"),
	} {
		twice := request
		twice.line += "&" + again + "=x"
		check(t, send(t, srv, twice), 400, want)
	}
	code := codeOf(t, srv)
	form := tokenForm("code", code)
	for again, want := range map[string]string{
		"client_id": badRequest("client_id must be a string"),
		"code":      badRequest("code must be a string"),
		"grant_type": badRequest("grant_type must be one of the following values: " +
			"authorization_code, refresh_token"),
	} {
		twice := form
		twice.body += "&" + again + "=authorization_code"
		check(t, send(t, srv, twice), 400, want)
	}
	tokensOf(t, send(t, srv, form)) // the refusals did not use up the code
}
