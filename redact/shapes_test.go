package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

const pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAx9mK2bVt7Yq0\nQm4Zk3cJ8s5TnW1dPz6RfLh2Xv\n" +
	"-----END RSA PRIVATE KEY-----"

// spelledOut joins the parts of a key, so that no scanner mistakes this file for a leak.
func spelledOut(parts ...string) string { return strings.Join(parts, "") }

var shaped = []struct{ name, secret, how string }{
	{"private key", pem, "the key is\n%s\nkeep it"},
	{"AWS", spelledOut("AKIA", "IOSFODNN7EXAMPLE"), `{"note":"with %s since May"}`},
	{"Google", spelledOut("AIza", "SyA1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q"), "map?u=1&k=%s"},
	{"Google client", spelledOut("GOCSPX-", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4"), "%s"},
	{"Azure", "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldC0xMjM0NTY3OA==",
		"DefaultEndpointsProtocol=https;AccountName=x;AccountKey=%s;EndpointSuffix=y"},
	{"GitHub", spelledOut("ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"), `{"text":"push with %s"}`},
	{"GitLab", spelledOut("glpat-", "a1B2c3D4e5F6g7H8i9J0"), "<p>%s</p>"},
	{"npm", spelledOut("npm_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"), "%s"},
	{"Slack bot", spelledOut("xoxb-", "123456789012-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"), "chat as %s"},
	{"Stripe", spelledOut("sk_", "live_", "a1B2c3D4e5F6g7H8i9J0k1L2"), "pays with %s now"},
	{"language model", spelledOut("sk-", "proj-a1B2c3D4e5F6g7H8i9J0k1L2"), "%s"},
	{"SendGrid", spelledOut("SG.", "a1B2c3D4e5F6g7H8i9J0kA.a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V"), "%s"},
	{"Telegram", spelledOut("123456789:", "AAa1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q"),
		"https://api.chat.example/bot%s/send"},
	{"Slack webhook", "T/B/secret", `{"targetUrl":"https://hooks.example/services/%s"}`},
	{"Discord webhook", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
		"https://chat.example/api/webhooks/123456789012345678/%s"},
	{"n8n webhook", "3f1c8a44-90ab-4def-8123-456789abcdef", `{"url":"https://n8n.example/webhook/%s"}`},
	{"Make webhook", "a1b2c3d4e5f6g7h8", "https://hook.eu1.make.example/%s?x=1"},
	{"card", "4111111111111111", `{"memo":"card 4111111111111111 until 12/30","also":"%s"}`},
	{"card with blanks", "5555 5555 5555 4444", "%s."},
	{"Basic under any name", base64.StdEncoding.EncodeToString([]byte("ada:pw-77123")), `{"upstream":"Basic %s"}`},
	{"Basic password", "pw-77123-x", `{"upstream":"Basic YWRhOnB3LTc3MTIzLXg=","echo":"%s"}`},
}

func TestSecretsAreFoundByTheirShape(t *testing.T) {
	t.Parallel()
	for _, test := range shaped {
		quoted, _ := json.Marshal(test.secret)
		secret := test.secret
		if strings.HasPrefix(test.how, "{") {
			secret = string(quoted[1 : len(quoted)-1])
		}
		text := fmt.Sprintf(test.how, secret)
		for name, hidden := range map[string]string{
			"as it is": text, "in JSON": string(must(json.Marshal(text))),
			"in base64": base64.StdEncoding.EncodeToString([]byte("<" + text + ">")),
		} {
			b := New([]byte("a key"), nil)
			b.Learn(hidden)
			b.Freeze()
			out := b.Replace(hidden)
			if b.all[test.secret] == nil {
				t.Errorf("%s %s: not found in %s", test.name, name, hidden)
			}
			if out == hidden || strings.Contains(out, test.secret) || b.Replace(out) != out {
				t.Errorf("%s %s: %s became %s", test.name, name, hidden, out)
			}
		}
	}
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

func TestAKeyKeepsItsFrame(t *testing.T) {
	t.Parallel()
	b := testBook()
	b.Learn(pem)
	if out := b.Replace(pem); !matches(
		`^-----BEGIN RSA PRIVATE KEY-----\n[A-Za-z0-9]{28}\n[A-Za-z0-9]{26}\n-----END RSA PRIVATE KEY-----$`, out) {
		t.Errorf("%s", out)
	}
}

// A search vector names the words of a text, secrets included.
func TestAFormIsASecretAlthoughANameEqualsIt(t *testing.T) {
	t.Parallel()
	const card = "5500005555555559"
	text := `{"memo":"card ` + card + `","searchVector":"'card':1 '` + card + `':2"}`
	b := testBook()
	b.Learn(text)
	b.Freeze()
	if out := b.Replace(text); strings.Contains(out, card) {
		t.Errorf("%s keeps %s", out, card)
	}
}

func TestWhatOnlyLooksLikeASecretStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"4111111111111112", // the check digit is wrong
		"1795285657000", "1234567890123456", "order 9999999999999995", "51000000-0000-4000-8000-000000000003",
		`"id":"4000-0000-0000-0002-x"`, "0.4111111111111111", "a3f1c8a44-4111-4111-8111-1111456789ab",
		"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "Basic research", "basic settings",
		"Basic Zm9v", "https://api.example/rest/webhooks/3f1c8a44-90ab-4def-8123-456789abcdef",
		"https://hooks.example/catch", "/services/Team/Board", "task-4111", "sk-short", "AKIAshort",
	} {
		b := testBook()
		b.Learn(text)
		if out := b.Replace(text); out != text {
			t.Errorf("%s became %s", text, out)
		}
	}
}

func TestATokenKeepsNoIdentifier(t *testing.T) {
	t.Parallel()
	part := base64.RawURLEncoding.EncodeToString
	const tenant, org, short = "34d97954-c9d3-4a31-88a1-9a55d90fd741", "org_a1B2c3D4e5", "acme"
	header := `{"alg":"RS256","typ":"JWT","kid":"key-2026-a1"}`
	claims := `{"sub":"` + tenant + `","tenant":"` + short + `","org":["` + org +
		`"],"account":7654321,"iss":"https://acme.idp.example/","email":"ada@corp.test","type":"ACCESS",` +
		`"scope":"read write","iat":1795285657,"exp":4070908800,"ok":true}`
	token := part([]byte(header)) + "." + part([]byte(claims)) + "." + part([]byte("signature of the server"))
	b := testBook()
	text := `{"token":"` + token + `","tenantId":"` + tenant + `"}`
	b.Learn(text)
	b.Freeze()
	out := b.Replace(text)
	var answer struct{ Token, TenantID string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range strings.Split(answer.Token, ".")[:2] {
		got = append(got, string(must(base64.RawURLEncoding.DecodeString(p))))
	}
	if !matches(`^\{"alg":"RS256","typ":"JWT","kid":"[a-z]{3}-[0-9]{4}-[a-z][0-9]"\}$`, got[0]) {
		t.Errorf("header %s", got[0])
	}
	if !strings.Contains(got[1], `"sub":"`+answer.TenantID+`"`) {
		t.Errorf("the tenant is no longer the one of the answer: %s, %s", got[1], out)
	}
	if !matches(`"account":[1-9][0-9]{6},.*"type":"ACCESS","scope":"read write",`+
		`"iat":1795285657,"exp":4070908800,"ok":true\}$`, got[1]) {
		t.Errorf("claims %s", got[1])
	}
	for _, id := range []string{tenant, org, short, "7654321", "idp.example", "corp.test", "key-2026-a1"} {
		if strings.Contains(out+got[0]+got[1], id) {
			t.Errorf("%s is left in %s %s", id, got[0], got[1])
		}
	}
	if b.Replace(out) != out {
		t.Error("replacing does not come to an end")
	}
}

func TestIdentifiersOfTheSeedStayInATokenOfTheSeed(t *testing.T) {
	t.Parallel()
	part := base64.RawURLEncoding.EncodeToString
	token := part([]byte(`{"alg":"HS256"}`)) + "." + part([]byte(`{"sub":"34d97954-c9d3-4a31-88a1-9a55d90fd741"}`)) +
		"." + part([]byte("signature of the server"))
	b := testBook()
	b.SetPublic(NewPublic(`[{"id":"34d97954-c9d3-4a31-88a1-9a55d90fd741"}]`))
	b.Learn(token)
	out := b.Replace(token)
	if strings.Split(out, ".")[1] != strings.Split(token, ".")[1] || out == token {
		t.Errorf("%s became %s", token, out)
	}
}

// TestOverlappingSecretsReachAFixedPoint generates short secrets that share beginnings and ends,
// inside and beside each other. One pass must replace all of them, and reading the result must find
// no new secret.
func TestOverlappingSecretsReachAFixedPoint(t *testing.T) {
	t.Parallel()
	pieces := []string{"ab1", "1ab", "b1a", "-", "@", "x1.example", ".", "user-", "://", ":", "/", "@example.com",
		"p4ss", "%40", `\"`, "Basic ", "4111111111111111", " "}
	frames := []string{`{"password":"%s"}`, `https://%s@hooks.example/x`, "token=%s&a=1", "<secret>%s</secret>",
		"mail %s now", `{"q":"{\"apiKey\":\"%s\"}"}`, "Cookie: sid=%s"}
	for seed := range uint64(600) {
		random := rand.New(rand.NewPCG(seed, 7))
		word := func() (s string) {
			for range 2 + random.IntN(5) {
				s += pieces[random.IntN(len(pieces))]
			}
			return s
		}
		b := testBook()
		var text string
		for range 4 {
			secret := word()
			b.AddCredential(secret)
			text += fmt.Sprintf(frames[random.IntN(len(frames))], secret+word()) + "\n" +
				secret[:random.IntN(len(secret))] + secret + "\n"
		}
		b.Learn(text)
		b.Freeze()
		out, rounds := b.Replace(text), 0
		for before := -1; before != b.Len(); rounds++ {
			before = b.Len()
			b.Learn(out)
			out = b.Replace(text)
		}
		if rounds > 4 {
			t.Errorf("seed %d: %d rounds for %q", seed, rounds, text)
		}
		if again := b.Replace(out); again != out {
			t.Errorf("seed %d: %q\nbecame %q\nand then %q", seed, text, out, again)
		}
		for _, s := range b.longest {
			if at := strings.Index(out, s.value); at >= 0 && !b.inStandIn(out, at, at+len(s.value)) {
				t.Errorf("seed %d: %q is left in %q", seed, s.value, out)
			}
		}
	}
}
