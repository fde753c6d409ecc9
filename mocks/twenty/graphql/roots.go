package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// root is a root field over records.
type root struct {
	name  string
	verb  record.Verb
	model *schema.Model

	hidden bool // from introspection, which nothing validates against
}

// rootsOf returns the root fields of an object in the order of introspection.
func rootsOf(m *schema.Model) (roots []root) {
	plain := len(m.DuplicateCriteria) == 0
	for v := record.FindMany; v <= record.MergeMany; v++ {
		roots = append(roots, root{name: rootName(m, v), verb: v, model: m,
			hidden: plain && (v == record.FindDuplicates || v == record.MergeMany)})
	}
	return roots
}

// rootName returns the name of the root field of a verb.
func rootName(m *schema.Model, v record.Verb) string {
	switch {
	case v == record.FindMany:
		return camel(m.NamePlural)
	case v == record.FindOne:
		return camel(m.NameSingular)
	case v == record.FindDuplicates:
		return camel(m.NameSingular) + "Duplicates"
	case v == record.GroupBy:
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
	case record.FindMany:
		return field(r.name, name+"Connection", listArguments(name)...)
	case record.FindOne:
		return field(r.name, name, arg("filter", name+"FilterInput!"))
	case record.FindDuplicates:
		return field(r.name, "["+name+"Connection!]", arg("ids", "[UUID]"), arg("data", "["+name+"CreateInput]"))
	case record.GroupBy:
		return field(r.name, "["+name+"GroupByConnection!]", arg("groupBy", "["+name+"GroupByInput!]!"),
			arg("filter", name+"FilterInput"),
			arg("orderBy", "["+name+"OrderByWithGroupByInput]"), arg("orderByForRecords", "["+name+"OrderByInput]"),
			arg("viewId", "UUID"), arg("limit", "Int"), arg("offsetForRecords", "Int"))
	case record.CreateMany:
		return field(r.name, "["+name+"!]", arg("data", "["+name+"CreateInput!]!"), arg("upsert", "Boolean"))
	case record.CreateOne:
		return field(r.name, name, arg("data", name+"CreateInput!"), arg("upsert", "Boolean"))
	case record.UpdateOne:
		return field(r.name, name, id, arg("data", name+"UpdateInput!"))
	case record.UpdateMany:
		return field(r.name, "["+name+"!]", arg("data", name+"UpdateInput!"), filter)
	case record.DeleteOne, record.DestroyOne, record.RestoreOne:
		return field(r.name, name, id)
	case record.MergeMany:
		return field(r.name, name, arg("ids", "[UUID!]!"), arg("conflictPriorityIndex", "Int!"),
			arg("dryRun", "Boolean"))
	}
	return field(r.name, "["+name+"!]", filter)
}
