package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// CredentialHeader returns the header that carries a credential of a fake, by the security schemes of its
// document: that of an API key, or Authorization with a bearer token.
func (c *Client) CredentialHeader(ctx context.Context, fake, value string) (name, text string, err error) {
	known, ok := c.headers.Load(fake)
	if !ok {
		if known, err = c.credentialHeader(ctx, fake); err != nil {
			return "", "", err
		}
		c.headers.Store(fake, known)
	}
	if known == "" {
		return "Authorization", "Bearer " + value, nil
	}
	return known.(string), value, nil
}

// credentialHeader returns the header of a fake's API keys, "" if it takes bearer tokens.
func (c *Client) credentialHeader(ctx context.Context, fake string) (string, error) {
	a, err := c.Send(ctx, http.MethodGet, c.base+"/"+url.PathEscape(fake)+"/openapi.json", http.Header{}, nil)
	if err != nil {
		return "", err
	}
	var document struct {
		Components struct {
			SecuritySchemes map[string]struct{ Type, In, Name string }
		}
	}
	if a.Status != http.StatusOK || json.Unmarshal(a.Body, &document) != nil {
		return "", fmt.Errorf("no document of a fake %q: %d", fake, a.Status)
	}
	schemes := document.Components.SecuritySchemes
	names := make([]string, 0, len(schemes))
	for name := range schemes {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if s := schemes[name]; s.Type == "apiKey" && s.In == "header" {
			return s.Name, nil
		}
	}
	return "", nil
}

// Base returns the origin of the server.
func (c *Client) Base() string { return c.base }
