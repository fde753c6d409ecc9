package recorder

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/redact"
)

// scalar writes a text as a YAML scalar on one line: single-quoted if all of it is printable, with
// escapes otherwise, and in base64 if it is not text.
func scalar(s string) string {
	if !utf8.ValidString(s) {
		return "!!binary " + base64.StdEncoding.EncodeToString([]byte(s))
	}
	if !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case strconv.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return b.String() + `"`
}

// caseYAML writes the provenance of a recording and the holders of its pseudonyms.
func (r *Recorder) caseYAML(b *redact.Secrets, seen *credentialUses, interactions []*cassette.Interaction) string {
	o, generated := r.options, r.generatedValues(b, interactions)
	var out strings.Builder
	line := func(key, value string) {
		if value = b.Replace(value); b.Holds(value) {
			value = "not written: it shows a secret"
		}
		fmt.Fprintf(&out, "%s: %s\n", key, scalar(value))
	}
	line("about", o.About)
	line("source", "recorded")
	line("version", o.Version)
	line("date", o.Now().UTC().Format(time.DateOnly))
	line("seed", o.Seed)
	if o.As != "" {
		line("principal", o.As)
	}
	settingsYAML(&out, o, interactions)
	credentials := map[string]holder{}
	for value, who := range seen.listed {
		scheme, bare, more := strings.Cut(value, " ")
		if more {
			credentials[scheme+" "+b.ReplaceValue(bare)] = who
		} else {
			credentials[b.ReplaceValue(value)] = who
		}
	}
	if len(credentials) > 0 {
		out.WriteString("credentials:\n")
	}
	for _, value := range slices.Sorted(maps.Keys(credentials)) {
		who := credentials[value]
		fmt.Fprintf(&out, "  %s: {principal: %s, state: %s", scalar(value), scalar(b.Replace(who.principal)),
			scalar(who.state))
		if who.secret {
			out.WriteString(", secret: true")
		}
		out.WriteString("}\n")
	}
	if len(generated) > 0 {
		out.WriteString("minted:\n")
	}
	for _, value := range generated {
		out.WriteString("  - " + scalar(value) + "\n")
	}
	return out.String()
}

// settingsYAML writes the settings of the world. A service with rate limits is replayed without
// them, unless the script sets them, because a replay starts with other counts.
func settingsYAML(out *strings.Builder, o Options, interactions []*cassette.Interaction) {
	limits := o.Settings.Limits
	if limits == "" && slices.ContainsFunc(interactions, counted) {
		limits = "off"
	}
	if limits == "" && len(o.Settings.Features) == 0 {
		return
	}
	out.WriteString("settings:\n")
	if limits != "" {
		fmt.Fprintf(out, "  limits: %s\n", scalar(limits))
	}
	if len(o.Settings.Features) == 0 {
		return
	}
	out.WriteString("  features:\n")
	for _, name := range slices.Sorted(maps.Keys(o.Settings.Features)) {
		fmt.Fprintf(out, "    %s: %t\n", scalar(name), o.Settings.Features[name])
	}
}

// counted reports whether an answer reports the remaining requests.
func counted(i *cassette.Interaction) bool {
	for name := range i.Response.Headers {
		if name = strings.ToLower(name); strings.HasPrefix(strings.TrimPrefix(name, "x-"), "ratelimit-") {
			return true
		}
	}
	return false
}
