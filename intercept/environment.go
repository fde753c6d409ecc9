package intercept

import (
	"bytes"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// nodePreload makes versions of Node that know no proxy variables reach the fakes.
//
//go:embed preload.cjs
var nodePreload []byte

// Files are what programs read to trust an authority.
type Files struct {
	CA         string // the authority's certificate
	Bundle     string // the system's authorities and this one, for programs whose variable replaces the system's
	TrustStore string // the same as PKCS #12, for Java; its password is TrustStorePassword
	PHP        string // a folder with php.ini settings
	Preload    string // a script for Node
}

// TrustStorePassword opens Files.TrustStore. Trust stores hold nothing secret; Java wants a password all the same.
const TrustStorePassword = "changeit"

// WriteFiles writes the files into a folder, which has to exist. Files that are up to date stay as they are.
func (a *Authority) WriteFiles(dir string) (Files, error) {
	f := Files{
		CA: filepath.Join(dir, "ca.pem"), Bundle: filepath.Join(dir, "bundle.pem"),
		TrustStore: filepath.Join(dir, "truststore.p12"), PHP: filepath.Join(dir, "php"),
		Preload: filepath.Join(dir, "preload.cjs"),
	}
	if err := os.MkdirAll(f.PHP, 0o700); err != nil {
		return f, err
	}
	bundle := append(systemRoots(), a.pem...)
	ini := fmt.Sprintf("curl.cainfo=%q\nopenssl.cafile=%q\n", f.Bundle, f.Bundle)
	changed, err := update(f.Bundle, bundle)
	for path, text := range map[string][]byte{
		f.CA: a.pem, f.Preload: nodePreload, filepath.Join(f.PHP, "mockserver.ini"): []byte(ini),
	} {
		if err == nil {
			_, err = update(path, text)
		}
	}
	if _, missing := os.Stat(f.TrustStore); err == nil && (changed || missing != nil) {
		var store []byte
		if store, err = pkcs12.Modern.EncodeTrustStore(certificates(bundle), TrustStorePassword); err == nil {
			_, err = update(f.TrustStore, store)
		}
	}
	return f, err
}

// update writes a file in one step, unless it has that content. It reports whether it wrote.
func update(path string, text []byte) (bool, error) {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return false, nil
	}
	fresh, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return false, err
	}
	defer os.Remove(fresh.Name())
	_, err = fresh.Write(text)
	if closed := fresh.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return false, err
	}
	return true, os.Rename(fresh.Name(), path)
}

// systemRoots returns the authorities that programs trust now: those that SSL_CERT_FILE names, or the system's. On
// systems that keep them elsewhere than in a file it returns none.
func systemRoots() []byte {
	for _, path := range []string{
		os.Getenv("SSL_CERT_FILE"),
		"/etc/ssl/certs/ca-certificates.crt",                // Debian, Alpine
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // Fedora
		"/etc/ssl/ca-bundle.pem",                            // SUSE
		"/etc/ssl/cert.pem",                                 // macOS, BSD
	} {
		if path == "" {
			continue
		}
		if text, err := os.ReadFile(path); err == nil {
			return append(bytes.TrimRight(text, "\n"), '\n')
		}
	}
	return nil
}

func certificates(bundle []byte) (all []*x509.Certificate) {
	for {
		var b *pem.Block
		if b, bundle = pem.Decode(bundle); b == nil {
			return all
		}
		if c, err := x509.ParseCertificate(b.Bytes); err == nil && !slices.ContainsFunc(all, c.Equal) {
			all = append(all, c)
		}
	}
}

// An Environment is what leads a program's requests through a proxy.
type Environment struct {
	Files   Files
	Hosts   Hosts  // that are intercepted
	Address string // of the proxy
	World   string // that takes the requests, "" for the proxy's default
	Refuse  bool   // whether the proxy refuses other hosts
}

// Variables returns the environment of a program, on top of what old has. NO_PROXY keeps what it named except for the
// hosts.
func (e Environment) Variables(old func(string) string) []string {
	f, proxy := e.Files, url.URL{Scheme: "http", Host: e.Address}
	if e.World != "" {
		proxy.User = url.User(e.World)
	}
	preload := e.Address + " " + strings.Join(e.Hosts, ",")
	if e.Refuse {
		preload += " refuse"
	}
	direct := noProxy(old, e.Hosts)
	env := []string{
		"SSL_CERT_FILE=" + f.Bundle, "REQUESTS_CA_BUNDLE=" + f.Bundle, "CURL_CA_BUNDLE=" + f.Bundle,
		"GIT_SSL_CAINFO=" + f.Bundle, "CARGO_HTTP_CAINFO=" + f.Bundle, "PIP_CERT=" + f.Bundle,
		"AWS_CA_BUNDLE=" + f.Bundle,
		"NODE_EXTRA_CA_CERTS=" + f.CA, "DENO_CERT=" + f.CA, "NODE_USE_ENV_PROXY=1",
		"NODE_OPTIONS=" + join(old("NODE_OPTIONS"), `--require "`+strings.ReplaceAll(f.Preload, `\`, `\\`)+`"`),
		"MOCKSERVER_INTERCEPT=" + preload,
		"JAVA_TOOL_OPTIONS=" + join(old("JAVA_TOOL_OPTIONS"), java(f, e.Address, direct)),
		"PHP_INI_SCAN_DIR=" + old("PHP_INI_SCAN_DIR") + string(os.PathListSeparator) + f.PHP,
	}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		env = append(env, name+"="+proxy.String(), strings.ToLower(name)+"="+proxy.String())
	}
	return append(env, "NO_PROXY="+direct, "no_proxy="+direct)
}

func join(old, more string) string { return strings.TrimSpace(old + " " + more) }

// noProxy lists what a program reaches without the proxy: this machine, and what the variable named so far except for
// patterns that match one of the hosts.
func noProxy(old func(string) string, hosts Hosts) string {
	was := old("NO_PROXY")
	if was == "" {
		was = old("no_proxy")
	}
	list := []string{"localhost", "127.0.0.1", "::1", ".localhost"}
	for one := range strings.SplitSeq(was, ",") {
		one = strings.TrimSpace(one)
		if one == "" || slices.Contains(list, one) ||
			slices.ContainsFunc(hosts, func(h string) bool { return excepts(one, h) }) {
			continue
		}
		list = append(list, one)
	}
	return strings.Join(list, ",")
}

// excepts reports whether an entry of NO_PROXY matches a host.
func excepts(entry, host string) bool {
	entry, host = strings.TrimPrefix(strings.TrimPrefix(bare(entry), "*"), "."), strings.TrimPrefix(host, "*.")
	return entry == "" || entry == host || strings.HasSuffix(host, "."+entry) || strings.HasSuffix(entry, "."+host)
}

// java returns options for the trust store and the proxy, which Java takes from no other variable.
func java(f Files, address, direct string) string {
	host, port, _ := net.SplitHostPort(address)
	var except []string
	for one := range strings.SplitSeq(direct, ",") {
		switch {
		case one == "::1":
			one = "[::1]"
		case strings.HasPrefix(one, "."):
			one = "*" + one
		}
		except = append(except, one)
	}
	options := []string{
		"-Djavax.net.ssl.trustStore=" + f.TrustStore, "-Djavax.net.ssl.trustStorePassword=" + TrustStorePassword,
		"-Djavax.net.ssl.trustStoreType=PKCS12",
		"-Dhttp.proxyHost=" + host, "-Dhttp.proxyPort=" + port, "-Dhttps.proxyHost=" + host,
		"-Dhttps.proxyPort=" + port,
		"-Dhttp.nonProxyHosts=" + strings.Join(except, "|"),
	}
	for i, option := range options {
		if strings.ContainsAny(option, " ") {
			options[i] = `"` + option + `"`
		}
	}
	return strings.Join(options, " ")
}
