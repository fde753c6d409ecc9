package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// verb is the kind of operation of a root field on records.
type verb int

const (
	findMany verb = iota
	findOne
	findDuplicates
	groupBy
	createMany
	createOne
	updateOne
	deleteOne
	updateMany
	deleteMany
	destroyOne
	destroyMany
	restoreOne
	restoreMany
	mergeMany
)

// writes reports whether the verb changes records.
func (v verb) writes() bool { return v >= createMany }

// root is a root field over records.
type root struct {
	name  string
	verb  verb
	model *schema.Model

	hidden bool // from introspection, which nothing validates against
}

// rootsOf returns the root fields of an object in the order of introspection.
func rootsOf(m *schema.Model) []root {
	one, many := pascal(m.NameSingular), pascal(m.NamePlural)
	plain := len(m.DuplicateCriteria) == 0
	roots := []root{{name: camel(m.NamePlural), verb: findMany}, {name: camel(m.NameSingular), verb: findOne},
		{name: camel(m.NameSingular) + "Duplicates", verb: findDuplicates, hidden: plain},
		{name: camel(m.NamePlural) + "GroupBy", verb: groupBy}, {name: "create" + many, verb: createMany},
		{name: "create" + one, verb: createOne}, {name: "update" + one, verb: updateOne}, {name: "delete" + one,
			verb: deleteOne}, {name: "update" + many, verb: updateMany}, {name: "delete" + many, verb: deleteMany},
		{name: "destroy" + one, verb: destroyOne}, {name: "destroy" + many, verb: destroyMany},
		{name: "restore" + one, verb: restoreOne}, {name: "restore" + many, verb: restoreMany},
		{name: "merge" + many, verb: mergeMany, hidden: plain}}
	for i := range roots {
		roots[i].model = m
	}
	return roots
}

// roots lists the types Query and Mutation.
func (b *builder) roots(models []*schema.Model) {
	query := b.add(ast.Object, "Query", "")
	mutation := b.add(ast.Object, "Mutation", "")
	for _, m := range models {
		for _, r := range rootsOf(m) {
			if r.hidden {
				continue
			}
			into := query
			if r.verb.writes() {
				into = mutation
			}
			into.Fields = append(into.Fields, r.definition())
		}
	}
}

func (r root) definition() *ast.FieldDefinition {
	name := pascal(r.model.NameSingular)
	filter, id := arg("filter", name+"FilterInput!"), arg("id", "UUID!")
	switch r.verb {
	case findMany:
		return field(r.name, name+"Connection", listArguments(name)...)
	case findOne:
		return field(r.name, name, arg("filter", name+"FilterInput!"))
	case findDuplicates:
		return field(r.name, "["+name+"Connection!]", arg("ids", "[UUID]"), arg("data", "["+name+"CreateInput]"))
	case groupBy:
		return field(r.name, "["+name+"GroupByConnection!]", arg("groupBy", "["+name+"GroupByInput!]!"),
			arg("filter", name+"FilterInput"),
			arg("orderBy", "["+name+"OrderByWithGroupByInput]"), arg("orderByForRecords", "["+name+"OrderByInput]"),
			arg("viewId", "UUID"),
			arg("limit", "Int"), arg("offsetForRecords", "Int"))
	case createMany:
		return field(r.name, "["+name+"!]", arg("data", "["+name+"CreateInput!]!"), arg("upsert", "Boolean"))
	case createOne:
		return field(r.name, name, arg("data", name+"CreateInput!"), arg("upsert", "Boolean"))
	case updateOne:
		return field(r.name, name, id, arg("data", name+"UpdateInput!"))
	case updateMany:
		return field(r.name, "["+name+"!]", arg("data", name+"UpdateInput!"), filter)
	case deleteOne, destroyOne, restoreOne:
		return field(r.name, name, id)
	case mergeMany:
		return field(r.name, name, arg("ids", "[UUID!]!"), arg("conflictPriorityIndex", "Int!"),
			arg("dryRun", "Boolean"))
	}
	return field(r.name, "["+name+"!]", filter)
}
