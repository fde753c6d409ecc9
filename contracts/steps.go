package contracts

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// script is steps.yaml: a hand-written conversation. The package comment describes it.
type script struct {
	Headers map[string]any `yaml:"headers"` // of every request
	Host    string         `yaml:"host"`
	Steps   []step         `yaml:"steps"`
}

type step struct {
	About    string    `yaml:"about"`
	Request  *stepAsks `yaml:"request"`
	Response *stepGets `yaml:"response"`
	Repeat   int       `yaml:"repeat"`
	Advance  string    `yaml:"advance"`

	Deliveries []*stepSends `yaml:"deliveries"`
}

// stepSends is a delivery that a step causes.
type stepSends struct {
	Method  string         `yaml:"method"`
	Path    string         `yaml:"path"`
	Headers map[string]any `yaml:"headers"`
	Body    any            `yaml:"body"`
	Text    *string        `yaml:"text"`
}

type stepAsks struct {
	Method  string            `yaml:"method"`
	URL     string            `yaml:"url"`
	Host    string            `yaml:"host"`
	Headers map[string]any    `yaml:"headers"`
	Body    any               `yaml:"body"`
	Text    *string           `yaml:"text"`
	Form    map[string]string `yaml:"form"`
	Base64  string            `yaml:"base64"`
}

type stepGets struct {
	Status  int            `yaml:"status"`
	Headers map[string]any `yaml:"headers"`
	Body    any            `yaml:"body"`
	Text    *string        `yaml:"text"`
}

// loadSteps converts steps.yaml into the interactions that a cassette would give.
func loadSteps(fsys fs.FS, file string) (out []*compare.Interaction, host string, err error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, "", err
	}
	var s script
	if err := decodeStrict(data, &s, yaml.UseOrderedMap()); err != nil {
		return nil, "", fmt.Errorf("%s: %w", file, err)
	}
	if err := compare.CheckPlaceholders(string(data)); err != nil {
		return nil, "", fmt.Errorf("%s: %w", file, err)
	}
	for n, one := range s.Steps {
		i, err := s.interaction(one)
		if err != nil {
			return nil, "", fmt.Errorf("%s: step %d: %w", file, n, err)
		}
		for range max(one.Repeat, 1) {
			copied := *i
			copied.Number, copied.Entry = len(out), n
			out = append(out, &copied)
		}
	}
	return out, s.Host, nil
}

func (s *script) interaction(one step) (*compare.Interaction, error) {
	if one.Advance != "" {
		if one.Request != nil || one.Response != nil {
			return nil, errors.New("advance must be a separate step")
		}
		i := &compare.Interaction{Advance: one.Advance}
		if _, err := time.ParseDuration(one.Advance); err != nil {
			return nil, err
		}
		return i, cause(i, one.Deliveries)
	}
	if one.Request == nil || one.Response == nil || one.Response.Status == 0 || one.Request.URL == "" {
		return nil, errors.New("request with url, and response with status, are needed")
	}
	i := &compare.Interaction{Method: one.Request.Method, URL: one.Request.URL, Host: one.Request.Host,
		Status: one.Response.Status}
	if i.Method == "" {
		i.Method = http.MethodGet
	}
	if i.Host == "" {
		i.Host = s.Host
	}
	if err := ask(i, s.Headers, one.Request); err != nil {
		return nil, err
	}
	i.Write = writes(i.Method, i.Body)
	if err := cause(i, one.Deliveries); err != nil {
		return nil, err
	}
	return i, expect(i, one.Response)
}

func ask(i *compare.Interaction, always map[string]any, q *stepAsks) (err error) {
	i.Header = http.Header{}
	kind := ""
	switch {
	case q.Body != nil:
		kind = "application/json"
		i.Body, err = encodeJSON(q.Body)
		i.Encoded = true
	case q.Form != nil:
		kind = "application/x-www-form-urlencoded"
		i.Body = encodeForm(q.Form)
	case q.Base64 != "":
		var data []byte
		data, err = base64.StdEncoding.DecodeString(q.Base64)
		i.Body = string(data)
	case q.Text != nil:
		i.Body = *q.Text
	}
	if err != nil {
		return err
	}
	if kind != "" {
		i.Header.Set("Content-Type", kind)
	}
	for _, headers := range []map[string]any{always, q.Headers} {
		for name, value := range headers {
			i.Header.Del(name)
			values, err := headerValues(value)
			if err != nil {
				return fmt.Errorf("header %s: %w", name, err)
			}
			if len(values) > 0 {
				i.Header[textproto.CanonicalMIMEHeaderKey(name)] = values
			}
		}
	}
	return nil
}

// cause reads the deliveries of a step.
func cause(i *compare.Interaction, all []*stepSends) (err error) {
	i.Receives = all != nil
	for _, one := range all {
		d := &Delivery{Method: cmp.Or(one.Method, http.MethodPost), Path: one.Path, Header: http.Header{}}
		for name, value := range one.Headers {
			if d.Header[textproto.CanonicalMIMEHeaderKey(name)], err = headerValues(value); err != nil {
				return fmt.Errorf("delivery to %s: header %s: %w", one.Path, name, err)
			}
		}
		switch {
		case one.Path == "" || one.Body != nil && one.Text != nil:
			return errors.New("a delivery needs a path, and has body or text, not both")
		case one.Body != nil:
			if d.Body, err = encodeJSON(one.Body); err != nil {
				return err
			}
			if d.Header.Get("Content-Type") == "" {
				d.Header.Set("Content-Type", "application/json")
			}
		case one.Text != nil:
			d.Body = *one.Text
		}
		i.Deliveries = append(i.Deliveries, d)
	}
	return nil
}

func expect(i *compare.Interaction, r *stepGets) (err error) {
	i.Answer, i.Only = http.Header{}, map[string]bool{}
	for name, value := range r.Headers {
		name = textproto.CanonicalMIMEHeaderKey(name)
		i.Only[name] = true
		if i.Answer[name], err = headerValues(value); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	switch {
	case r.Body != nil && r.Text != nil:
		return errors.New("a response has body or text, not both")
	case r.Body != nil:
		i.Result, err = encodeJSON(r.Body)
		i.JSON = true
	case r.Text != nil:
		i.Result = *r.Text
	}
	return err
}

// encodeForm encodes a form and keeps placeholders readable.
func encodeForm(form map[string]string) string {
	var pairs []string
	for _, key := range sortedKeys(form) {
		value := ""
		for _, p := range splitPlaceholders(form[key]) {
			if strings.HasPrefix(p, "{{") {
				value += p
			} else {
				value += url.QueryEscape(p)
			}
		}
		pairs = append(pairs, url.QueryEscape(key)+"="+value)
	}
	return strings.Join(pairs, "&")
}

// headerValues converts a header's value: a string, a number, a list of strings, or null.
func headerValues(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case string:
		return []string{v}, nil
	case []any:
		var all []string
		for _, one := range v {
			s, ok := one.(string)
			if !ok {
				return nil, fmt.Errorf("%v is not a string", one)
			}
			all = append(all, s)
		}
		return all, nil
	case yaml.MapSlice:
		return nil, fmt.Errorf("%v is not a string; quote placeholders", v)
	default:
		return []string{fmt.Sprint(v)}, nil
	}
}

// encodeJSON encodes a YAML value as JSON with keys in their order, so that the first occurrence of
// a placeholder is the first in the file.
func encodeJSON(v any) (string, error) {
	var b bytes.Buffer
	if err := writeJSON(&b, v); err != nil {
		return "", err
	}
	return b.String(), nil
}

func writeJSON(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case yaml.MapSlice:
		b.WriteByte('{')
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			jsontree.WriteText(b, fmt.Sprint(item.Key))
			b.WriteByte(':')
			if err := writeJSON(b, item.Value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, one := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, one); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case string:
		jsontree.WriteText(b, v)
	default:
		data, err := json.Marshal(v)
		b.Write(data)
		return err
	}
	return nil
}

// splitPlaceholders splits a text before and after its placeholders, including those for
// credentials.
func splitPlaceholders(s string) (pieces []string) {
	for {
		i := strings.Index(s, "{{")
		j := strings.Index(s, "}}")
		if i < 0 || j < i {
			return append(pieces, s)
		}
		pieces = append(pieces, s[:i], s[i:j+2])
		s = s[j+2:]
	}
}
