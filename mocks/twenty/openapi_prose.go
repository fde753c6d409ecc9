package twenty

import (
	"strings"
	"unicode"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// withDescription adds a description. Responses must have one.
func withDescription(text string, to node) node {
	to["description"] = text
	return to
}

// describe adds the description of an object or a field, if it has one.
func describe(s node, text *string) node {
	if text != nil && *text != "" {
		s["description"] = *text
	}
	return s
}

func withExample(s node, example any) node {
	s["example"] = example
	return s
}

// exampleID stands where the vendor's document has a new UUID each time it is asked for.
const exampleID = "5f7c9f2e-2c0b-4c53-9a3c-0d8f6f3a7e11"

// exampleOf returns an example of a record to write: its name, its required fields, and values of
// types that clients often get wrong. The vendor generates new addresses, names and amounts for
// each document.
func exampleOf(m *schema.Model) node {
	out := node{}
	for _, a := range m.Attrs {
		switch value, ok := exampleValue(m, a); {
		case !a.IsActive:
		case ok:
			out[a.Name] = value
		case needed(a):
			out[a.Name] = neededValue(a)
		}
	}
	return out
}

func exampleValue(m *schema.Model, a *schema.Attr) (any, bool) {
	switch a.Type {
	case schema.Text:
		return startCase(m.NameSingular) + " name", a.Name == "name"
	case schema.Links:
		return node{"primaryLinkLabel": "", "primaryLinkUrl": "https://example.com", "secondaryLinks": []any{}}, true
	case schema.Emails:
		return node{"primaryEmail": "random@example.com", "additionalEmails": nil}, true
	case schema.Phones:
		return node{"primaryPhoneNumber": "06 10 20 30 40", "primaryPhoneCallingCode": "+33",
			"primaryPhoneCountryCode": "FR", "additionalPhones": []any{}}, true
	case schema.Currency:
		return node{"amountMicros": "284000000", "currencyCode": "EUR"}, true
	case schema.FullName:
		return node{"firstName": "Ada", "lastName": "Lovelace"}, true
	case schema.Select, schema.MultiSelect:
		return firstOption(a)
	}
	return nil, false
}

// startCase parts a name into words: messageList is Message List.
func startCase(name string) string {
	var out strings.Builder
	for i, c := range capital(name) {
		if i > 0 && unicode.IsUpper(c) {
			out.WriteByte(' ')
		}
		out.WriteRune(c)
	}
	return out.String()
}

func firstOption(a *schema.Attr) (any, bool) {
	switch {
	case len(a.Options) == 0:
		return nil, false
	case a.Type == schema.MultiSelect:
		return []string{a.Options[0].Value}, true
	}
	return a.Options[0].Value, true
}

// neededValue is the example of a field that every record needs.
func neededValue(a *schema.Attr) any {
	switch a.Type {
	case schema.UUID:
		return exampleID
	case schema.RawJSON:
		return node{}
	}
	return nil
}

func documentParameters(limit node) node {
	query := func(name, text string, s node) node {
		return node{"name": name, "in": "query", "description": text, "required": false, "schema": s}
	}
	off := node{"type": "boolean", "default": false}
	group := query("group_by",
		"A JSON array of the fields to group by; "+
			"of a relation or a composite one of its fields, of a date a granularity", typed("string"))
	group["required"] = true
	out := node{
		"idPath": withDescription("The record's id",
			node{"name": "id", "in": "path", "required": true, "schema": formatted("uuid")}),
		"startingAfter": query("starting_after",
			"The cursor after which the page begins: **endCursor** of **pageInfo**", typed("string")),
		"endingBefore": query("ending_before",
			"The cursor before which the page ends: **startCursor** of **pageInfo**", typed("string")),
		"filter": query("filter",
			"Conditions like field[COMPARATOR]:value, joined by commas, or(), and(), not()", typed("string")),
		"depth": query("depth", "0 for the record alone, 1 for its direct relations too",
			node{"type": "integer", "enum": []int{0, 1}, "default": 1}),
		"upsert":     query("upsert", "Update the record if it is there already", off),
		"softDelete": query("soft_delete", "Keep the records and mark them as deleted", off),
		"orderBy": query("order_by", "Fields, joined by commas, each with its direction in brackets",
			typed("string")),
		"limit":                query("limit", "The most records of an answer", limit),
		"groupBy":              group,
		"viewId":               query("view_id", "The view whose filters apply", formatted("uuid")),
		"aggregate":            query("aggregate", "A JSON array of the aggregates of each group", typed("string")),
		"includeRecordsSample": query("include_records_sample", "Show some records of each group", off),
		"orderByForRecords": query("order_by_for_records", "The order of the records inside the groups",
			typed("string")),
	}
	for name, examples := range parameterExamples {
		out[name].(node)["examples"] = examples
	}
	return out
}

// parameterExamples are those of the vendor's document, described in our words.
var parameterExamples = map[string]node{
	"filter": {
		"simple": withDescription("One condition", node{"value": `createdAt[gte]:"2023-01-01"`}),
		"simpleNested": withDescription("A field of a composite",
			node{"value": "emails.primaryEmail[eq]:foo99@example.com"}),
		"complex": withDescription("Several conditions",
			node{"value": `or(createdAt[gte]:"2024-01-01",createdAt[lte]:"2023-01-01",not(id[is]:NULL))`}),
		"like": withDescription("A pattern", node{"value": `name[like]:"%value%"`}),
	},
	"orderBy": {
		"simple":  node{"value": "createdAt", "summary": "One field"},
		"complex": node{"value": "id[AscNullsFirst],createdAt[DescNullsLast]", "summary": "Several fields"},
	},
	"groupBy": {
		"simple":          node{"value": `[{"updatedAt": true}]`, "summary": "One field"},
		"subfield":        node{"value": `[{"assignee": {"name": true}}]`, "summary": "A field of a relation"},
		"dateGranularity": node{"value": `[{"createdAt": {"granularity": "MONTH"}}]`, "summary": "A date by month"},
	},
	"aggregate": {
		"count":    node{"value": `["countNotEmptyId"]`, "summary": "How many records"},
		"multiple": node{"value": `["countNotEmptyId", "sumAmount"]`, "summary": "Several aggregates"},
	},
	"orderByForRecords": {"simple": node{"value": "createdAt", "summary": "One field"}},
}

func documentResponses() node {
	return node{
		"400": withDescription("Bad Request", inJSON(withExample(
			shape(node{"statusCode": typed("number"), "messages": many(typed("string")), "error": typed("string")}),
			node{"statusCode": 400, "message": "error message", "error": "Bad Request"}))),
		"401": withDescription("Unauthorized", inJSON(withExample(
			shape(node{"statusCode": typed("number"), "message": typed("string"), "error": typed("string")}),
			node{"statusCode": 401, "message": "Token invalid.", "error": "Unauthorized"}))),
	}
}
