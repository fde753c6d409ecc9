package graphql

import (
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
	"github.com/vektah/gqlparser/v2/ast"
)

// root is a root field over records.
type root struct {
	name  string
	verb  verb.Verb
	model *schema.Model

	hidden bool // from introspection, which nothing validates against
}

// rootsOf returns the root fields of an object in the order of introspection.
func rootsOf(m *schema.Model) (roots []root) {
	plain := len(m.DuplicateCriteria) == 0
	for v := verb.FindMany; v <= verb.MergeMany; v++ {
		roots = append(roots, root{name: rootName(m, v), verb: v, model: m,
			hidden: plain && (v == verb.FindDuplicates || v == verb.MergeMany)})
	}
	return roots
}

// rootName returns the name of the root field of a verb.
func rootName(m *schema.Model, v verb.Verb) string {
	switch {
	case v == verb.FindMany:
		return camel(m.NamePlural)
	case v == verb.FindOne:
		return camel(m.NameSingular)
	case v == verb.FindDuplicates:
		return camel(m.NameSingular) + "Duplicates"
	case v == verb.GroupBy:
		return camel(m.NamePlural) + "GroupBy"
	case v.Plural():
		return v.Word() + pascal(m.NamePlural)
	}
	return v.Word() + pascal(m.NameSingular)
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
			if r.verb.Writes() {
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
	case verb.FindMany:
		return field(r.name, name+"Connection", listArguments(name)...)
	case verb.FindOne:
		return field(r.name, name, arg("filter", name+"FilterInput!"))
	case verb.FindDuplicates:
		return field(r.name, "["+name+"Connection!]", arg("ids", "[UUID]"), arg("data", "["+name+"CreateInput]"))
	case verb.GroupBy:
		return field(r.name, "["+name+"GroupByConnection!]", arg("groupBy", "["+name+"GroupByInput!]!"),
			arg("filter", name+"FilterInput"),
			arg("orderBy", "["+name+"OrderByWithGroupByInput]"), arg("orderByForRecords", "["+name+"OrderByInput]"),
			arg("viewId", "UUID"), arg("limit", "Int"), arg("offsetForRecords", "Int"))
	case verb.CreateMany:
		return field(r.name, "["+name+"!]", arg("data", "["+name+"CreateInput!]!"), arg("upsert", "Boolean"))
	case verb.CreateOne:
		return field(r.name, name, arg("data", name+"CreateInput!"), arg("upsert", "Boolean"))
	case verb.UpdateOne:
		return field(r.name, name, id, arg("data", name+"UpdateInput!"))
	case verb.UpdateMany:
		return field(r.name, "["+name+"!]", arg("data", name+"UpdateInput!"), filter)
	case verb.DeleteOne, verb.DestroyOne, verb.RestoreOne:
		return field(r.name, name, id)
	case verb.MergeMany:
		return field(r.name, name, arg("ids", "[UUID!]!"), arg("conflictPriorityIndex", "Int!"),
			arg("dryRun", "Boolean"))
	}
	return field(r.name, "["+name+"!]", filter)
}
