package recorder_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// token makes a JWT with the given claims.
func token(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + part([]byte(claims)) + "." +
		part([]byte("a signature of 32 bytes, or so ..."))
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// planted lists the secrets of the test below, each in a different location. %s in how is the
// secret.
var planted = []struct{ secret, where, how string }{
	{"bearer-7Qx91kLmN02", "header", "Authorization: Bearer %s"},
	{"key-in-a-header-55aa", "header", "X-Api-Key: %s"},
	{"3f1c8a44-90ab-4def-8123-456789abcdef", "header", "X-Auth-Token: %s"},
	{"session-4711-abcdef", "header", "Cookie: lang=ja; sid=%s"},
	{"proxy-Pa55word", "header", "Proxy-Authentication-Token: %s"},
	{"sig=0123456789abcdef0123456789abcdef", "header", "X-Hub-Signature-256: %s"},
	{"referer-t0ken-99", "header", "Referer: https://app.example.test/cb?access_token=%s&x=1"},
	{"carol.header@corp.test", "header", "X-Requested-By: Carol <%s>"},
	{"path-secret-8842ab", "path", "/reset/token/%s/confirm"},
	{"dave.path+tag@corp.test", "path", "/users/%s"},
	{"query-s3cret+/=", "query", "api_key=%s"},
	{"query client secret 1", "query", "client_secret=%s"},
	{"erin.query@corp.test", "query", "filter=email%%5Beq%%5D%%3A%s"},
	{"0a1b2c3d4e5f60718293a4b5c6d7e8f9", "query", "redirect_uri=http%%3A%%2F%%2Flocalhost&code=%s"},
	{"json-passw0rd", "json", `{"user":{"name":"x","password":%s}}`},
	{"pässwörd-日本-1", "json", `{"newPassword":%s}`},
	{`quote"and\back5lash`, "json", `{"apiKey":%s}`},
	{"frank.json@corp.test", "json", `{"list":[{"to":%s}]}`},
	{"deep-refresh-77x", "json", `{"a":[{"b":{"refresh_token":%s}}]}`},
	{"listed-backup-code-1", "json", `{"backup_tokens":["x",1],"recovery_token":[%s]}`},
	{"named-value-secret-9", "json", `{"fields":[{"name":"password","value":%s}]}`},
	{"hunter2", "json", `{"password":%s}`},
	{"form-client-s3cret", "form", "grant_type=client_credentials&client_secret=%s"},
	{"form password with blanks 1", "form", "password=%s"},
	{"grace.form@corp.test", "form", "login=%s"},
	{"multipart-pass-1x", "multipart", "password"},
	{"heidi.multi@corp.test", "multipart", "contact"},
	{"basic-pa55:with-colon", "basic", "ivan"},
	{"cookie-from-server-8x1", "answer header", "Set-Cookie: session=%s; Path=/; HttpOnly; Secure; Domain=.corp.test"},
	{"location-code-aa11bb22", "answer header", "Location: https://app.example.test/cb?code=%s&state=1&redirect_uri=x"},
	{"judy.answer@corp.test", "answer json", `{"message":"mail to <a href=\"mailto:x\">` + "%s" + `</a> was sent"}`},
	{"answer-access-t0ken", "answer json", `{"access_token":"%s","token_type":"Bearer"}`},
	{"mallory.b64@corp.test", "answer base64", `{"to":"%s"}`},
	{"webhook-signing-secret-1", "answer json", `{"webhook":{"signingSecret":"%s"}}`},
	{"xml-pa55word", "answer xml", `<r><password>%s</password></r>`},
	{"html-csrf-t0ken", "answer xml", `<form><input type="hidden" name="csrf_token" value="%s"></form>`},
	{"niaj.claims@corp.test", "answer jwt", `{"sub":"3f1c8a44-90ab-4def-8123-456789abcd00","email":"%s"}`},
}

// echo answers as the test directs and repeats every secret of the request in other encodings.
func echo(t *testing.T) string {
	t.Helper()
	url, stop, err := listen.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var say struct{ Header, Type, Body string }
		if data, err := base64.StdEncoding.DecodeString(r.URL.Query().Get("say")); err == nil {
			json.Unmarshal(data, &say)
		}
		if name, value, ok := strings.Cut(say.Header, ": "); ok {
			w.Header().Set(name, value)
		}
		w.Header().Set("Content-Type", say.Type)
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		packed.Write([]byte(say.Body))
		packed.Close()
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

// everywhere writes a text in every encoding.
func everywhere(s string) []string {
	quoted, _ := json.Marshal(s)
	inner := string(quoted[1 : len(quoted)-1])
	twice, _ := json.Marshal(inner)
	escaped := ""
	for _, r := range s {
		escaped += fmt.Sprintf(`\u%04x`, r)
	}
	percent := ""
	for _, c := range []byte(s) {
		percent += fmt.Sprintf("%%%02X", c)
	}
	all := []string{
		s, inner, string(twice[1 : len(twice)-1]), escaped, strings.ReplaceAll(inner, "@", `\u0040`), percent,
		strings.ToLower(percent), url.QueryEscape(s), url.PathEscape(s), url.QueryEscape(url.QueryEscape(s)),
		html.EscapeString(s), strings.ReplaceAll(s, "@", "&#64;"),
	}
	for _, before := range []string{"", "x", "xx"} {
		for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding,
			base64.RawURLEncoding} {
			coded := coding.EncodeToString([]byte(before + s + before))
			all = append(all, coded, url.QueryEscape(coded))
		}
	}
	return append(all, b64(b64(s)), b64(`{"v":"`+inner+`"}`))
}

// plantSecret sends every secret in its location. The last exchange contains all of them, in all
// encodings.
func plantSecret(s *session) {
	for n, p := range planted {
		filled := func(encode func(string) string) string { return fmt.Sprintf(p.how, encode(p.secret)) }
		asIs := func(s string) string { return s }
		quoted := func(s string) string { q, _ := json.Marshal(s); return string(q) }
		auth := "Authorization: Bearer bearer-7Qx91kLmN02"
		line := fmt.Sprintf("/v1/%d", n)
		switch p.where {
		case "header":
			s.ask("GET "+line, "", auth, filled(asIs))
		case "path":
			s.ask("GET "+filled(url.PathEscape), "", auth)
		case "query":
			s.ask("GET "+line+"?"+filled(url.QueryEscape), "", auth)
		case "json":
			s.ask("POST "+line, filled(quoted), auth)
		case "form":
			s.ask("POST "+line, filled(url.QueryEscape), auth, "Content-Type: application/x-www-form-urlencoded")
		case "multipart":
			body := "--bound\r\nContent-Disposition: form-data; name=\"" + p.how + "\"\r\n\r\n" + p.secret +
				"\r\n--bound\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n" +
				"Content-Type: image/png\r\n\r\n\x89PNG\r\n\x1a\n\xff\xfe" + p.secret + "\r\n--bound--\r\n"
			s.ask("POST "+line, body, auth, "Content-Type: multipart/form-data; boundary=bound")
		case "basic":
			s.ask("GET "+line, "", "Authorization: Basic "+b64(p.how+":"+p.secret))
		case "answer header":
			s.ask("GET "+line+saying(filled(asIs), "text/plain", "ok"), "", auth)
		case "answer json":
			s.ask("GET "+line+saying("", "application/json", filled(asIs)), "", auth)
		case "answer base64":
			s.ask("GET "+line+saying("", "application/json", `{"data":"`+b64(filled(asIs))+`"}`), "", auth)
		case "answer xml":
			s.ask("GET "+line+saying("", "text/html", filled(asIs)), "", auth)
		case "answer jwt":
			s.ask("GET "+line+saying("", "application/json", `{"jwt":"`+token(filled(asIs))+`"}`), "", auth)
		default:
			s.Fatalf("no way to plant in %s", p.where)
		}
	}
	var all []string
	for n, p := range planted { // two encodings of each; together they cover all
		spellings := everywhere(p.secret)
		all = append(all, spellings[n%len(spellings)], spellings[(n*7+3)%len(spellings)])
	}
	text := strings.Join(all, " | ")
	inJSON, _ := json.Marshal(map[string]any{"note": text, "list": all})
	s.ask("POST /v1/notes", string(inJSON), "Authorization: Bearer bearer-7Qx91kLmN02")
	s.ask("POST /v1/notes"+saying("", "text/plain", planted[0].secret), text,
		"Authorization: Bearer bearer-7Qx91kLmN02", "Content-Type: text/plain")
}

func saying(header, kind, body string) string {
	data, _ := json.Marshal(map[string]string{"Header": header, "Type": kind, "Body": body})
	return "?say=" + url.QueryEscape(b64(string(data)))
}

func TestNothingSecretIsWritten(t *testing.T) {
	t.Parallel()
	s := startSession(t, kickflow.Def(), echo(t), nil)
	plantSecret(s)
	dir, _ := s.save()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		info, _ := f.Info()
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
		fields := ""
		if f.Name() == "cassette.yaml" {
			fields = strings.Join(texts(t, data), "\n")
		}
		for _, p := range planted {
			for _, spelling := range everywhere(p.secret) {
				if bytes.Contains(data, []byte(spelling)) {
					t.Errorf("%s: %s is in it, as %s", f.Name(), p.secret, spelling)
				}
				if strings.Contains(fields, spelling) {
					t.Errorf("%s is in a field, as %s", p.secret, spelling)
				}
			}
		}
	}
}

// texts returns all texts of a cassette, and the decoded text of its base64.
func texts(t *testing.T, data []byte) (all []string) {
	var interactions struct {
		Version      int
		Interactions []*cassette.Interaction
	}
	if err := yaml.Unmarshal(data, &interactions); err != nil {
		t.Fatal(err)
	}
	for _, i := range interactions.Interactions {
		all = append(all, i.Request.URL, i.Request.Body, i.Response.Body, fmt.Sprint(i.Request.Headers),
			fmt.Sprint(i.Response.Headers))
	}
	return all
}
