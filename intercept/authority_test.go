package intercept

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var vendors = Hosts{"api.example.com", "*.example.net"}

func TestAuthorityIsGoodForItsHostsAlone(t *testing.T) {
	t.Parallel()
	a, err := NewAuthority(vendors)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(a.PEM())
	for name, good := range map[string]bool{
		"api.example.com": true, "eu.example.net": true, "a.b.example.net": true, "localhost": true,
		"x.localhost": true,
		"127.0.0.1":   true, "example.com": false, "other.example.org": false, "10.0.0.1": false,
		"xapi.example.com": false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := a.issue(name) // also what Certificate would refuse
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: roots})
			if (err == nil) != good {
				t.Errorf("a client accepts the certificate: %v, want %v: %v", err == nil, good, err)
			}
			_, err = a.Certificate(&tls.ClientHelloInfo{ServerName: name})
			if (err == nil) != good {
				t.Errorf("the authority issues one: %v, want %v", err == nil, good)
			}
			if life := c.Leaf.NotAfter.Sub(c.Leaf.NotBefore); life > 26*time.Hour {
				t.Errorf("a leaf certificate lives %v", life)
			}
		})
	}
}

func TestAuthorityIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "ca")
	var all sync.WaitGroup
	made := make([]*Authority, 8)
	for i := range made {
		all.Go(func() {
			var err error
			if made[i], err = OpenAuthority(folder, vendors); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, a := range made {
		if a == nil || string(a.PEM()) != string(made[0].PEM()) {
			t.Fatal("processes that start together have different authorities")
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, %v; want the authority alone", left, err)
	}
	for _, name := range []string{"ca.pem", "key.pem"} {
		info, err := os.Stat(filepath.Join(made[0].Dir(), name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", name, info.Mode(), err)
		}
	}
	other, err := OpenAuthority(folder, append(vendors, "crm.example.org"))
	if err != nil || string(other.PEM()) == string(made[0].PEM()) {
		t.Errorf("another set of hosts has the same authority, or none: %v", err)
	}
}

func TestABrokenAuthorityIsNamed(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	a, err := OpenAuthority(folder, vendors)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(a.Dir(), "key.pem"), []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err = OpenAuthority(folder, vendors); err == nil || !strings.Contains(err.Error(), "remove that folder") {
		t.Errorf("got %v, want an error that says what to do", err)
	}
}

func TestFilesHoldTheAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := NewAuthority(vendors)
	if err != nil {
		t.Fatal(err)
	}
	f, err := a.WriteFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(f.TrustStore)
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := os.ReadFile(f.Bundle)
	if err != nil || !strings.HasSuffix(string(bundle), string(a.PEM())) {
		t.Errorf("the bundle does not end with the authority: %v", err)
	}
	if _, err := a.WriteFiles(dir); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(f.TrustStore); err != nil || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("files that are up to date were written again: %v", err)
	}
}

func TestNoProxyKeepsWhatIsNotIntercepted(t *testing.T) {
	t.Parallel()
	for was, want := range map[string]string{
		"":                                 "localhost,127.0.0.1,::1,.localhost",
		"internal.example.org, 10.0.0.0/8": "localhost,127.0.0.1,::1,.localhost,internal.example.org,10.0.0.0/8",
		"*":                                "localhost,127.0.0.1,::1,.localhost",
		"example.com,.example.net":         "localhost,127.0.0.1,::1,.localhost",
		"api.example.com:443,eu.example.net,localhost": "localhost,127.0.0.1,::1,.localhost",
	} {
		got := noProxy(func(name string) string { return map[string]string{"no_proxy": was}[name] }, vendors)
		if got != want {
			t.Errorf("NO_PROXY=%s: got %s, want %s", was, got, want)
		}
	}
}
