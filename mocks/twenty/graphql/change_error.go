package graphql

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// ofMetadata returns the client's view of a rejected change of the metadata.
func ofMetadata(r *schema.ChangeError) *Failure {
	switch {
	case r.Report != nil:
		return ofReport(r.Report)
	case r.Action != "":
		return unmigrated(r.Action)
	case strings.HasPrefix(r.Fault, "Migration action"):
		return unmigrated(r.Fault)
	case r.Fault != "" && r.UserMessage != "":
		return &Failure{Message: r.Fault, Extensions: &Extensions{Code: internal, UserFriendlyMessage: r.UserMessage}}
	case r.Fault != "":
		return guarded(internal, r.Fault)
	case r.Code == "RELATION_UNIVERSAL_IDENTIFIER_NOT_FOUND":
		return guarded(internal, r.Message)
	case r.Code == "API_KEY_NOT_FOUND": // fixtures/twenty/roles_and_permissions 37
		return guarded(notFound, r.Message)
	case strings.HasSuffix(r.Code, "_PERMISSION_DENIED"): // fixtures/twenty/surface_views_layouts 14
		return &Failure{Message: r.Message, Extensions: &Extensions{Code: denied, UserFriendlyMessage: r.UserMessage}}
	case strings.HasPrefix(r.Code, "VIEW_") || strings.HasPrefix(r.Code, "PAGE_LAYOUT"):
		// fixtures/twenty/surface_views_layouts
		return guarded(notFound, r.Message)
	case r.UserMessage != "" && r.Status == 400 &&
		(r.Code == "" || strings.HasPrefix(r.Code, "INVALID_PAGE") || strings.HasPrefix(r.Code, "MISSING_MAIN")):
		return &Failure{Message: r.Message, Extensions: &Extensions{Code: badInput, UserFriendlyMessage: r.UserMessage}}
	case r.Code == "ENTITY_NOT_FOUND": // fixtures/twenty/metadata_graphql_mutations 12
		return guarded(internal, r.Message)
	}
	f := guarded(badInput, r.Message)
	f.Extensions.SubCode = r.Code
	switch { // inferred: the codes of the same errors over REST
	case r.Status == 404 || strings.HasSuffix(r.Code, "_NOT_FOUND"):
		f.Extensions.Code = notFound
	case r.Status == 403:
		f.Extensions.Code = denied
	}
	if text := cmp.Or(r.UserMessage, told[r.Code]); text != "" {
		f.Extensions.UserFriendlyMessage = text
	}
	return f
}

// unmigrated returns the error of a change that the database rejected.
func unmigrated(action string) *Failure {
	return &Failure{Message: action,
		Extensions: &Extensions{Code: internal, UserFriendlyMessage: "Migration execution failed."}}
}

// told are the messages for people of the codes that have one. Inferred from the vendor's source;
// its tests show that of a standard field.
var told = map[string]string{"FIELD_METADATA_NOT_FOUND": "Field not found.",
	"INVALID_FIELD_INPUT":        "Invalid field input.",
	"FIELD_MUTATION_NOT_ALLOWED": "This field cannot be modified.",
	"FIELD_ALREADY_EXISTS":       "A field with this name already exists.",
	"WEBHOOK_NOT_FOUND":          "Webhook not found."}

// hookRefused returns what is wrong with the address of a webhook, which REST does not report.
// Inferred from the vendor's source.
func hookRefused(hook schema.Webhook, in map[string]any, change string, err error) (any, error) {
	var r *schema.ChangeError
	if !errors.As(err, &r) || r.Report == nil {
		return orRefused(hook, err)
	}
	found := []schema.Complaint{{Code: "INVALID_TARGET_URL", Message: "Invalid target URL provided",
		UserMessage: "Please provide a valid HTTP or HTTPS URL"}}
	entity := map[string]any{"id": hook.ID, "universalIdentifier": hook.ID}
	if change == "create" {
		entity["targetUrl"] = in["targetUrl"]
	}
	if change == "create" && in["targetUrl"] == "" {
		const none = "Target URL is required"
		found = append([]schema.Complaint{{Code: "INVALID_WEBHOOK_INPUT", Message: none, UserMessage: none}}, found...)
	}
	report := *r.Report
	report.UserMessage = found[0].UserMessage
	report.Errors = map[string][]schema.Failure{"webhook": {{Status: "fail", Errors: found, Entity: entity,
		Metadata: "webhook", Type: change}}}
	report.Summary = map[string]int{"totalErrors": 1, "webhook": 1}
	return nil, ofReport(&report)
}

// The kinds of metadata in the order in which a report's summary counts them, and how it calls several.
var (
	kindOrder = []string{"fieldMetadata", "objectMetadata", "view", "viewField", "index", "searchFieldMetadata"}
	severals  = map[string]string{"view": "views", "viewField": "viewFields", "viewGroup": "viewGroups",
		"viewFieldGroup": "viewFieldGroups", "index": "indices", "webhook": "webhooks",
		"navigationMenuItem": "navigationMenuItems", "commandMenuItem": "commandMenuItems"}
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
		if several := severals[kind]; n > 1 && several != "" {
			kind = several
		}
		parts = append(parts, fmt.Sprintf("%d %s", n, kind))
	}
	return &Failure{Message: r.Message,
		Extensions: &Extensions{Code: "METADATA_VALIDATION_FAILED", Errors: r.Errors, Summary: r.Summary,
			UserFriendlyMessage: r.UserMessage, Message: "Validation failed for " + strings.Join(parts, ", ")}}
}
