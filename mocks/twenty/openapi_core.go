package twenty

import (
	"cmp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// node is a piece of an OpenAPI document.
type node = map[string]any

// describeRecords answers with the document of the workspace's records, made from its present
// metadata.
func (a *api) describeRecords(r *fake.Request) (any, error) {
	return describeModels(r.Base, a.describedModels()), nil
}

// openly answers callers without a valid token with the frame of a document, which has nothing of the workspace.
func (a *api) openly(full, frame fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		if _, err := identify(r.State, credentialOf(r.HTTP), r.Now()); err != nil {
			return frame(r)
		}
		return full(r)
	}
}

func (a *api) frameOfRecords(r *fake.Request) (any, error) {
	document, _ := documentFrame(r.Base, "core", "/rest/")
	return document, nil
}

// documentFrame is what both documents begin with, and its paths, to which a document adds its own.
func documentFrame(origin, name, base string) (node, *ordered) {
	paths := &ordered{}
	paths.set("/open-api/"+name, documentPath(origin))
	return node{"openapi": "3.1.1", "info": fixed("info"), "servers": servers(origin + base), "security": bearerOnly,
		"externalDocs": fixed("externalDocs"), "components": node{"securitySchemes": fixed("securitySchemes")},
		"paths": paths}, paths
}

// complete adds what strangers do not see.
func complete(document node, tags []string, schemas any, limit node) node {
	document["tags"] = documentTags(tags)
	parameters := fixed("parameters")
	parameters["limit"].(node)["schema"] = limit
	document["components"] = node{"securitySchemes": fixed("securitySchemes"), "schemas": schemas,
		"parameters": parameters, "responses": fixed("responses")}
	return document
}

func describeModels(origin string, models []*schema.Model) node {
	document, paths := documentFrame(origin, "core", "/rest/")
	hooks, schemas := &ordered{}, &ordered{}
	var names []string
	for _, m := range models {
		names = append(names, m.NamePlural)
		describePaths(m, paths)
		describeHooks(m, hooks)
		describeSchemas(m, schemas)
	}
	if slices.Contains(names, "dashboards") {
		paths.set("/dashboards/{id}/duplicate", fixed("dashboard"))
	}
	document["webhooks"] = hooks
	return complete(document, names, schemas,
		node{"type": "integer", "minimum": 0, "maximum": largestLimit, "default": defaultLimit})
}

var bearerOnly = []node{{"bearerAuth": []string{}}}

// describedModels are the objects that are switched on, by their plurals in any case.
func (a *api) describedModels() []*schema.Model {
	models := a.tables.Schema().Active()
	slices.SortStableFunc(models, func(x, y *schema.Model) int {
		return cmp.Compare(strings.ToLower(x.NamePlural), strings.ToLower(y.NamePlural))
	})
	return models
}

func servers(url string) []node { return []node{{"url": url, "description": "Production Development"}} }

// documentTags returns the tags of the document's resources, after which generators name their
// classes.
func documentTags(names []string) []node {
	out := []node{{"name": "General", "description": "General requests"}}
	for _, name := range names {
		out = append(out, node{"name": name, "description": "Object `" + capital(name) + "`"})
	}
	return out
}

// label gives an operation its tag and its summary.
func label(operation node, tag, summary string) node {
	operation["tags"], operation["summary"] = []string{tag}, summary
	return operation
}

func ref(kind, name string) node { return node{"$ref": "#/components/" + kind + "/" + name} }

func refs(kind string, names ...string) []node {
	return js.Map(names, func(name string) node { return ref(kind, name) })
}

func shape(properties node) node { return node{"type": "object", "properties": properties} }

func many(items node) node { return node{"type": "array", "items": items} }

func typed(typ string) node { return node{"type": typ} }

func formatted(format string) node { return node{"type": "string", "format": format} }

func inJSON(s node) node { return node{"content": node{"application/json": node{"schema": s}}} }

// operation returns an operation with its answer and the two usual errors.
func operation(id, status string, parameters []node, body, answer node) node {
	out := node{"responses": node{status: withDescription("Successful operation", inJSON(answer)),
		"400": ref("responses", "400"), "401": ref("responses", "401")}}
	if id != "" {
		out["operationId"] = id
	}
	if parameters != nil {
		out["parameters"] = parameters
	}
	if body != nil {
		content := inJSON(body)
		content["required"], content["description"] = true, "body"
		out["requestBody"] = content
	}
	return out
}

// below puts a schema below data and a name, as most answers do.
func below(name string, s node) node { return shape(node{"data": shape(node{name: s})}) }

var onlyID = shape(node{"id": formatted("uuid")})

// describePaths adds the paths of one object.
func describePaths(m *schema.Model, paths *ordered) {
	one, all := capital(m.NameSingular), capital(m.NamePlural)
	record, change, answer := ref("schemas", one), ref("schemas", one+"ForUpdate"), ref("schemas", one+"ForResponse")
	p := func(names ...string) []node { return refs("parameters", names...) }
	add := func(path string, methods node) {
		for _, o := range methods {
			o := o.(node)
			label(o, m.NamePlural, summaryOf(m, o["operationId"].(string)))
			if text := descriptionOf(m, o["operationId"].(string)); text != "" {
				o["description"] = text
			}
		}
		paths.set(path, methods)
	}
	add("/"+m.NamePlural, node{
		"get": operation("findMany"+all, "200",
			p("orderBy", "filter", "limit", "depth", "startingAfter", "endingBefore"), nil, shape(node{
				"data": shape(node{m.NamePlural: many(answer)}), "pageInfo": pageInfoSchema(typed("string")),
				"totalCount": typed("integer")})),
		"post":   operation("createOne"+one, "201", p("depth", "upsert"), record, below("create"+one, answer)),
		"delete": operation("deleteMany"+all, "200", p("filter", "softDelete"), nil, below("delete"+all, many(onlyID))),
		"patch":  operation("updateMany"+all, "200", p("depth", "filter"), change, below("update"+all, many(answer))),
	})
	batch := operation("createMany"+all, "201", p("depth", "upsert"), many(record), below("create"+all, many(answer)))
	delete(batch["requestBody"].(node), "description") // the one body without
	add("/batch/"+m.NamePlural, node{"post": batch})
	add("/"+m.NamePlural+"/{id}", node{
		"get":    operation("findOne"+one, "200", p("idPath", "depth"), nil, below(m.NameSingular, answer)),
		"delete": operation("deleteOne"+one, "200", p("idPath", "softDelete"), nil, below("delete"+one, onlyID)),
		"patch":  operation("UpdateOne"+one, "200", p("idPath", "depth"), change, below("update"+one, answer)),
	})
	add("/"+m.NamePlural+"/duplicates", node{"post": operation("find"+one+"Duplicates", "200", p("depth"),
		withExample(shape(node{"data": many(record), "ids": many(formatted("uuid"))}),
			node{"ids": []string{exampleID}}),
		shape(
			node{"data": many(shape(node{"totalCount": typed("number"), "pageInfo": pageInfoSchema(formatted("uuid")),
				m.NameSingular + "Duplicates": many(answer)}))}))})
	add("/restore/"+m.NamePlural+"/{id}",
		node{"patch": operation("restoreOne"+one, "200", p("idPath", "depth"), nil, below("restore"+one, answer))})
	add("/restore/"+m.NamePlural,
		node{"patch": operation("restoreMany"+all, "200", p("filter", "depth"), nil,
			below("restore"+all, many(answer)))})
	add("/"+m.NamePlural+"/merge",
		node{"patch": operation("mergeMany"+all, "200", p("depth"), fixed("merge"), below("merge"+all, answer))})
	group := shape(node{"groupByDimensionValues": withDescription("One value per dimension", many(typed("string"))),
		"records": withDescription("Some records of the group, if include_records_sample asks for them", many(answer))})
	group["additionalProperties"] = withDescription("Values of the aggregates, such as countNotEmptyId",
		typed("number"))
	add("/"+m.NamePlural+"/groupBy", node{"get": node{"operationId": "groupBy" + all,
		"parameters": p("groupBy", "filter", "orderBy", "limit", "viewId", "aggregate", "includeRecordsSample",
			"orderByForRecords"),
		"responses": node{"200": withDescription("Successful operation",
			inJSON(below(m.NamePlural+"GroupBy", many(group))))}}})
}

// summaryOf puts the name of an operation into words: Find Many companies, Find company Duplicates.
func summaryOf(m *schema.Model, id string) string {
	one, all := capital(m.NameSingular), capital(m.NamePlural)
	if verb, ok := strings.CutSuffix(id, "One"+one); ok {
		return capital(verb) + " One " + m.NameSingular
	}
	if verb, ok := strings.CutSuffix(id, "Many"+all); ok {
		return capital(verb) + " Many " + m.NamePlural
	}
	if id == "groupBy"+all {
		return "Group By " + m.NamePlural
	}
	return "Find " + m.NameSingular + " Duplicates"
}

// descriptionOf names the parameters of reading operations, "" for the others.
func descriptionOf(m *schema.Model, id string) string {
	switch one, all := capital(m.NameSingular), capital(m.NamePlural); id {
	case "findMany" + all:
		return "**order_by**, **filter**, **limit**, **depth**, " +
			"**starting_after** or **ending_before** can be provided to request your **" + m.NamePlural + "**"
	case "findOne" + one, "find" + one + "Duplicates":
		return "**depth** can be provided to request your **" + m.NameSingular + "**"
	case "groupBy" + all:
		return "Groups of **" + m.NamePlural + "** by the values of fields, with aggregates."
	}
	return ""
}

func pageInfoSchema(cursor node) node {
	return shape(node{"hasNextPage": typed("boolean"), "startCursor": cursor, "endCursor": cursor})
}

// describeHooks adds the webhooks of one object.
func describeHooks(m *schema.Model, hooks *ordered) {
	for _, action := range []string{"Created", "Updated", "Deleted"} {
		hooks.set(capital(m.NameSingular)+" "+action,
			node{"post": node{"tags": []string{m.NameSingular}, "security": []string{},
				"parameters": fixed("hookHeaders")["all"], "requestBody": inJSON(shape(hookBody(m, action))),
				"responses": node{"200": withDescription("The delivery has arrived", node{})}}})
	}
}

func hookBody(m *schema.Model, action string) node {
	body := fixed("hookBody")
	body["eventName"] = withExample(typed("string"), m.NameSingular+"."+strings.ToLower(action))
	body["objectMetadata"] = shape(node{"id": withExample(typed("string"), "370985db-22d8-4463-8e5f-2271d30913bd"),
		"nameSingular": node{"type": "string", "enum": []string{m.NameSingular}}})
	body["record"] = ref("schemas", capital(m.NameSingular)+"ForResponse")
	if action == "Updated" {
		body["updatedFields"] = many(typed("string"))
	}
	return body
}

// documentPath describes the route of the document itself.
func documentPath(origin string) node {
	out := fixed("path")
	out["get"].(node)["servers"] = []node{{"url": origin}}
	return out
}
