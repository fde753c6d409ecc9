package storetest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/afba07b5/mockserver/store"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // the certificate
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}
	a.cert, a.key = a.sign(template)
	a.file = a.write("ca.pem", "CERTIFICATE", a.cert.Raw)
	return a
}

// sign makes a key and its certificate; the first one signs itself.
func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	text, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(text)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// issue writes a certificate for this machine and its key to files.
func (a *authority) issue(name string, usage x509.ExtKeyUsage) (certFile, keyFile string) {
	a.t.Helper()
	cert, key := a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{usage}})
	text, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", cert.Raw), a.write(name+"-key.pem", "PRIVATE KEY", text)
}

func (a *authority) write(name, kind string, text []byte) string {
	a.t.Helper()
	file := filepath.Join(a.t.TempDir(), name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: text}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// startSecured starts a NATS server in this process with more options.
func startSecured(t *testing.T, change func(*server.Options)) string {
	t.Helper()
	o := engineConfig{Name: "secured", Port: -1, Dir: t.TempDir()}.options()
	change(o)
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s.Addr().String()
}

// refused is options of a store with a part of the error that they lead to.
type refused struct {
	name, want string
	options    store.Options
}

func checkRefused(t *testing.T, all []refused) {
	t.Helper()
	for _, tt := range all {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		kept, err := store.Open(ctx, tt.options)
		cancel()
		if err == nil {
			kept.Close()
			t.Errorf("%s: connected", tt.name)
		} else if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %q, expected one line with %q", tt.name, err, tt.want)
		}
	}
}

// useStore writes through a node and reads through another.
func useStore(t *testing.T, o store.Options) {
	t.Helper()
	a, b := startNode(t, o), startNode(t, o)
	token := "Bearer " + a.makeWorld("shared").Credentials["kickflow"][0].Value
	var user struct{ ID string }
	sequence := a.must(&user, "POST", kickflow, userBody(1), bearer, token).sequence
	b.must(nil, "GET", kickflow+"/"+user.ID, "", bearer, token, "Mockserver-Sequence", sequence)
}

// What will stay the same is said at once.
func TestAStartDoesNotWaitForWhatStaysTheSame(t *testing.T) {
	t.Parallel()
	none := startSecured(t, func(o *server.Options) { o.JetStream = false })
	one, _ := startEngine(t)
	since := time.Now()
	checkRefused(t, []refused{
		{"no JetStream", "JetStream is not enabled: start nats-server with -js", store.Options{URL: "nats://" + none}},
		{"replicas", "3 replicas need a NATS cluster", store.Options{URL: one, Replicas: 3}},
	})
	if took := time.Since(since); took > 10*time.Second { // a start waits for a minute, this test for 20 seconds
		t.Errorf("it took %v", took)
	}
}

func TestTheStoreIsReachedOverTLS(t *testing.T) {
	t.Parallel()
	own, other := newAuthority(t), newAuthority(t)
	cert, key := own.issue("server", x509.ExtKeyUsageServerAuth)
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(own.cert)
	address := startSecured(t, func(o *server.Options) {
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool,
			ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
	})
	cert, key = own.issue("client", x509.ExtKeyUsageClientAuth)
	foreign, foreignKey := other.issue("foreign", x509.ExtKeyUsageClientAuth)
	good := store.Options{URL: "tls://" + address, CA: own.file, Cert: cert, Key: key}
	useStore(t, good)
	useStore(t, store.Options{URL: "nats://" + address, CA: own.file, Cert: cert, Key: key, Prefix: "second"})
	checkRefused(t, []refused{
		{"another authority", "certificate signed by unknown authority",
			store.Options{URL: good.URL, CA: other.file, Cert: cert, Key: key}},
		{"no authority", "certificate signed by unknown authority", store.Options{URL: good.URL, Cert: cert, Key: key}},
		{"no client certificate", "certificate required", store.Options{URL: good.URL, CA: own.file}},
		{"a foreign client certificate", "tls: ",
			store.Options{URL: good.URL, CA: own.file, Cert: foreign, Key: foreignKey}},
		{"a key of another certificate", "private key does not match",
			store.Options{URL: good.URL, CA: own.file, Cert: cert, Key: foreignKey}},
		{"no such authority", "no such file", store.Options{URL: good.URL, CA: "/none.pem"}},
		{"an authority that is a key", "root certificate", store.Options{URL: good.URL, CA: key}},
	})
}

// newAccount makes an account that may use JetStream, and a credentials file of a user of it.
func newAccount(t *testing.T, operator nkeys.KeyPair, storage int64) (public, token, file string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	account, err := nkeys.CreateAccount()
	must(err)
	public, err = account.PublicKey()
	must(err)
	claims := jwt.NewAccountClaims(public)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: storage, DiskStorage: storage, Streams: storage,
		Consumer: storage}
	token, err = claims.Encode(operator)
	must(err)
	user, err := nkeys.CreateUser()
	must(err)
	name, err := user.PublicKey()
	must(err)
	seed, err := user.Seed()
	must(err)
	signed, err := jwt.NewUserClaims(name).Encode(account)
	must(err)
	text, err := jwt.FormatUserConfig(signed, seed)
	must(err)
	file = filepath.Join(t.TempDir(), "user.creds")
	must(os.WriteFile(file, text, 0o600))
	return public, token, file
}

func TestTheStoreIsReachedWithCredentials(t *testing.T) {
	t.Parallel()
	operator, err := nkeys.CreateOperator()
	if err != nil {
		t.Fatal(err)
	}
	public, err := operator.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	account, token, file := newAccount(t, operator, -1)
	system, systemToken, _ := newAccount(t, operator, 0)
	_, _, stranger := newAccount(t, operator, -1) // its account is unknown to the server
	resolver := &server.MemAccResolver{}
	for name, token := range map[string]string{account: token, system: systemToken} {
		if err := resolver.Store(name, token); err != nil {
			t.Fatal(err)
		}
	}
	address := startSecured(t, func(o *server.Options) {
		o.TrustedOperators = []*jwt.OperatorClaims{jwt.NewOperatorClaims(public)}
		o.AccountResolver, o.SystemAccount = resolver, system
	})
	garbage := filepath.Join(t.TempDir(), "garbage.creds")
	if err := os.WriteFile(garbage, []byte("no credentials"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := "nats://" + address
	useStore(t, store.Options{URL: url, Credentials: file})
	checkRefused(t, []refused{
		{"no credentials", "Authorization Violation", store.Options{URL: url}},
		{"credentials of an unknown account", "Authorization Violation",
			store.Options{URL: url, Credentials: stranger}},
		{"no such file", "no such file", store.Options{URL: url, Credentials: "/none.creds"}},
		{"a file without credentials", "", store.Options{URL: url, Credentials: garbage}},
	})
}
