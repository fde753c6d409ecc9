package twenty

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// toolbox runs the tools for records, which are named after objects: find_many_companies.
type toolbox struct {
	*api
	request *fake.Request
	caller  *schema.Caller
}

// toolVerbs lists the verbs of the tools by the names that agents know.
var toolVerbs = []struct {
	name   string
	verb   verb.Verb
	action schema.Action
	what   string
}{
	{"find_many", verb.FindMany, schema.Read, "Find records by filters, in an order, page by page"},
	{"find_one", verb.GetOne, schema.Read, "Find one record by its id"},
	{"create_one", verb.CreateOne, schema.Write, "Create a record"},
	{"create_many", verb.CreateMany, schema.Write, "Create several records"},
	{"upsert_many", verb.CreateMany, schema.Write, "Create records, or update those that are there"},
	{"update_one", verb.UpdateOne, schema.Write, "Update a record by its id"},
	{"update_many", verb.UpdateMany, schema.Write, "Update all records that match a filter"},
	{"delete_one", verb.DeleteOne, schema.SoftDelete, "Move a record to the trash"},
	{"delete_many", verb.DeleteMany, schema.SoftDelete, "Move all records that match a filter to the trash"},
}

var innerCapital = regexp.MustCompile(`([a-z0-9])([A-Z])`)

func snakeCase(name string) string {
	return strings.ToLower(innerCapital.ReplaceAllString(name, "${1}_${2}"))
}

// recordTool is a tool for the records of one object.
type recordTool struct {
	name, what string
	verb       verb.Verb
	model      *schema.Model
}

// tools are those that the caller may run.
func (t *toolbox) tools() (all []recordTool) {
	for _, m := range t.tables.Schema().Active() {
		for _, v := range toolVerbs {
			name := m.NameSingular
			if v.verb.Plural() {
				name = m.NamePlural
			}
			if t.caller.May(v.action, m) {
				all = append(all, recordTool{v.name + "_" + snakeCase(name),
					v.what + " (" + schema.Shown(m.Overrides, "labelPlural", m.LabelPlural) + ")", v.verb, m})
			}
		}
	}
	return all
}

func (t *toolbox) catalog() any {
	list := js.Map(t.tools(), func(tool recordTool) node { return node{"name": tool.name, "description": tool.what} })
	return node{"catalog": node{"DATABASE_CRUD": list},
		"message": fmt.Sprintf("Found %d tool(s) across 1 category(ies).", len(list))}
}

func (t *toolbox) objects() any {
	list := []node{}
	for _, m := range t.tables.Schema().Active() {
		list = append(list, node{"nameSingular": m.NameSingular, "namePlural": m.NamePlural,
			"labelSingular": schema.Shown(m.Overrides, "labelSingular", m.LabelSingular),
			"labelPlural":   schema.Shown(m.Overrides, "labelPlural", m.LabelPlural)})
	}
	return node{"objects": list}
}

func (t *toolbox) learn(names []string) any {
	found, unknown := []node{}, []string{}
	all := t.tools()
	for _, name := range names {
		i := slices.IndexFunc(all, func(tool recordTool) bool { return tool.name == name })
		if i < 0 {
			unknown = append(unknown, name)
			continue
		}
		found = append(found, node{"name": name, "description": all[i].what, "inputSchema": all[i].input()})
	}
	message := fmt.Sprintf("Learned %d tool(s)", len(found))
	if len(unknown) > 0 {
		message += ". Could not find: " + strings.Join(unknown, ", ") + "."
	}
	return node{"tools": found, "notFound": unknown, "message": message}
}

// input is the schema of a tool's arguments.
func (tool recordTool) input() node {
	values := node{}
	for _, a := range tool.model.Attrs {
		switch {
		case a.Relation == schema.ToOne:
			values[a.JoinColumn] = formatted("uuid")
		case a.Relation == schema.None && !a.IsSystem:
			values[a.Name] = valueSchema(a, "")
		}
	}
	id, filter := formatted("uuid"), node{"type": "object",
		"description": "a filter as in GraphQL: {\"name\": {\"ilike\": \"%a%\"}}"}
	switch tool.verb {
	case verb.FindMany:
		return shape(node{"filter": filter, "orderBy": many(typed("object")), "limit": typed("integer"),
			"offset": typed("integer")})
	case verb.GetOne, verb.DeleteOne:
		return shape(node{"id": id})
	case verb.UpdateOne:
		values["id"] = id
	case verb.CreateMany:
		return shape(node{"records": many(shape(values))})
	case verb.UpdateMany:
		return shape(node{"filter": filter, "data": shape(values)})
	case verb.DeleteMany:
		return shape(node{"filter": filter})
	}
	return shape(values)
}

// execute runs a tool of the catalog. A refusal is a result, too.
func (t *toolbox) execute(in *js.Object) (any, error) {
	name, _ := in.Value("toolName").(string)
	args, _ := in.Value("arguments").(*js.Object)
	if args == nil {
		args = &js.Object{}
	}
	if strings.HasPrefix(name, "group_by_") {
		return nil, fake.Unimplemented{Kind: "tool of /mcp", Name: name, Source: "observed at server 2.21.0"}.Error()
	}
	all := t.tools()
	i := slices.IndexFunc(all, func(tool recordTool) bool { return tool.name == name })
	if i < 0 {
		return node{"success": false, "message": "Tool " + name + " not found", "error": "Unknown tool: " + name}, nil
	}
	if err := t.take(t.caller); err != nil {
		return nil, err
	}
	var rows []*record.Row
	var refused *reject.Error
	err := t.Savepoint(func() (err error) {
		rows, err = t.run(all[i], args)
		return err
	})
	switch object := all[i].model.NameSingular; {
	case errors.As(err, &refused):
		return node{"success": false, "message": "Failed to run " + name + " on " + object,
			"error": refused.Message}, nil
	case err != nil:
		return nil, err
	default:
		return t.result(all[i], rows), nil
	}
}

func (t *toolbox) run(tool recordTool, in *js.Object) ([]*record.Row, error) {
	s := write.NewScope(t.request.HTTP.Context(), t.records, t.caller, tool.model)
	if tool.verb == verb.FindMany {
		return findPage(s, in)
	}
	data := in.Value("data")
	if tool.verb == verb.CreateMany {
		list, _ := in.Value("records").([]any)
		data = slices.DeleteFunc(slices.Clone(list), func(v any) bool { return js.TypeOf(v) != "object" })
	} else if js.TypeOf(data) != "object" {
		data = &js.Object{Members: slices.DeleteFunc(slices.Clone(in.Members), func(m js.Member) bool {
			return m.Key == "loadingMessage" || m.Key == "id" && tool.verb == verb.UpdateOne
		})}
	}
	return s.Do(tool.verb, js.NewObject("id", in.Value("id"), "filter", in.Value("filter"), "data", data,
		"upsert", strings.HasPrefix(tool.name, "upsert_")))
}

// findPage returns the records that the arguments of find_many ask for.
func findPage(s *write.Scope, in *js.Object) ([]*record.Row, error) {
	limit, ok := in.Value("limit").(float64)
	if !ok {
		limit = defaultLimit
	}
	offset, _ := in.Value("offset").(float64)
	order, _ := in.Value("orderBy").([]any)
	page, err := s.Find(query.Query{Filter: in.Value("filter"), Order: order, First: &limit, Offset: offset})
	if err != nil {
		return nil, err
	}
	return page.Rows, nil
}

// result is the answer of a tool, with references to the records that it names.
func (t *toolbox) result(tool recordTool, rows []*record.Row) any {
	s := write.NewScope(t.request.HTTP.Context(), t.records, t.caller, tool.model)
	records, references := []fake.Raw{}, []node{}
	for _, row := range rows {
		records = append(records, s.Encode(row, 0))
		label := ""
		if a := tool.model.Label(); a != nil {
			if text, ok := row.Value.Get(a.Name); ok {
				label, _ = text.(string)
			}
		}
		references = append(references, node{"objectNameSingular": tool.model.NameSingular,
			"recordId": row.Value.ID, "displayName": label})
	}
	var result any = node{"records": records, "count": len(records)}
	if !tool.verb.Lists() {
		result = records[0]
	}
	return node{"success": true, "message": fmt.Sprintf("%s: %d record(s) in %s", tool.name, len(records),
		tool.model.NameSingular), "result": result, "recordReferences": references}
}
