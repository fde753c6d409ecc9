package twenty

import (
	_ "embed"
	"encoding/json"

	"github.com/afba07b5/mockserver/fake"
)

//go:embed documents/metadata-schemas.json
var metadataSchemas []byte

// described are the resources of the metadata document: singular and plural.
var described = [][2]string{{"object", "objects"}, {"field", "fields"}, {"webhook", "webhooks"}, {"apiKey", "apiKeys"}, {"view", "views"},
	{"viewField", "viewFields"}, {"viewFilter", "viewFilters"}, {"viewSort", "viewSorts"}, {"viewGroup", "viewGroups"},
	{"viewFilterGroup", "viewFilterGroups"}, {"pageLayout", "pageLayouts"}, {"pageLayoutTab", "pageLayoutTabs"}, {"pageLayoutWidget", "pageLayoutWidgets"}}

// describeMetadata answers with the document of the metadata routes, which is the same in all workspaces.
func (a *api) describeMetadata(r *fake.Request) (any, error) {
	return metadataDocument(r.Base, described), nil
}

func (a *api) frameOfMetadata(r *fake.Request) (any, error) {
	return metadataDocument(r.Base, nil), nil
}

func metadataDocument(origin string, resources [][2]string) node {
	paths := node{"/open-api/metadata": documentPath(origin)}
	for _, names := range resources {
		one, all := names[0], names[1]
		upper := capital(one)
		answer := ref("schemas", upper+forResponse)
		paths["/"+all] = node{
			"get": operation("", "200", refs("parameters", "limit", "startingAfter", "endingBefore"), nil, shape(node{
				"data": shape(node{all: many(answer)}), "pageInfo": pageInfoSchema(typed("string")), "totalCount": typed("integer")})),
			"post": operation("createOne"+upper, "201", nil, ref("schemas", upper), below("createOne"+upper, answer)),
		}
		id := refs("parameters", "idPath")
		paths["/"+all+"/{id}"] = node{
			"get":    operation("", "200", id, nil, below(one, answer)),
			"delete": operation("deleteOne"+upper, "200", id, nil, below("deleteOne"+upper, onlyID)),
			"patch":  operation("updateOne"+upper, "200", id, ref("schemas", upper+forUpdate), below("updateOne"+upper, answer)),
		}
	}
	limit := node{"type": "integer", "minimum": 0, "maximum": 1000, "default": 1000} // so the document; the server gives 60 and 200
	return node{"openapi": "3.1.1", "info": documentInfo, "servers": []node{{"url": origin + "/rest/metadata"}}, "security": bearerOnly,
		"components": node{"securitySchemes": securitySchemes, "schemas": json.RawMessage(metadataSchemas), "parameters": documentParameters(limit), "responses": documentResponses()},
		"paths":      paths}
}

// dashboardPath is the one path that only one object has.
func dashboardPath() node {
	return node{"post": operation("duplicateDashboard", "201", refs("parameters", "idPath"), nil, ref("schemas", "Dashboard"+forResponse))}
}
