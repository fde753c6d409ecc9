package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

func matches(pattern, text string) bool { return regexp.MustCompile(pattern).MatchString(text) }

func testBook(own ...string) *Secrets { return New([]byte("a key"), own) }

func TestWhatNamesTell(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]confidence{
		"password": certain, "newPassword": certain, "user[password]": certain, "client_secret": certain,
		"X-Api-Key": certain, "access_token": certain, "csrfToken": certain, "JSESSIONID": certain,
		"X-Hub-Signature-256": certain, "Ocp-Apim-Subscription-Key": certain, "X-My-Pass": certain,
		"device_code": certain, "bypass": nothing, "pin": private, "session": maybe, "tokenType": nothing,
		"next_page_token": nothing, "apiKeyId": nothing, "secretary": nothing, "name": nothing, "code": nothing,
		"token_expires_at": nothing,
		"mfa":              certain, // as this fake declares
	} {
		if got := testBook("MFA").named(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

func TestWherePlacesAre(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"JSON", `{"password" : "a\"b"}`, `a"b`},
		{"JSON number", `{"pin": 4711}`, "4711"},
		{"JSON list", `{"token":["one-1", "two-2"]}`, "one-1 two-2"},
		{"JSON in JSON", `{"body":"{\"password\":\"p4ss\"}"}`, "p4ss"},
		{"GraphQL", `mutation { login(password: "p4ss", email: "x") }`, "p4ss"},
		{"query", `/cb?a=1&access_token=p4%2Bss&b=2`, "p4+ss"},
		{"escaped query", `next=%2Fcb%3Faccess_token%3Dp4ss`, "p4ss"},
		{"ampersand in JSON", `{"next":"/cb?access_token=p4ss\u0026x=1"}`, "p4ss"},
		{"attribute", `<user password='p4ss'/>`, "p4ss"},
		{"element", `<a:password x="1">p4ss</a:password>`, "p4ss"},
		{"hidden field", `<input value="p4ss" type="hidden" name="csrf_token">`, "p4ss"},
		{"multipart",
			"--b\r\nContent-Disposition: form-data; name=\"password\"\r\nContent-Type: text/plain\r\n\r\np4ss\r\n" +
				"--b--", "p4ss"},
		{"a list of fields", `[{"name":"password","value":"p4ss"}]`, "p4ss"},
		{"user in a URL", `postgres://me:p4ss@db/x`, "p4ss"},
		{"CDATA", `<password><![CDATA[p4ss]]></password>`, "p4ss"},
		{"an object", `{"secret":{"id":"7","value":"p4ss-w0rd"},"other":"x"}`, "id 7 value p4ss-w0rd"},
		{"YAML", "password: p4ss-w0rd\nname: x", "p4ss-w0rd"},
		{"a sentence", `password: must be longer`, ""},
	} {
		var found []string
		for _, v := range decodedTextsOf(test.text) {
			for _, p := range v.places() {
				if named(p.name) != nothing && p.value != "" {
					found = append(found, p.value)
				}
			}
		}
		if got := strings.Join(found, " "); !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestStandInsKeepTheirForm(t *testing.T) {
	t.Parallel()
	b := testBook()
	of := func(value string) string {
		b.observe(value, certain)
		return b.of(b.all[value])
	}
	for value, want := range map[string]string{
		"3f1c8a44-90ab-7def-a123-456789abcdef":  `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$`,
		"0123456789ABCDEF0123":                  `^[0-9A-F]{20}$`,
		"kf_Abc-123.x~y":                        `^[a-z]{2}_[A-Z][a-z]{2}-[0-9]{3}\.[a-z]~[a-z]$`,
		"c2VjcmV0LXZhbHVl+/8=":                  `^[A-Za-z0-9]{19}=$`,
		"4711998877":                            `^[1-9][0-9]{9}$`,
		"Ada.Lovelace@Corp.test":                `^user-[0-9a-f]{12}@example\.com$`,
		strings.Repeat("a", 250) + "@corp.test": `^user-[0-9a-f]{243}@example\.com$`,
	} {
		if got := of(value); !matches(want, got) || got == value {
			t.Errorf("%s became %s", value, got)
		}
	}
	if of("ada.lovelace@corp.test") != of("Ada.Lovelace@Corp.test") || of("ada@corp.test") == of("bob@corp.test") {
		t.Error("addresses are not told apart, or not known again")
	}
	if other := New([]byte("another key"), nil); other.shaped("some-s3cret", 0) == b.shaped("some-s3cret", 0) {
		t.Error("a stand-in does not depend on the key")
	}
}

func TestATokenCanBeDecodedStill(t *testing.T) {
	t.Parallel()
	part := base64.RawURLEncoding.EncodeToString
	value := part([]byte(`{"alg":"HS256"}`)) + "." + part([]byte(`{"sub":"7","email":"ada@corp.test"}`)) + "." +
		part([]byte("signed by the server"))
	b := testBook()
	text := `{"jwt":"` + value + `","to":"ada@corp.test","signature":"` + strings.Split(value, ".")[2] + `"}`
	b.read(text, 0)
	out := b.replace(text, 0)
	_, rest, _ := strings.Cut(out, `"jwt":"`)
	parts := strings.Split(strings.SplitN(rest, `"`, 2)[0], ".")
	claims, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || !matches(`^\{"sub":"[0-689]","email":"user-[0-9a-f]{12}@example.com"\}$`, string(claims)) {
		t.Errorf("claims %s, %v", claims, err)
	}
	if !strings.Contains(out, `"to":"`+b.of(b.all["ada@corp.test"])) || strings.Count(out, parts[2]) != 2 ||
		len(parts[2]) != len(strings.Split(value, ".")[2]) {
		t.Errorf("equality is lost: %s", out)
	}
}

func TestWordsAreReplacedWhereTheyAreSecretsOnly(t *testing.T) {
	t.Parallel()
	b := testBook()
	text := `{"password":"status","pin":"12","status":"status","n":12,"form":"a=1&pin=12&b=12",` +
		`"otp":"пароль-слово","authorization":"Bearer x1"}`
	b.read(text, 0)
	out := b.replace(text, 0)
	if !matches(`^\{"password":"[a-z]{6}","pin":"[0-9]{2,}","status":"status",`+
		`"n":12,"form":"a=1&pin=[0-9]{2,}&b=12","otp":"[a-z-]+","authorization":"Bearer [a-z0-9]{2,}"\}$`, out) ||
		strings.Contains(out, `"password":"status"`) || strings.Contains(out, "x1") {
		t.Errorf("%s", out)
	}
}

func TestPaddingAndAlphabetOfBase64Stay(t *testing.T) {
	t.Parallel()
	b := testBook()
	b.observe("hidden-s3cret", certain)
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding,
		base64.RawURLEncoding} {
		for _, before := range []string{"", "a", "bc", "\xff\xfe\xfd"} {
			text := `{"data":"` + coding.EncodeToString([]byte(before+"hidden-s3cret>>>???")) + `"}`
			out := b.replace(text, 0)
			value := strings.TrimSuffix(strings.TrimPrefix(out, `{"data":"`), `"}`)
			plain, err := coding.DecodeString(value)
			if err != nil || string(plain) != before+b.of(b.all["hidden-s3cret"])+">>>???" {
				t.Errorf("%s became %s: %q %v", text, out, plain, err)
			}
		}
	}
	wrapped := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("some words ", 6) + "hidden-s3cret"))
	wrapped = wrapped[:64] + "\r\n" + wrapped[64:]
	if out := b.replace(wrapped, 0); out == wrapped {
		t.Error("not found in wrapped base64")
	}
}

func TestHoldsFindsEverySpelling(t *testing.T) {
	t.Parallel()
	b := testBook()
	b.observe("missed-s3cret/1", certain)
	for _, text := range []string{"missed-s3cret/1", "x=missed-s3cret%2F1",
		base64.StdEncoding.EncodeToString([]byte("is missed-s3cret/1 there")), `missed-s3cret\/1`} {
		if !b.Holds("before " + text + " after") {
			t.Errorf("%s was not found", text)
		}
	}
}
