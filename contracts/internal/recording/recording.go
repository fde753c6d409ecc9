// Package recording has what package contracts and its recorder both need: it finds the values that a recorded server
// generated and the day of a recording, decodes bodies, and names the credentials of a real service.
package recording

import (
	"context"
	"net/http"
	"strings"
)

// lookUpKey marks the context of a request that looks up standing objects.
type lookUpKey struct{}

// WithLookUp returns a context for requests that look up standing objects for a case.
func WithLookUp(ctx context.Context) context.Context {
	return context.WithValue(ctx, lookUpKey{}, true)
}

// IsLookUp reports whether a request is not one of the case but looks up standing objects for it.
func IsLookUp(r *http.Request) bool { return r.Context().Value(lookUpKey{}) != nil }

// CredentialVariable returns the name of the environment variable that has a principal's credential for the real
// service. State "" stands for "valid".
func CredentialVariable(fakeName, principal, state string) string {
	name := "MOCKSERVER_LIVE_" + fakeName + "_" + principal
	if state != "" && state != "valid" {
		name += "_" + state
	}
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_", " ", "_", "@", "_").Replace(name))
}
