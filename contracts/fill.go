package contracts

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/contracts/compare"
)

var worldPlaceholder = regexp.MustCompile(`\{\{(base|receiver|(credential|secret|basic):([^:}]+)(?::([a-z]+))?)\}\}`)

// expandVariables replaces the world's variables in a hand-written interaction: its URL and its
// credentials.
func (p *replayer) expandVariables(i *compare.Interaction) (*compare.Interaction, error) {
	if !p.c.handWritten {
		return i, nil
	}
	var failed error
	fill := func(s string) string {
		return worldPlaceholder.ReplaceAllStringFunc(s, func(placeholder string) string {
			m := worldPlaceholder.FindStringSubmatch(placeholder)
			switch {
			case m[1] == "base":
				return p.world.Base(i.Host)
			case m[1] == "receiver" && p.receiver != nil:
				return p.receiver.URL
			case m[1] == "receiver":
				failed = errors.New("{{receiver}} in a case whose steps have no deliveries; " +
					"for an address to which nothing is sent, write one such as https://receiver.example/")
				return ""
			}
			c, err := p.world.Credential(m[3], m[4])
			if err != nil {
				failed = err
			}
			switch m[2] {
			case "secret":
				return c.Secret
			case "basic":
				return base64.StdEncoding.EncodeToString([]byte(c.Value + ":" + c.Secret))
			}
			return c.Value
		})
	}
	out := *i
	out.URL, out.Body, out.Result = fill(i.URL), fill(i.Body), fill(i.Result)
	out.Header, out.Answer = mapHeader(i.Header, fill), mapHeader(i.Answer, fill)
	out.Deliveries = nil
	for _, d := range i.Deliveries {
		out.Deliveries = append(out.Deliveries, &Delivery{Method: d.Method, Path: fill(d.Path),
			Header: mapHeader(d.Header, fill), Body: fill(d.Body)})
	}
	return &out, failed
}

func mapHeader(h http.Header, do func(string) string) http.Header {
	out := http.Header{}
	for name, values := range h {
		out[name] = []string{}
		for _, value := range values {
			out[name] = append(out[name], do(value))
		}
	}
	return out
}

// written builds the request of a hand-written step.
func (p *replayer) written(ctx context.Context, cmp *compare.Comparison,
	i *compare.Interaction) (*http.Request, error) {
	var failed error
	expand := func(by func(string) (string, error), s string) string {
		out, err := by(s)
		if err != nil && failed == nil {
			failed = err
		}
		return p.bind.LocalIDs(out)
	}
	at, body := p.localNumbers(i)
	at = expand(cmp.Expand, at)
	if i.Encoded {
		body = expand(cmp.ExpandJSON, body)
	} else {
		body = expand(cmp.Expand, body)
	}
	header := mapHeader(i.Header, func(s string) string { return expand(cmp.Expand, s) })
	if failed != nil {
		return nil, failed
	}
	if strings.HasPrefix(at, "/") {
		at = p.world.Base(i.Host) + at
	}
	r, err := http.NewRequestWithContext(ctx, i.Method, at, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	return bodiless(r, body), nil
}
