package intercept

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	caLife   = 397 * 24 * time.Hour
	caLeft   = 30 * 24 * time.Hour // an authority with less is replaced
	leafLife = 24 * time.Hour
	leafLeft = time.Hour
	early    = time.Hour // clocks of clients may be slow

	mostLeaves = 1000 // certificates that are kept
)

// Authority is a certificate authority for a fixed set of hosts and this machine. Its certificate
// constrains it to them, so that a client that trusts it trusts it for nothing else. It is safe for
// concurrent use.
type Authority struct {
	dir   string // with its files, "" if it is kept in memory
	cert  *x509.Certificate
	key   crypto.Signer
	pem   []byte
	mu    sync.Mutex
	leaf  crypto.Signer // the key of all leaf certificates of this process
	names map[string]*tls.Certificate
}

// NewAuthority returns an authority that lives as long as the process.
func NewAuthority(hosts Hosts) (*Authority, error) {
	certPEM, keyPEM, err := generate(hosts)
	if err != nil {
		return nil, err
	}
	return parse("", certPEM, keyPEM)
}

// OpenAuthority returns the authority for these hosts that is kept below a folder, and makes it on first use. Different
// sets of hosts have different authorities. The key is readable by its owner alone. An authority that is about to
// expire is replaced. Processes may open the same folder at the same time.
func OpenAuthority(folder string, hosts Hosts) (*Authority, error) {
	sorted := slices.Compact(slices.Sorted(slices.Values(hosts)))
	sum := sha256.Sum256([]byte(strings.Join(sorted, "\n")))
	dir := filepath.Join(folder, hex.EncodeToString(sum[:4]))
	a, err := load(dir)
	if err == nil && time.Until(a.cert.NotAfter) > caLeft {
		return a, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf(
			"the authority in %s cannot be read; remove that folder to have a new one: %w",
			dir,
			err,
		)
	}
	if err == nil {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	if err := create(folder, dir, hosts); err != nil {
		return nil, err
	}
	return load(dir)
}

// create writes a new authority into the folder and puts it in place, unless another process was faster.
func create(folder, dir string, hosts Hosts) error {
	certPEM, keyPEM, err := generate(hosts)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	fresh, err := os.MkdirTemp(folder, ".new-") // readable by its owner alone
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	for name, text := range map[string][]byte{"ca.pem": certPEM, "key.pem": keyPEM} {
		if err := os.WriteFile(filepath.Join(fresh, name), text, 0o600); err != nil {
			return err
		}
	}
	if err := os.Rename(fresh, dir); err != nil {
		if _, err := os.Stat(filepath.Join(dir, "key.pem")); err == nil {
			return nil
		}
		return err
	}
	return nil
}

func load(dir string) (*Authority, error) {
	certPEM, err := os.ReadFile(filepath.Join(dir, "ca.pem"))
	if err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(filepath.Join(dir, "key.pem"))
	if err != nil {
		return nil, err
	}
	return parse(dir, certPEM, keyPEM)
}

func parse(dir string, certPEM, keyPEM []byte) (*Authority, error) {
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, err
	}
	key, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, errors.New("its key cannot sign")
	}
	leaf, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	return &Authority{
		dir:   dir,
		cert:  pair.Leaf,
		key:   key,
		pem:   certPEM,
		leaf:  leaf,
		names: map[string]*tls.Certificate{},
	}, nil
}

// generate makes the key and the certificate of an authority.
func generate(hosts Hosts) (certPEM, keyPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "mockserver (for tests on this machine)", Organization: []string{"mockserver"}},
		IsCA:    true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		NotBefore:                   time.Now().Add(-early),
		NotAfter:                    time.Now().Add(caLife),
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost"},
		PermittedIPRanges:           addresses(hosts),
	}
	for _, host := range hosts {
		if net.ParseIP(host) == nil {
			template.PermittedDNSDomains = append(template.PermittedDNSDomains, strings.TrimPrefix(host, "*."))
		}
	}
	if template.SerialNumber, err = serial(); err != nil {
		return nil, nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, nil, err
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	return block("CERTIFICATE", der), block("PRIVATE KEY", encoded), nil
}

// addresses returns the IP addresses that an authority may certify: those of the loopback interface and of the hosts.
func addresses(hosts Hosts) (all []*net.IPNet) {
	all = []*net.IPNet{
		{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
		{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
	}
	for _, host := range hosts {
		ip := net.ParseIP(host)
		if v4 := ip.To4(); v4 != nil {
			ip = v4
		}
		if ip != nil && !ip.IsLoopback() {
			all = append(all, &net.IPNet{IP: ip, Mask: net.CIDRMask(len(ip)*8, len(ip)*8)})
		}
	}
	return all
}

func serial() (*big.Int, error) { return rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) }

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// PEM returns the certificate of the authority, which clients have to trust.
func (a *Authority) PEM() []byte { return bytes.Clone(a.pem) }

// Dir returns the folder with the authority's files, "" if it is kept in memory.
func (a *Authority) Dir() string { return a.dir }

// Certificate returns a certificate for the host that a client asks for. It is a tls.Config's GetCertificate. A client
// that names no host gets a certificate for the address that it connected to.
func (a *Authority) Certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := bare(hello.ServerName)
	if name == "" && hello.Conn != nil {
		name = bare(hello.Conn.LocalAddr().String())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.names[name]; c != nil && time.Until(c.Leaf.NotAfter) > leafLeft {
		return c, nil
	}
	if !a.permits(name) {
		return nil, fmt.Errorf("%q is no host of a fake", name)
	}
	c, err := a.issue(name)
	if err != nil {
		return nil, err
	}
	if len(a.names) >= mostLeaves {
		clear(a.names)
	}
	a.names[name] = c
	return c, nil
}

// permits reports whether the authority's own constraints allow a name.
func (a *Authority) permits(name string) bool {
	if ip := net.ParseIP(name); ip != nil {
		return slices.ContainsFunc(a.cert.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
	}
	return len(name) <= 253 && slices.ContainsFunc(a.cert.PermittedDNSDomains, func(domain string) bool {
		return name == domain || strings.HasSuffix(name, "."+domain)
	})
}

func (a *Authority) issue(name string) (*tls.Certificate, error) {
	number, err := serial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: number, Subject: pkix.Name{Organization: []string{"mockserver"}},
		NotBefore: time.Now().Add(-early), NotAfter: time.Now().Add(leafLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, a.leaf.Public(), a.key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: a.leaf, Leaf: leaf}, nil
}
