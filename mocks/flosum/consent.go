package flosum

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/afba07b5/mockserver/fake"
)

// consentCookie binds a page to the browser that shows it.
const consentCookie = "flosum_consent"

// consent is a pending question. Its token is in the page's form, and the browser must send its
// cookie with it, so that no other site can answer.
type consent struct {
	Token     string           `json:"token"`
	Browser   string           `json:"browser"`
	Wish      authorizeRequest `json:"wish"`
	Region    string           `json:"region"`
	ExpiresAt time.Time        `json:"expiresAt"`
}

//go:embed consent.html
var consentHTML string

//go:embed consent.css
var consentCSS string

var consentTemplate = template.Must(template.New("consent").Parse(consentHTML))

// words are the texts of the page in one language. Ask takes the app's name.
type words struct {
	Lang, Title, Ask, Who, Back, Approve, Refuse, Note string
}

var (
	languages = language.NewMatcher([]language.Tag{language.English, language.Japanese})
	spoken    = []words{
		{"en", "Connect an app", "%s asks to use Backup & Archive on your behalf.", "Approve as",
			"Afterwards you return to", "Approve", "Refuse", "This is a stand-in for Flosum. No password is needed."},
		{"ja", "アプリの接続", "%s が、あなたの代わりに Backup & Archive を使う許可を求めています。", "承認するユーザー", "このあと次の場所に戻ります", "承認する", "拒否する",
			"これは Flosum の代役です。パスワードは要りません。"},
	}
)

// consentPage renders the question. The template escapes all values; the page has no scripts.
func (a *api) consentPage(r *fake.Request, w authorizeRequest, app ConnectedApp, users []User) (any, error) {
	now := a.Now()
	a.consents.DeleteIf(func(c consent) bool { return !now.Before(c.ExpiresAt) })
	_, region := serviceAndRegion(r.Host)
	browser := a.secret("browser", 40)
	if c, err := r.HTTP.Cookie(consentCookie); err == nil && len(c.Value) == len(browser) {
		browser = c.Value
	}
	asked, err := a.consents.Insert(consent{Token: a.secret("consent", 40), Browser: browser, Wish: w, Region: region,
		ExpiresAt: now.Add(codeLifetime)})
	if err != nil {
		return nil, err
	}
	prefix := basePath(r)
	_, chosen := language.MatchStrings(languages, r.Header("Accept-Language"))
	var page bytes.Buffer
	err = consentTemplate.Execute(&page, map[string]any{
		"Words": spoken[chosen], "Style": template.CSS(consentCSS), "App": app.Name, "Users": users,
		"Action": prefix + "/__consent", "Token": asked.Token, "ClientID": w.ClientID, "Back": w.RedirectURI,
	})
	cookie := http.Cookie{Name: consentCookie, Value: browser, Path: prefix + "/", HttpOnly: true,
		SameSite: http.SameSiteLaxMode}
	return &fake.Response{Status: http.StatusOK, Body: page.Bytes(), Header: http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Language":        {spoken[chosen].Lang},
		"Content-Security-Policy": {contentPolicy(w.RedirectURI)},
		"Cache-Control":           {"no-store"},
		"Referrer-Policy":         {"same-origin"},
		"Set-Cookie":              {cookie.String()},
		"Vary":                    {"Accept-Language, Cookie"},
		"X-Content-Type-Options":  {"nosniff"},
		"X-Frame-Options":         {"DENY"},
	}}, err
}

// basePath returns the path under which the browser reaches the fake, with the prefixes of world
// and fake. It has no host, so that the form goes to the origin of the page.
func basePath(r *fake.Request) string {
	u, err := url.Parse(r.Base)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.EscapedPath(), "/")
}

var (
	plainHost   = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]+$`)
	styleDigest = sha256.Sum256([]byte(consentCSS))
)

// contentPolicy allows the page its style and one form. The form's target includes the app, because
// browsers apply the rule to the redirect after a form as well.
func contentPolicy(redirectURI string) string {
	target := ""
	if u, err := url.Parse(redirectURI); err == nil && u.Scheme != "" {
		target = " " + u.Scheme + ":"
		if plainHost.MatchString(u.Host) {
			target += "//" + u.Host
		}
	}
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(styleDigest[:]) +
		"'; form-action 'self'" + target + "; base-uri 'none'; frame-ancestors 'none'"
}

// answerConsent handles the page's form. The form includes the client id, which may select the
// world. All checks are repeated, because the app may have changed.
func (a *api) answerConsent(r *fake.Request) (any, error) {
	form, err := r.Form()
	if err != nil {
		return nil, err
	}
	cookie, err := r.HTTP.Cookie(consentCookie)
	asked, ok := a.consents.Find(form.Get("token"))
	if err != nil || !ok || !secretEqual(asked.Browser, cookie.Value) || !a.Now().Before(asked.ExpiresAt) {
		return nil,
			refuse("the consent form is unknown or too old, or comes from another browser; start again from the app")
	}
	_, users, err := a.examine(asked.Wish, asked.Region)
	if err != nil {
		return nil, err
	}
	to := asked.Wish.refused()
	switch form.Get("decision") {
	case "approve":
		chosen := slices.IndexFunc(users, func(u User) bool { return key(u.ID) == form.Get("user") })
		if chosen < 0 {
			return nil, refuse("user must be one of those offered")
		}
		to = a.approved(asked.Wish, users[chosen])
	case "refuse":
	default:
		return nil, refuse("decision must be one of the following values: approve, refuse")
	}
	a.consents.Delete(asked.Token)
	return redirect(to), nil
}
