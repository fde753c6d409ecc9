package graphql

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
)

// timelineResolvers list the message threads and calendar events of a record's people. The fake has
// no mailboxes, so the lists are empty; if participants were created as records, the answer is a
// 501. Evidence, here and below: fixtures/twenty/surface_timeline. That threads of companies,
// opportunities and other records are visible to users only, like those of people, is inferred.
func timelineResolvers() map[string]resolver {
	out := map[string]resolver{}
	for _, of := range []struct{ suffix, object, id string }{{"PersonId", "person", "personId"},
		{"CompanyId", "company", "companyId"},
		{"OpportunityId", "opportunity", "opportunityId"}, {"ObjectRecord", "", "recordId"}} {
		related := func(c *call, args map[string]any) []any {
			object := of.object
			if object == "" {
				object = textIn(args["objectNameSingular"])
			}
			return c.relatedPeople(object, textIn(args[of.id]))
		}
		threads, events := "getTimelineThreadsFrom"+of.suffix, "getTimelineCalendarEventsFrom"+of.suffix
		out["Query."+threads] = userOnly(func(c *call, _ any, args map[string]any) (any, error) {
			return c.timeline(threads, "messageParticipant", args, related(c, args),
				map[string]any{"totalNumberOfThreads": 0.0, "timelineThreads": []any{}})
		})
		out["Query."+events] = requireCaller(func(c *call, _ any, args map[string]any) (any, error) {
			page, err := c.timeline(events, "calendarEventParticipant", args, related(c, args),
				map[string]any{"totalNumberOfCalendarEvents": 0.0, "timelineCalendarEvents": []any{}})
			if f, ok := err.(*Failure); ok && f.missing == nil {
				return nil, guarded(internal, "Data validation error.")
			}
			return page, err
		})
	}
	return out
}

// timeline is a page of threads or events, which is empty.
func (c *call) timeline(name, participants string, args map[string]any, people []any, page map[string]any) (any,
	error) {
	number, _ := args["page"].(float64)
	size, _ := args["pageSize"].(float64)
	page["relatedPersonIds"] = people
	switch {
	case len(people) == 0:
		return page, nil
	case size < 0:
		return nil, guarded(internal, "LIMIT must not be negative")
	case (number-1)*size < 0:
		return nil, guarded(internal, "OFFSET must not be negative")
	case len(c.recordsWith(participants, "personId", people)) > 0:
		f := notHere("query", name+" with participants")
		f.missing.Endpoint = "/graphql"
		return nil, f
	}
	return page, nil
}

// relatedPeople returns the people whose threads and events a record shows. A person is not looked
// up.
func (c *call) relatedPeople(object, id string) []any {
	out := []any{}
	switch object {
	case "person":
		return append(out, id)
	case "company":
		for _, r := range c.recordsWith("person", "companyId", []any{id}) {
			out = append(out, r.ID)
		}
	case "opportunity":
		for _, r := range c.recordsWith("opportunity", "id", []any{id}) {
			if contact, _ := r.Get("pointOfContactId"); contact != nil {
				out = append(out, contact)
			}
		}
	}
	return out
}

// recordsWith are the records of an object that hold one of some values and are not in the trash.
func (c *call) recordsWith(object, key string, values []any) (out []*record.Record) {
	m := c.tables.Schema().Singular(object)
	if m == nil || c.Store.Table(m) == nil {
		return nil
	}
	for r := range c.Store.Table(m).All() {
		if v, ok := r.Get(key); ok && v != nil && !r.Deleted() && slices.Contains(values, v) {
			out = append(out, r)
		}
	}
	return out
}
