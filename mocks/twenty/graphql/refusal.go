package graphql

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// ofMetadata is what a client sees of a refused change of the metadata.
func ofMetadata(r *schema.Refusal) *Failure {
	switch {
	case r.Report != nil:
		return ofReport(r.Report)
	case r.Fault != "":
		return guarded(internal, r.Fault)
	case r.Code == "ENTITY_NOT_FOUND": // fixtures/twenty/metadata_graphql_mutations 12
		return guarded(internal, r.Message)
	}
	f := guarded(badInput, r.Message)
	f.Extensions.SubCode = r.Code
	switch { // inferred: the codes that REST gives the same refusals
	case r.Status == 404 || strings.HasSuffix(r.Code, "_NOT_FOUND"):
		f.Extensions.Code = notFound
	case r.Status == 403:
		f.Extensions.Code = denied
	}
	if r.UserMessage != "" {
		f.Extensions.UserFriendlyMessage = r.UserMessage
	}
	return f
}

// The kinds of metadata in the order in which a report's summary counts them, and how it calls several.
var (
	kindOrder = []string{"fieldMetadata", "objectMetadata", "view", "viewField", "index", "searchFieldMetadata"}
	severals  = map[string]string{"view": "views", "viewField": "viewFields", "index": "indices", "webhook": "webhooks"}
)

// ofReport is a validation that failed: fixtures/twenty/metadata_graphql_mutations 13.
func ofReport(r *schema.Report) *Failure {
	var parts []string
	kinds := append(slices.Clone(kindOrder), slices.Sorted(maps.Keys(r.Summary))...)
	seen := map[string]bool{"totalErrors": true}
	for _, kind := range kinds {
		n := r.Summary[kind]
		if seen[kind] || n == 0 {
			continue
		}
		seen[kind] = true
		if several := severals[kind]; several != "" && n > 1 {
			kind = several
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, kind))
	}
	return &Failure{Message: r.Message, Extensions: &Extensions{Code: "METADATA_VALIDATION_FAILED", Errors: r.Errors, Summary: r.Summary,
		UserFriendlyMessage: r.UserMessage, Message: "Validation failed for " + strings.Join(parts, ", ")}}
}
