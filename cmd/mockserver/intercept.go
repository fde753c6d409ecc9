package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/intercept"
)

// interception is what the flags of serve and exec say of HTTPS and of the vendors' hosts.
type interception struct {
	on      bool
	mapped  []string // host=FAKE
	others  string
	caDir   string
	tls     bool
	tlsCert string
	tlsKey  string
}

func (i *interception) register(f *pflag.FlagSet) {
	f.BoolVar(
		&i.on,
		"intercept",
		false,
		"make the edge port an HTTP proxy that answers for the vendors' own hosts, HTTPS included",
	)
	f.StringSliceVar(
		&i.mapped,
		"map",
		nil,
		"HOST=FAKE: a host that a fake answers for beside the vendor's; may be repeated",
	)
	f.StringVar(&i.others, "intercept-others", "refuse", "what the proxy does with other hosts: refuse or pass")
	i.registerCA(f)
	f.BoolVar(&i.tls, "tls", false, "speak HTTPS on all ports, beside HTTP")
	f.StringVar(
		&i.tlsCert,
		"tls-cert",
		"",
		"certificate chain for --tls, as PEM, in place of one of mockserver's own authority",
	)
	f.StringVar(&i.tlsKey, "tls-key", "", "key of --tls-cert")
}

func (i *interception) registerCA(f *pflag.FlagSet) {
	f.StringVar(
		&i.caDir,
		"ca-dir",
		"",
		"folder of the authority that signs certificates (default: mockserver/ca in the user's configuration)",
	)
}

// check refuses flags that contradict each other.
func (i *interception) check() error {
	switch {
	case i.others != "refuse" && i.others != "pass":
		return fmt.Errorf("--intercept-others %s: expected refuse or pass", i.others)
	case (i.tlsCert == "") != (i.tlsKey == ""):
		return errors.New("--tls-cert and --tls-key belong together; give both")
	case i.tlsCert != "" && !i.tls:
		return errors.New("--tls-cert is for --tls; give that as well")
	}
	return nil
}

// hostMap reads --map.
func (i *interception) hostMap(defs []*fake.Def) (map[string]string, error) {
	hosts := map[string]string{}
	for _, pair := range i.mapped {
		host, name, ok := strings.Cut(pair, "=")
		if !ok || host == "" || strings.ContainsAny(host, "/: ") {
			return nil, fmt.Errorf("--map %s: expected HOST=FAKE, like crm.example.com=%s", pair, defs[0].Name)
		}
		if find(defs, name) == nil {
			return nil, fmt.Errorf(
				"--map %s: no fake %q%s; fakes: %s",
				pair,
				name,
				fake.Hint(name, namesOf(defs)),
				strings.Join(namesOf(defs), ", "),
			)
		}
		hosts[strings.ToLower(host)] = name
	}
	return hosts, nil
}

// vendorHosts returns the hosts that are intercepted: the vendors' own and those that --map adds.
func vendorHosts(defs []*fake.Def, mapped map[string]string) (hosts intercept.Hosts) {
	for _, def := range defs {
		hosts = append(hosts, def.Hosts...)
	}
	for host := range mapped {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// authority opens the authority for the hosts, and keeps it in memory if no folder can be had.
func (i *interception) authority(hosts intercept.Hosts, stderr io.Writer) (*intercept.Authority, error) {
	folder := i.caDir
	if folder == "" {
		config, err := os.UserConfigDir()
		if err != nil {
			return intercept.NewAuthority(hosts)
		}
		folder = filepath.Join(config, "mockserver", "ca")
	}
	a, err := intercept.OpenAuthority(folder, hosts)
	if err != nil && i.caDir == "" {
		fmt.Fprintf(
			stderr,
			"mockserver: note: the certificate authority is kept in memory,"+
				" and is another one at the next start: %v; --ca-dir names a folder for it\n",
			err,
		)
		return intercept.NewAuthority(hosts)
	}
	if err != nil {
		return nil, fmt.Errorf("--ca-dir %s: %w", folder, err)
	}
	return a, nil
}

// secure opens the authority and makes the listeners speak TLS where the flags ask for it.
func (h *app) secure(mapped map[string]string, stderr io.Writer) error {
	i := &h.settings.interception
	if !i.on && !i.tls {
		return nil
	}
	h.hosts = vendorHosts(h.defs, mapped)
	var err error
	if h.authority, err = i.authority(append(slices.Clone(h.hosts), ownNames(h.settings)...), stderr); err != nil {
		return err
	}
	config := &tls.Config{GetCertificate: h.authority.Certificate}
	if i.tlsCert != "" {
		pair, err := tls.LoadX509KeyPair(i.tlsCert, i.tlsKey)
		if err != nil {
			return fmt.Errorf("--tls-cert %s: %w", i.tlsCert, err)
		}
		config.GetCertificate = given(&pair, h.authority, h.hosts)
	}
	failed := untrusted(stderr)
	for name, l := range h.ears {
		edge := strings.TrimSuffix(name, overIPv6) == ""
		if !edge && !i.tls {
			continue
		}
		both := intercept.Listen(l, config, h.settings.bodyTimeout, failed)
		h.secured = append(h.secured, both)
		if edge {
			h.tunnels = both
		}
		if h.ears[name] = both; i.tls {
			h.ears[name] = overTLS{both}
		}
	}
	if i.on {
		h.proxy = h.newProxy(stderr)
	}
	return nil
}

// untrusted returns a function that says, once a minute, why clients gave up their handshake: most of them do not trust
// the authority.
func untrusted(stderr io.Writer) func(error) {
	var mu sync.Mutex
	var last time.Time
	return func(err error) {
		text := err.Error()
		// The alert of an OpenSSL client comes before its keys do, so that its record does not decrypt.
		expected := []string{"certificate", "bad record MAC", "no host of a fake"}
		if err != intercept.ErrNoRequest && !slices.ContainsFunc(expected,
			func(part string) bool { return strings.Contains(text, part) }) {
			return // a client that went away, or speaks something else
		}
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) >= time.Minute {
			last = time.Now()
			fmt.Fprintf(
				stderr,
				"mockserver: a client gave up on HTTPS (%s); if it does not trust the certificate authority,"+
					" mockserver ca shows how it can\n",
				text,
			)
		}
	}
}

// overTLS is a listener whose URLs are https.
type overTLS struct{ *intercept.Listener }

// given serves the user's own certificate, except for the vendors' hosts that it does not cover.
func given(
	pair *tls.Certificate,
	a *intercept.Authority,
	hosts intercept.Hosts,
) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hosts.Has(hello.ServerName) && pair.Leaf.VerifyHostname(hello.ServerName) != nil {
			return a.Certificate(hello)
		}
		return pair, nil
	}
}

// ownNames are the names under which clients reach the server: of --host and --public-url.
func ownNames(s *settings) (names []string) {
	names = publicHost(s.publicURL)
	if ip := net.ParseIP(strings.Trim(s.host, "[]")); s.host != "localhost" &&
		(ip == nil || !ip.IsUnspecified() && !ip.IsLoopback()) {
		names = append(names, strings.Trim(s.host, "[]"))
	}
	return names
}

func (h *app) newProxy(stderr io.Writer) *intercept.Proxy {
	var mu sync.Mutex
	return intercept.NewProxy(intercept.ProxyOptions{
		Hosts: h.hosts, Pass: h.settings.others == "pass",
		Handle: func(c net.Conn) { h.tunnels.Handle(c) },
		Refused: func(host string) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintf(
				stderr,
				"mockserver: refused a request for %s, which is no host of a fake; --intercept-others pass lets "+
					"such requests through\n",
				host,
			)
		},
	})
}

// wrap puts what interception needs before a handler: the proxy, and the certificate of the authority.
func (h *app) wrap(name string, next http.Handler) http.Handler {
	if h.authority != nil {
		next = h.withCertificate(next)
	}
	if h.proxy != nil && name == "" {
		next = h.proxy.Wrap(next)
	}
	return intercept.Secure(next)
}

// withCertificate serves the authority's certificate at /ca.pem, for containers that share no folder with the server.
func (h *app) withCertificate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; path != "/ca.pem" && path != control.Prefix+"/ca.pem" || h.hosts.Has(r.Host) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Write(h.authority.PEM())
	})
}

// variables returns the environment that leads a program's requests for the vendors' hosts here. Files that it names
// and that no later run needs are removed by clean.
func (h *app) variables(world string) (env []string, clean func(), err error) {
	if h.proxy == nil {
		return nil, func() {}, nil
	}
	dir, clean := h.authority.Dir(), func() {}
	if dir == "" {
		if dir, err = os.MkdirTemp("", "mockserver-ca-"); err != nil {
			return nil, nil, err
		}
		clean = func() { os.RemoveAll(dir) }
	}
	files, err := h.authority.WriteFiles(dir)
	if err != nil {
		clean()
		return nil, nil, fmt.Errorf("the files that make programs trust the authority cannot be written: %w", err)
	}
	_, address, _ := strings.Cut(h.ears.url(""), "://")
	environment := intercept.Environment{
		Files: files, Hosts: h.hosts, Address: address, World: world, Refuse: h.settings.others == "refuse",
	}
	return environment.Variables(os.Getenv), clean, nil
}

const caHelp = `Prints the certificate of the authority that signs for the vendors' hosts and this
machine, and how to make clients trust it. The authority is made on first use. Its certificate is
good for those hosts alone, and its key stays in the folder, readable by its owner. mockserver exec
--intercept sets all of these variables by itself.`

func caCommand(defs []*fake.Def) *cobra.Command {
	var i interception
	cmd := &cobra.Command{
		Use: "ca", Short: "Print the certificate authority for HTTPS, and how to make clients trust it",
		Long: caHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return i.print(cmd, defs) },
	}
	cmd.Flags().StringSliceVar(&i.mapped, "map", nil, "HOST=FAKE, as given to serve or exec")
	i.registerCA(cmd.Flags())
	return cmd
}

func (i *interception) print(cmd *cobra.Command, defs []*fake.Def) error {
	mapped, err := i.hostMap(defs)
	if err != nil {
		return err
	}
	a, err := i.authority(vendorHosts(defs, mapped), cmd.ErrOrStderr())
	if err != nil {
		return err
	}
	if a.Dir() == "" {
		return errors.New("there is no folder for the authority; name one with --ca-dir")
	}
	f, err := a.WriteFiles(a.Dir())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(
		cmd.OutOrStdout(),
		"%s"+caLines,
		a.PEM(),
		f.CA,
		f.Bundle,
		f.TrustStore,
		intercept.TrustStorePassword,
		f.PHP,
	)
	return err
}

// caLines tells how to trust %[2]s, or a bundle %[3]s with the system's authorities in it.
const caLines = `
curl          curl --cacert %[2]s ...
Node          NODE_EXTRA_CA_CERTS=%[2]s
Deno          DENO_CERT=%[2]s
Python        REQUESTS_CA_BUNDLE=%[3]s SSL_CERT_FILE=%[3]s
Go            SSL_CERT_FILE=%[3]s (on macOS and Windows add the certificate to an x509.CertPool)
Ruby          SSL_CERT_FILE=%[3]s
.NET          SSL_CERT_FILE=%[3]s (on Linux)
PHP           PHP_INI_SCAN_DIR=:%[6]s
Java          JAVA_TOOL_OPTIONS="-Djavax.net.ssl.trustStore=%[4]s -Djavax.net.ssl.trustStorePassword=%[5]s"
git           GIT_SSL_CAINFO=%[3]s
Docker        docker run -v %[2]s:/ca.pem:ro -e NODE_EXTRA_CA_CERTS=/ca.pem ...
`
