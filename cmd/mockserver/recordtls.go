package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/intercept"
)

// hostOf returns the vendor's host whose requests are recorded: that of the upstream, if it is the vendor's, or the
// first that the fake knows.
func hostOf(def *fake.Def, upstream string) string {
	if u, err := url.Parse(upstream); err == nil && intercept.Hosts(def.Hosts).Has(u.Hostname()) {
		return u.Hostname()
	}
	for _, host := range def.Hosts {
		if !strings.HasPrefix(host, "*.") {
			return host
		}
	}
	return ""
}

// interceptWith makes an HTTP proxy at l that records requests for a host with rec and lets others through. It returns
// the handler to serve, the listener to serve it on, and the environment that leads programs there.
func (r *recording) interceptWith(
	cmd *cobra.Command,
	l net.Listener,
	rec *recorder.Recorder,
	host string,
) (http.Handler, net.Listener, []string, error) {
	hosts := intercept.Hosts{host}
	a, err := r.ca.authority(hosts, cmd.ErrOrStderr())
	if err != nil {
		return nil, nil, nil, err
	}
	dir := a.Dir()
	if dir == "" {
		return nil, nil, nil, fmt.Errorf("there is no folder for the certificate authority; name one with --ca-dir")
	}
	files, err := a.WriteFiles(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	both := intercept.Listen(l, &tls.Config{GetCertificate: a.Certificate}, listen.Stall, untrusted(cmd.ErrOrStderr()))
	proxy := intercept.NewProxy(intercept.ProxyOptions{Hosts: hosts, Pass: true, Handle: both.Handle})
	env := intercept.Environment{Files: files, Hosts: hosts, Address: l.Addr().String()}
	return intercept.Secure(proxy.Wrap(rec.Proxy("https://" + host))), both, env.Variables(os.Getenv), nil
}

// runRecorded runs a command whose requests are recorded, and returns its error.
func runRecorded(cmd *cobra.Command, args, env []string) error {
	child := exec.CommandContext(cmd.Context(), args[0], args[1:]...)
	child.Env = append(os.Environ(), env...)
	child.Stdin, child.Stdout, child.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = 10 * time.Second
	if err := child.Run(); err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return nil
}

// printVariables prints an environment for a shell.
func printVariables(cmd *cobra.Command, env []string) {
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(cmd.OutOrStdout(), "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
	}
}
