package graphql

import (
	"cmp"
	_ "embed"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

//go:embed core.graphql
var coreSDL string

var coreEngine = sync.OnceValue(func() *schemaExecutor {
	resolvers := timelineResolvers()
	maps.Copy(resolvers, workflowResolvers())
	resolvers["Query.search"] = requireCaller(search)
	e := mustEngine(coreSDL, resolvers)
	e.absent = withoutResolver(e)
	return e
})

// priorities of objects among records of the same rank; the others have none: fixtures/twenty/graphql_search.
var priorities = map[string]int{"person": 5, "company": 4, "opportunity": 3, "note": 2, "task": 1}

// maxHits is how many records a search may ask for.
const maxHits = 100

// hit is a record that a search found.
type hit struct {
	model *schema.Model
	row   *record.Record
	rank  pgtext.Rank
}

// search finds records of all searchable objects by words, the best first.
func search(c *call, _ any, args map[string]any) (any, error) {
	limit, _ := args["limit"].(float64)
	if limit > maxHits {
		return nil, guarded(badInput, "Limit cannot exceed 100 items")
	}
	if limit < -1 { // the database is asked for one more: kind_search 75
		return nil, guarded(internal, "LIMIT must not be negative") // the database's words: assumed
	}
	input, _ := args["searchInput"].(string)
	if strings.Contains(input, "\x00") { // the database's words: observed
		return nil, guarded(internal, NULMessage)
	}
	nameNulls(args["filter"])
	after, err := readSearchCursor(args["after"])
	if err != nil {
		return nil, err
	}
	var hits []hit
	words := pgtext.NewQuery(input)
	for _, m := range c.tables.Schema().Models {
		if !m.IsActive || !wanted(args, m) {
			continue
		}
		found, err := c.hits(m, args["filter"], words, after)
		if err == nil && len(found) == 0 && args["after"] == nil {
			found, err = c.guesses(m, args["filter"], words)
		}
		if err != nil {
			return nil, err
		}
		hits = append(hits, found[:min(len(found), int(limit)+1)]...)
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(b.rank.Compare(a.rank), priorities[b.model.NameSingular]-priorities[a.model.NameSingular])
	})
	return c.searchPage(hits, int(limit), after), nil
}

// nameNulls maps the values of FilterIs, which differ between the schemas of the search and of
// records.
func nameNulls(filter any) {
	switch f := filter.(type) {
	case []any:
		for _, item := range f {
			nameNulls(item)
		}
	case map[string]any:
		for key, v := range f {
			switch {
			case key == "is" && v == "Null":
				f[key] = "NULL"
			case key == "is" && v == "NotNull":
				f[key] = "NOT_NULL"
			default:
				nameNulls(v)
			}
		}
	}
}

// private are objects of mailboxes and calendars, which no search looks at, not even one that names them.
var private = []string{"blocklist", "message", "messageThread", "messageParticipant",
	"messageChannelMessageAssociation",
	"messageChannelMessageAssociationMessageFolder", "calendarEvent", "calendarChannelEventAssociation",
	"calendarEventParticipant"}

// wanted reports whether a search is to look at an object: those it names, searchable or not, or else all
// that are searchable.
func wanted(args map[string]any, m *schema.Model) bool {
	listed := func(arg string) (found, some bool) {
		if args[arg] == nil {
			return false, false
		}
		names := items(args[arg])
		return slices.Contains(names, any(m.NameSingular)), len(names) > 0
	}
	if excluded, _ := listed("excludedObjectNameSingulars"); excluded {
		return false
	}
	if included, some := listed("includedObjectNameSingulars"); some {
		return included && !slices.Contains(private, m.NameSingular)
	}
	return m.IsSearchable
}

// hits are the records of one object, the best first.
func (c *call) hits(m *schema.Model, filter any, words pgtext.Query, after *searchCursor) ([]hit, error) {
	var out []hit
	rows, err := c.candidates(m, filter, words)
	eachVector(rows, func(r *record.Record, vector string) {
		rank, ok := words.Rank(vector)
		if ok && after.before(m.NameSingular, r.ID, rank) {
			out = append(out, hit{m, r, rank})
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(out,
		func(a, b hit) int { return cmp.Or(b.rank.Compare(a.rank), strings.Compare(a.row.ID, b.row.ID)) })
	return out, nil
}

// guesses returns the records of an object that contain the typed text anywhere in the text of
// their search vector, if the first page has too few hits.
func (c *call) guesses(m *schema.Model, filter any, words pgtext.Query) (out []hit, err error) {
	if words.Empty() {
		return nil, nil
	}
	rows, err := c.matching(m, filter)
	eachVector(rows, func(r *record.Record, vector string) {
		if words.Within(vector) {
			out = append(out, hit{model: m, row: r})
		}
	})
	return out, err
}

// candidates returns the records of one object that a filter matches and that may hold one of the
// words, in the order of their ids.
func (c *call) candidates(m *schema.Model, filter any, words pgtext.Query) ([]*record.Row, error) {
	if words.Empty() {
		return c.matching(m, filter)
	}
	if filter != nil {
		filter = js.Ordered(filter)
	}
	return query.NewScope(c.context, c.Store, c.caller, m).Search(filter, words.Prefixes())
}

// matching returns the records of one object that a filter matches, in the order of their ids.
func (c *call) matching(m *schema.Model, filter any) ([]*record.Row, error) {
	if filter != nil {
		filter = js.Ordered(filter)
	}
	page, err := query.NewScope(c.context, c.Store, c.caller, m).Find(query.Query{Filter: filter, NoTotal: true})
	if err != nil {
		return nil, err
	}
	return page.Rows, nil
}

func eachVector(rows []*record.Row, do func(*record.Record, string)) {
	for _, row := range rows {
		text, _ := row.Value.Get("searchVector")
		vector, _ := text.(string)
		do(row.Value, vector)
	}
}

// searchPage is a connection over the first hits.
func (c *call) searchPage(hits []hit, limit int, after *searchCursor) map[string]any {
	last := &js.Object{}
	if after != nil {
		last = after.ids
	}
	edges, info := []any{}, map[string]any{"hasNextPage": len(hits) > limit}
	for _, h := range hits[:max(0, min(len(hits), limit))] {
		last.Set(h.model.NameSingular, h.row.ID)
		cursor := encodeSearchCursor(h.rank, last)
		edges = append(edges, map[string]any{"cursor": cursor,
			"node": map[string]any{"recordId": h.row.ID, "objectNameSingular": h.model.NameSingular,
				"objectLabelSingular": schema.Shown(h.model.Overrides, "labelSingular", h.model.LabelSingular),
				"label":               labelOf(h),
				"imageUrl":            c.imageOf(h), "tsRankCD": h.rank.Cover, "tsRank": h.rank.Any}})
		info["endCursor"] = cursor
	}
	return map[string]any{"edges": edges, "pageInfo": info}
}

// labelOf is what people call a record.
func labelOf(h hit) string { return recordLabel(h.model, h.row) }

func recordLabel(m *schema.Model, row interface{ Get(string) (any, bool) }) string {
	label := m.Label()
	if label == nil {
		return ""
	}
	v, _ := row.Get(label.Name)
	switch v := v.(type) {
	case string:
		return v
	case *js.Object:
		var parts []string
		for _, m := range v.Members {
			text, _ := m.Value.(string)
			parts = append(parts, text)
		}
		return strings.Join(parts, " ")
	}
	return ""
}

// imageOf is the address of a record's picture: of a company what its domain is taken for
// (fixtures/twenty/graphql_search), of a person the first of its files, of others the text in the field that
// the object names.
func (c *call) imageOf(h hit) string {
	name := ""
	switch image := h.model.Image(); {
	case h.model.NameSingular == "company":
		domain, _ := h.row.Get("domainName")
		name = memberText(domain, "primaryLinkUrl")
	case h.model.NameSingular == "person":
		files, _ := h.row.Get("avatarFile")
		if list, _ := files.([]any); len(list) > 0 {
			name = memberText(list[0], "fileId")
		}
	case image != nil && h.model.NameSingular != "workspaceMember":
		// workspace members' pictures are uploads, which the fake lacks
		v, _ := h.row.Get(image.Name)
		name, _ = v.(string)
	}
	if name == "" {
		return ""
	}
	return c.base + "/file/files-field/" + name + "?token=" + fileToken
}

func memberText(v any, key string) string {
	if o, ok := v.(*js.Object); ok {
		text, _ := o.Value(key).(string)
		return text
	}
	return ""
}

// fileToken is the token in the addresses of files. The fake serves no files there.
const fileToken = "mockserver"

// searchCursor is where a page of a search ended: by rank, and per object by id.
type searchCursor struct {
	rank pgtext.Rank
	ids  *js.Object
}

func readSearchCursor(v any) (*searchCursor, error) {
	text, ok := v.(string)
	if !ok || text == "" {
		return nil, nil
	}
	plain, _ := base64.StdEncoding.DecodeString(text)
	value, _ := js.ParseJSON(string(plain))
	o, _ := value.(*js.Object)
	if o == nil {
		return nil, guarded(internal, "Invalid cursor: "+text)
	}
	if o.Value("lastRanks") == nil { // observed that it is a TypeError; its words are inferred
		return nil, guarded(internal, "Cannot read properties of undefined (reading 'tsRankCD')")
	}
	out := &searchCursor{ids: &js.Object{}}
	if ids, ok := o.Value("lastRecordIdsPerObject").(*js.Object); ok {
		out.ids = ids
	}
	if ranks, ok := o.Value("lastRanks").(*js.Object); ok {
		cover, _ := ranks.Value("tsRankCD").(float64)
		rank, _ := ranks.Value("tsRank").(float64)
		out.rank = pgtext.Rank{Cover: float32(cover), Any: float32(rank)}
	}
	return out, nil
}

// before reports whether a record comes behind the cursor.
func (c *searchCursor) before(object, id string, r pgtext.Rank) bool {
	if c == nil {
		return true
	}
	if order := r.Compare(c.rank); order != 0 {
		return order < 0
	}
	last, seen := c.ids.Value(object).(string)
	return !seen || id > last
}

func encodeSearchCursor(r pgtext.Rank, ids *js.Object) string {
	number := func(f float32) float64 {
		n, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
		return n
	}
	ranks := js.NewObject("tsRankCD", number(r.Cover), "tsRank", number(r.Any))
	body := js.NewObject("lastRanks", ranks, "lastRecordIdsPerObject", ids)
	return base64.StdEncoding.EncodeToString(jsonb.Encode(body))
}
