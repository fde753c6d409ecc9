package flosum

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// ConnectedApp is an OAuth client. The defaults are an id and a secret in the vendor's shape, the
// first tenant of region us, both flows, offline access, and refresh tokens that do not expire.
type ConnectedApp struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	Name         string `json:"name"`
	TenantID     int64  `json:"tenantId"`
	// users of the region's other tenants may approve it, too
	MultiTenant          bool     `json:"multiTenant"`
	RedirectURIs         []string `json:"redirectUris"`
	Flows                []string `json:"flows"` // authorization_code, refresh_token
	OfflineAccess        *bool    `json:"offlineAccess"`
	RefreshTokenLifetime int64    `json:"refreshTokenLifetime"` // in seconds; 0 = unlimited
}

func (a *api) fillApp(connectedApp *ConnectedApp) {
	if connectedApp.ClientID == "" { // shape: fci_ and 16 bytes in base64url; the secret is 32 bytes
		connectedApp.ClientID = clientPrefix + a.urlSafe("client", 16)
		if name := a.World().Label(); name != "" {
			connectedApp.ClientID += "." + name
		}
	}
	if connectedApp.ClientSecret == "" {
		connectedApp.ClientSecret = a.urlSafe("client secret", 32)
	}
	connectedApp.Name = cmp.Or(connectedApp.Name, connectedApp.ClientID)
	connectedApp.TenantID = cmp.Or(connectedApp.TenantID, 1)
	if connectedApp.Flows == nil {
		connectedApp.Flows = []string{"authorization_code", "refresh_token"}
	}
	if connectedApp.RedirectURIs == nil {
		connectedApp.RedirectURIs = []string{}
	}
	connectedApp.OfflineAccess = cmp.Or(connectedApp.OfflineAccess, new(true))
}

const clientPrefix = "fci_"

// secret generates a secret of up to 64 lower-case hexadecimal digits.
func (a *api) secret(kind string, digits int) string { return a.NewToken(kind)[:digits] }

// selector generates a secret that selects the world: in a named world it ends with w and the
// hexadecimal name, so that it stays lower-case and alphanumeric.
func (a *api) selector(kind string, digits int) string {
	text := a.NewToken(kind)
	for len(text) < digits {
		text += a.NewToken(kind)
	}
	text = text[:digits]
	if name := a.World().Label(); name != "" {
		text += "w" + hex.EncodeToString([]byte(name))
	}
	return text
}

// credentialWorld implements Def.CredentialWorld.
func credentialWorld(credential string) string {
	if client, ok := strings.CutPrefix(credential, clientPrefix); ok {
		_, name, _ := strings.Cut(client, ".")
		return name
	}
	_, digits, _ := strings.Cut(credential, "w")
	name, err := hex.DecodeString(digits)
	if err != nil || strings.Trim(credential, "0123456789abcdefw") != "" {
		return ""
	}
	return string(name)
}

func (a *api) urlSafe(kind string, bytes int) string {
	sum := sha256.Sum256([]byte(a.NewToken(kind)))
	return base64.RawURLEncoding.EncodeToString(sum[:bytes])
}

// secretEqual compares two secrets in constant time.
func secretEqual(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

func (a ConnectedApp) allows(flow string) bool { return slices.Contains(a.Flows, flow) }

// renews reports whether the app gets refresh tokens: both its flows and its scope must allow it
// (assumed).
func (a ConnectedApp) renews() bool { return a.allows("refresh_token") && *a.OfflineAccess }

// createApp implements a control hook: the vendor creates apps only on its own screens.
func (a *api) createApp(r *fake.Request) (any, error) {
	var app ConnectedApp
	if err := r.Decode(&app); err != nil {
		return nil, err
	}
	if app.TenantID == 0 {
		_, region := serviceAndRegion(r.Host)
		if app.TenantID = a.firstTenant(region); app.TenantID == 0 {
			return nil, refuse("tenantId is needed: no tenant lives in region " + region)
		}
	}
	return addApp(a, app)
}

func (a *api) firstTenant(region string) int64 {
	for t := range a.tenants.All() {
		if t.Region == region {
			return t.ID
		}
	}
	return 0
}

func addApp(a *api, app ConnectedApp) (ConnectedApp, error) {
	var texts []string
	for _, uri := range app.RedirectURIs {
		if why := unfit(uri); why != "" {
			texts = append(texts, why)
		}
	}
	if app.ClientID != "" && a.apps.Row(app.ClientID) != nil {
		texts = append(texts, "clientId is in use")
	}
	if app.TenantID != 0 && a.tenants.Row(key(app.TenantID)) == nil {
		texts = append(texts, "tenantId is unknown")
	}
	if strings.ContainsAny(app.ClientID, " \t\r\n") {
		texts = append(texts, "clientId must not have blanks")
	}
	if texts != nil {
		return app, refuse(texts...)
	}
	chosen := app.ClientID
	app, err := a.apps.Insert(app)
	if err == nil && chosen != "" {
		a.RegisterCredential(chosen)
	}
	return app, err
}

// unfit returns why a redirect URI is not allowed, or "".
func unfit(uri string) string {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Scheme == "":
		return "each value in redirectUris must be an absolute URI"
	case u.Fragment != "" || strings.Contains(uri, "#"):
		return "each value in redirectUris must be without a fragment"
	case slices.Contains([]string{"javascript", "data", "vbscript", "about", "blob", "file"},
		strings.ToLower(u.Scheme)):
		return "each value in redirectUris must be a place that a browser can be sent to"
	case strings.HasPrefix(u.Scheme, "http") && u.Host == "":
		return "each value in redirectUris must name a host"
	}
	return ""
}

// fitAll returns an error if one of a comma-separated list of redirect URIs is not allowed.
func fitAll(list string) error {
	for uri := range strings.SplitSeq(list, ",") {
		if why := unfit(uri); why != "" {
			return errors.New(strings.Replace(why, "each value in redirectUris", strconv.Quote(uri), 1))
		}
	}
	return nil
}

// withoutPort returns a loopback http URI without its port, or "" for any other URI.
func withoutPort(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "http" || !slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname()) {
		return ""
	}
	u.Host = u.Hostname()
	return u.String()
}

// redirects reports whether the app may redirect to a URI. The URI must equal one of the app's
// (assumed), or one that the world allows for all apps, or, if the world allows that, differ from a
// loopback URI of the app only in the port.
func (a *api) redirects(connectedApp ConnectedApp, uri string) bool {
	if a.World().Enabled(LoopbackPorts) && slices.ContainsFunc(connectedApp.RedirectURIs,
		func(own string) bool { return withoutPort(own) != "" && withoutPort(own) == withoutPort(uri) }) {
		return true
	}
	return slices.Contains(connectedApp.RedirectURIs, uri) ||
		uri != "" && unfit(uri) == "" && slices.Contains(strings.Split(a.World().StringSetting(RedirectURI), ","), uri)
}
