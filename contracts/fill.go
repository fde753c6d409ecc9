package contracts

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
)

var worldPlaceholder = regexp.MustCompile(`\{\{(base|receiver|(credential|secret):([^:}]+)(?::([a-z]+))?)\}\}`)

// expandVariables replaces the world's variables in a hand-written interaction: its URL and its
// credentials.
func (p *replayer) expandVariables(i *interaction) (*interaction, error) {
	if !p.c.handWritten {
		return i, nil
	}
	var failed error
	fill := func(s string) string {
		return worldPlaceholder.ReplaceAllStringFunc(s, func(hole string) string {
			m := worldPlaceholder.FindStringSubmatch(hole)
			switch {
			case m[1] == "base":
				return p.world.Base(i.host)
			case m[1] == "receiver" && p.receiver != nil:
				return p.receiver.URL
			case m[1] == "receiver":
				failed = errors.New("{{receiver}} in a case without deliveries")
				return ""
			}
			c, err := p.world.Credential(m[3], m[4])
			if err != nil {
				failed = err
			}
			if m[2] == "secret" {
				return c.Secret
			}
			return c.Value
		})
	}
	out := *i
	out.url, out.body, out.result = fill(i.url), fill(i.body), fill(i.result)
	out.header, out.answer = mapHeader(i.header, fill), mapHeader(i.answer, fill)
	out.deliveries = nil
	for _, d := range i.deliveries {
		out.deliveries = append(out.deliveries,
			&Delivery{d.Method, fill(d.Path), mapHeader(d.Header, fill), fill(d.Body)})
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
func (p *replayer) written(ctx context.Context, cmp *comparison, i *interaction) (*http.Request, error) {
	var failed error
	expand := func(s string) string {
		out, err := cmp.expand(s)
		if err != nil && failed == nil {
			failed = err
		}
		return p.bind.localIDs(out)
	}
	at, body := p.localNumbers(i)
	at, body = expand(at), expand(body)
	header := mapHeader(i.header, expand)
	if failed != nil {
		return nil, failed
	}
	if strings.HasPrefix(at, "/") {
		at = p.world.Base(i.host) + at
	}
	r, err := http.NewRequestWithContext(ctx, i.method, at, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	return bodiless(r, body), nil
}
