package main

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"text/tabwriter"

	"github.com/afba07b5/mockserver/fake"
)

// announce prints how to reach the fakes. Its last line says that they are ready.
func (h *app) announce(out io.Writer) {
	columns := columnsOf(out)
	for _, def := range h.defs {
		base := h.ears.base(def.Name)
		fmt.Fprintf(columns, "%s\t%-32s %s\n", def.Name, base, h.example(def, base))
	}
	if h.settings.limits != "off" {
		fmt.Fprintln(columns, "limits\tthe vendors' rate limits are on: too many requests get a 429; "+
			"--limits off (MOCKSERVER_LIMITS=off) stops that")
	}
	edge := h.ears.url("")
	fmt.Fprintf(columns, "control\t%s/__admin%s\n", edge, h.tokenNote())
	fmt.Fprintf(columns, "page\t%s\n", h.plane.PageURL(edge))
	if h.settings.state != "" {
		fmt.Fprintf(columns, "state\tall worlds are saved to %s within a second of a change\n", h.settings.state)
	}
	columns.Flush()
	fmt.Fprintln(out, "ready on", edge)
}

// columnsOf aligns what follows a tab behind the longest name.
func columnsOf(out io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(out, 0, 0, 1, ' ', 0) }

func (h *app) tokenNote() string {
	switch {
	case h.made:
		return "   needs the header Authorization: Bearer " + h.token
	case h.token != "":
		return "   needs the token in MOCKSERVER_ADMIN_TOKEN"
	}
	return ""
}

// example returns the fake's curl command, ready to paste.
func (h *app) example(def *fake.Def, base string) string {
	if def.Example == "" {
		return "curl " + base + "/"
	}
	if missing := h.withoutCredential(def); missing != "" {
		return missing
	}
	one := h.credential(def)
	return strings.NewReplacer("{url}", base, "{credential}", one.Value, "{secret}", one.Secret).Replace(def.Example)
}

// withoutCredential says that no request of a fake can succeed as its seed has no valid credential, "" if it has one.
func (h *app) withoutCredential(def *fake.Def) string {
	if def.Known == nil || !strings.Contains(def.Example, "{credential}") || h.credential(def).Value != "" {
		return ""
	}
	return fmt.Sprintf(" (the seed has no valid credential; put yours on one that has: --seed %s=empty,FILE)", def.Name)
}

// credential returns the first valid credential of the default world: one given with --token, or
// the first of the seed.
func (h *app) credential(def *fake.Def) fake.Credential {
	return firstValid(credentials(h.world, def))
}

// credentials returns the well-known credentials of a fake in a world.
func credentials(w *fake.World, def *fake.Def) (known []fake.Credential) {
	if s, err := w.State(def.Name); err == nil && def.Known != nil {
		s.View(func() { known = def.Known(s) })
	}
	return known
}

func firstValid(all []fake.Credential) fake.Credential {
	for _, one := range all {
		if one.State == "valid" || one.State == "" {
			return one
		}
	}
	return fake.Credential{}
}

// publicHost returns the host of the public URL, which the control plane accepts as well.
func publicHost(origin string) []string {
	if u, err := url.Parse(origin); err == nil && u.Hostname() != "" {
		return []string{u.Hostname()}
	}
	return nil
}
