package write

import (
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// Do executes a verb that is not FindMany, FindDuplicates or GroupBy. Arguments that are missing or of another kind
// count as not given. Merging is confined to the fields of fetched, if there are any.
func (s *Scope) Do(v verb.Verb, args *js.Object, fetched ...query.Selection) ([]*record.Row, error) {
	if !v.Lists() {
		row, err := s.doOne(v, args, fetched)
		return []*record.Row{row}, err
	}
	filter := args.Value("filter")
	switch v {
	case verb.CreateMany:
		data, err := verb.Objects(args, "data")
		if err != nil {
			return nil, err
		}
		return s.CreateMany(data, verb.Argument[bool](args, "upsert"))
	case verb.UpdateMany:
		return s.UpdateMany(filter, verb.Argument[*js.Object](args, "data"))
	case verb.DeleteMany:
		return s.DeleteMany(filter)
	case verb.RestoreMany:
		return s.RestoreMany(filter)
	}
	return s.DestroyMany(filter)
}

// doOne executes a verb whose answer is one record.
func (s *Scope) doOne(v verb.Verb, args *js.Object, fetched []query.Selection) (*record.Row, error) {
	id, data := verb.Argument[string](args, "id"), verb.Argument[*js.Object](args, "data")
	switch v {
	case verb.FindOne:
		return s.FindOne(args.Value("filter"))
	case verb.CreateOne:
		return s.Create(data, verb.Argument[bool](args, "upsert"))
	case verb.UpdateOne:
		return s.Update(id, data)
	case verb.DeleteOne:
		return s.Delete(id)
	case verb.DestroyOne:
		return s.Destroy(id)
	case verb.RestoreOne:
		return s.Restore(id)
	case verb.MergeMany:
		return s.Merge(verb.Texts(args, "ids"), args.Value("conflictPriorityIndex"), verb.Argument[bool](args,
			"dryRun"), fetched...)
	}
	return s.Get(id)
}
