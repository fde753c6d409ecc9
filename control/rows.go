package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// rowView is a row with its identifier.
type rowView struct {
	ID  string          `json:"id"`
	Row json.RawMessage `json:"row"`
}

// rows answers with the rows of one table by page, in the order they were made, those with a text in them if q names
// one. Without fake and table it answers with the tables and their sizes.
func (c *call) rows() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	name, table := c.r.FormValue("fake"), c.r.FormValue("table")
	if err := c.checkFakes(name); err != nil {
		return nil, err
	}
	if table == "" {
		return c.tables(w, name)
	}
	if name == "" {
		return nil, badRequest("say the fake that has the table %s; fakes: %s", table, strings.Join(c.fakes(), ", "))
	}
	all, err := c.tableRows(w, name, table)
	if err != nil {
		return nil, err
	}
	p, err := c.paging(50)
	if err != nil {
		return nil, err
	}
	p.limit = min(p.limit, 1000)
	q := []byte(strings.ToLower(c.r.FormValue("q")))
	found, total := []rowView{}, 0
	for _, row := range all {
		text := row.After()
		if len(q) > 0 && !bytes.Contains(bytes.ToLower(text), q) {
			continue
		}
		if p.has(total) {
			found = append(found, rowView{row.ID, json.RawMessage(text)})
		}
		total++
	}
	return map[string]any{"world": w.Name, "fake": name, "table": table, "total": total, "offset": p.offset,
		"rows": found}, nil
}

// tables answers with the sizes of all tables, or of those of one fake.
func (c *call) tables(w *fake.World, name string) (any, error) {
	if err := w.Build(); err != nil {
		return nil, err
	}
	sizes := w.Sizes()
	if name != "" {
		sizes = map[string]map[string]int{name: sizes[name]}
	}
	for _, tables := range sizes {
		maps.DeleteFunc(tables, func(table string, _ int) bool { return strings.HasPrefix(table, "_") })
	}
	return map[string]any{"world": w.Name, "tables": sizes}, nil
}

func (c *call) tableRows(w *fake.World, name, table string) ([]fake.KeyedRow, error) {
	s, err := w.State(name)
	if err != nil {
		return nil, newProblem(http.StatusNotFound, "%v", err)
	}
	rows, tables := s.TableRows(table)
	if rows == nil && !slices.Contains(tables, table) || strings.HasPrefix(table, "_") {
		return nil, newProblem(http.StatusNotFound, "%s has no table %q%s; tables: %s", name, table,
			fake.Hint(table, tables), strings.Join(tables, ", "))
	}
	return rows, nil
}

// relation is a row that another one names: at a path within it.
type relation struct {
	Path  string `json:"path"`
	Table string `json:"table"`
	ID    string `json:"id"`
}

// mostReferences bounds the rows that are listed as referring to one.
const mostReferences = 100

// row answers with one row, the rows that it refers to, those that refer to it, and the writes that changed it.
func (c *call) row() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	name, table, id := c.r.PathValue("fake"), c.r.PathValue("table"), c.r.PathValue("id")
	all, err := c.tableRows(w, name, table)
	if err != nil {
		return nil, err
	}
	history, err := w.RowHistory(name, table, id)
	if err != nil {
		return nil, newProblem(http.StatusNotFound, "%v", err)
	}
	at := slices.IndexFunc(all, func(row fake.KeyedRow) bool { return row.ID == id })
	if at < 0 && len(history) == 0 {
		return nil, newProblem(http.StatusNotFound, "the table %s of %s has no row %q", table, name, id)
	}
	answer := map[string]any{"world": w.Name, "fake": name, "table": table, "id": id, "history": history}
	if at >= 0 {
		answer["row"] = json.RawMessage(all[at].After())
		answer["relations"], answer["referencedBy"] = c.relations(w, name, table, all[at])
	}
	return answer, nil
}

// relations finds the rows that a row names and those that name it, by their identifiers. It knows no schema: a value
// is taken for a reference if a row has it as its identifier and it is long, or the name of its key says so.
func (c *call) relations(w *fake.World, name, table string, row fake.KeyedRow) (names, namedBy []relation) {
	s, err := w.State(name)
	if err != nil {
		return nil, nil // it was there a moment ago
	}
	owners := map[string][]string{} // identifier → tables
	names, namedBy = []relation{}, []relation{}
	needle := []byte(strconv.Quote(row.ID))
	_, tables := s.TableRows("")
	for _, other := range tables {
		rows, _ := s.TableRows(other)
		for _, r := range rows {
			owners[r.ID] = append(owners[r.ID], other)
			if long(row.ID) && len(namedBy) < mostReferences && (other != table || r.ID != row.ID) &&
				bytes.Contains(r.After(), needle) {
				namedBy = append(namedBy, relation{Table: other, ID: r.ID})
			}
		}
	}
	var value any
	if json.Unmarshal(row.After(), &value) != nil {
		return names, namedBy
	}
	walk(value, "", func(path, text string) {
		if text == row.ID || !long(text) && !namesReference(path) {
			return
		}
		for _, owner := range owners[text] {
			if long(text) || alike(path, owner) {
				names = append(names, relation{path, owner, text})
			}
		}
	})
	return names, namedBy
}

func long(id string) bool { return len(id) >= 8 }

func namesReference(path string) bool {
	path = strings.ToLower(path)
	return strings.HasSuffix(path, "id") || strings.HasSuffix(path, "code")
}

var punctuation = strings.NewReplacer("-", "", "_", "", "[", "", "]", "", ".", "")

// plainName spells a name in lower case without punctuation.
func plainName(name string) string { return strings.ToLower(punctuation.Replace(name)) }

// alike reports whether the key at a path seems to name a table: departmentId and departments, tbl_customer_id and
// tbl_customer.
func alike(path, table string) bool {
	key := path[strings.LastIndexAny(path, ".]")+1:]
	key = strings.TrimSuffix(plainName(key), "id")
	table = plainName(table)
	return key != "" && (strings.HasPrefix(table, key) || strings.HasSuffix(table, key))
}

// walk visits the texts and numbers of a JSON value with their paths.
func walk(value any, path string, visit func(path, text string)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			walk(v[key], strings.TrimPrefix(path+"."+key, "."), visit)
		}
	case []any:
		for i, item := range v {
			walk(item, fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case string:
		visit(path, v)
	case float64:
		visit(path, strconv.FormatFloat(v, 'f', -1, 64))
	}
}
