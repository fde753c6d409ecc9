package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/afba07b5/mockserver/conduct"
)

// credentialHeader is a header, and what stands before the credential in it.
type credentialHeader struct{ name, before string }

// CredentialHeader returns the header that carries a credential of a fake, by the security schemes of its document.
func (c *Client) CredentialHeader(ctx context.Context, fake, value string) (name, text string, err error) {
	known, ok := c.headers.Load(fake)
	if !ok {
		a, err := c.Send(ctx, http.MethodGet, c.base+"/"+url.PathEscape(fake)+"/openapi.json", http.Header{}, nil)
		if err != nil {
			return "", "", err
		}
		name, before, err := conduct.CredentialHeader(a.Body)
		if a.Status != http.StatusOK || err != nil {
			return "", "", fmt.Errorf("no document of a fake %q: %d", fake, a.Status)
		}
		known = credentialHeader{name, before}
		c.headers.Store(fake, known)
	}
	h := known.(credentialHeader)
	return h.name, h.before + value, nil
}

// Base returns the origin of the server.
func (c *Client) Base() string { return c.base }
