package twenty

import (
	_ "embed"
	"encoding/json"

	"github.com/afba07b5/mockserver/fake"
)

//go:embed documents/metadata-schemas.json
var metadataSchemas []byte

// described are the resources of the metadata document: singular and plural.
var described = [][2]string{{"object", "objects"}, {"field", "fields"}, {"webhook", "webhooks"}, {"apiKey", "apiKeys"},
	{"view", "views"},
	{"viewField", "viewFields"}, {"viewFilter", "viewFilters"}, {"viewSort", "viewSorts"}, {"viewGroup", "viewGroups"},
	{"viewFilterGroup", "viewFilterGroups"}, {"pageLayout", "pageLayouts"}, {"pageLayoutTab", "pageLayoutTabs"},
	{"pageLayoutWidget", "pageLayoutWidgets"}}

// describeMetadata answers with the document of the metadata routes, which is the same in all workspaces.
func (a *api) describeMetadata(r *fake.Request) (any, error) { return metadataDocument(r.Base), nil }

func (a *api) frameOfMetadata(r *fake.Request) (any, error) {
	document, _ := documentFrame(r.Base, "metadata", "/rest/metadata")
	return document, nil
}

func metadataDocument(origin string) node {
	document, paths := documentFrame(origin, "metadata", "/rest/metadata")
	var tags []string
	for _, names := range described {
		one, all := names[0], names[1]
		tags = append(tags, all)
		upper := capital(one)
		answer := ref("schemas", upper+forResponse)
		paths.set("/"+all, node{
			"get": label(operation("", "200", refs("parameters", "limit", "startingAfter", "endingBefore"), nil,
				shape(node{
					"data": shape(node{all: many(answer)}), "pageInfo": pageInfoSchema(typed("string")),
					"totalCount": typed("integer")})), all, "Find Many "+all),
			"post": label(operation("createOne"+upper, "201", nil, ref("schemas", upper),
				below("createOne"+upper, answer)), all, "Create One "+one),
		})
		id := refs("parameters", "idPath")
		paths.set("/"+all+"/{id}", node{
			"get": label(operation("", "200", id, nil, below(one, answer)), all, "Find One "+one),
			"delete": label(operation("deleteOne"+upper, "200", id, nil, below("deleteOne"+upper, onlyID)), all,
				"Delete One "+one),
			"patch": label(operation("updateOne"+upper, "200", id, ref("schemas", upper+forUpdate),
				below("updateOne"+upper, answer)), all, "Update One "+one),
		})
	}
	// so the document; the server gives 60 and 200
	limit := node{"type": "integer", "minimum": 0, "maximum": 1000, "default": 1000}
	return complete(document, tags, json.RawMessage(metadataSchemas), limit)
}
