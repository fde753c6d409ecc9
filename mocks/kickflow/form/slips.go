package form

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// FillRows writes slip rows into the values. Documented: the rows of a section that is sent replace
// its old rows, and a row without a section belongs to the first one; in a partial update that is
// an error. Values that the caller may not edit stay, row by row.
func (e *Editor) FillRows(rows []Row) {
	sections := e.Slips()
	sent := map[string][]Row{}
	for _, one := range rows {
		s, ok := e.slipSection(one, sections)
		if !ok {
			e.Wrong("slipItems", dialect.Missing)
			continue
		}
		sent[s.ID] = append(sent[s.ID], one)
	}
	var items []SlipItem
	for _, s := range sections {
		old := slices.DeleteFunc(slices.Clone(e.SlipItems), func(i SlipItem) bool { return i.SlipSectionID != s.ID })
		if sent[s.ID] == nil && (e.Partial || e.Approver) {
			items = append(items, old...)
			continue
		}
		if e.Approver && !s.AllowApproverToAddItems && len(sent[s.ID]) != len(old) {
			e.Wrong("slipItems", "cannot be added or removed by an approver") // assumed wording
		}
		for i, one := range sent[s.ID] {
			item := SlipItem{ID: e.rows.NewID(), SlipSectionID: s.ID, CreatedAt: dialect.FormatTime(e.rows.Now())}
			if i < len(old) {
				item = old[i]
			}
			items = append(items, e.fillRow(s, item, one))
		}
	}
	e.SlipItems = items
}

func (e *Editor) slipSection(one Row, all []Section) (Section, bool) {
	name := dialect.Deref(one.SlipSectionID)
	if name == "" {
		name = dialect.Deref(one.SlipSectionCode)
	}
	if name == "" && len(all) > 0 && !e.Partial {
		return all[0], true
	}
	i := slices.IndexFunc(all,
		func(s Section) bool { return name != "" && (s.ID == strings.ToLower(name) || s.Code == name) })
	if i < 0 {
		return Section{}, false
	}
	return all[i], true
}

// fillRow requires every column that the caller may edit: documented for partial updates, inferred
// for others.
func (e *Editor) fillRow(s Section, item SlipItem, one Row) SlipItem {
	sent := map[string]Entry{}
	for _, in := range one.Inputs {
		f, ok := s.Column(in.Name())
		if _, twice := sent[f.ID]; !ok || twice {
			e.stranger("slipItems", in, twice)
			continue
		}
		sent[f.ID] = in
	}
	old := item.Inputs
	item.Inputs, item.UpdatedAt = nil, dialect.FormatTime(e.rows.Now())
	for _, f := range s.SlipFields {
		kept := Input{ID: e.rows.NewID(), FieldID: f.ID, CreatedAt: item.UpdatedAt, UpdatedAt: item.UpdatedAt}
		if i := slices.IndexFunc(old, func(o Input) bool { return o.FieldID == f.ID }); i >= 0 {
			kept = old[i]
		}
		in, listed := sent[f.ID]
		switch {
		case computed(f) || !listed && !e.mayEdit(f):
		case !listed:
			e.Wrong("slipItems."+f.Code, "must be sent") // assumed wording
		case e.mayEdit(f):
			e.read(f, in, &kept, "slipItems."+f.Code)
		case e.Approver:
			e.Wrong("slipItems."+f.Code, "cannot be edited by an approver") // assumed wording
		}
		item.Inputs = append(item.Inputs, kept)
	}
	return item
}

// Compute evaluates the calculation fields, those of rows first.
func (e *Editor) Compute() {
	e.SlipItems = slices.Clone(e.SlipItems)
	for n := range e.SlipItems {
		e.computeRow(&e.SlipItems[n])
	}
	for _, f := range e.Fields() {
		if f.FieldType == "calculation" {
			in, _ := e.Input(f.ID)
			in.Value = calculate(dialect.Deref(f.Formula), f.DecimalDigit, e.valuesOf)
			e.put(in)
		}
	}
}

// Title evaluates a title formula.
func (e *Editor) Title(formula string) string {
	return braced.ReplaceAllStringFunc(formula, func(code string) string {
		return strings.Join(e.words(strings.Trim(code, "${}")), ", ")
	})
}

func (e *Editor) computeRow(item *SlipItem) {
	item.Inputs = slices.Clone(item.Inputs)
	section := slices.IndexFunc(e.Form, func(s Section) bool { return s.ID == item.SlipSectionID })
	for i := range item.Inputs {
		f, _ := e.slipField(item.Inputs[i].FieldID)
		if f.FieldType == "calculation" {
			item.Inputs[i].Value = calculate(dialect.Deref(f.Formula), f.DecimalDigit, func(code string) []any {
				return rowValues(e.Form[section], item.Inputs, code)
			})
		}
	}
}

var braced = regexp.MustCompile(`\{[^}]*\}|\$\w+`)

func rowValues(s Section, inputs []Input, code string) (out []any) {
	f, _ := s.Column(code)
	for _, in := range inputs {
		if text, ok := in.Value.(string); ok && in.FieldID == f.ID {
			out = append(out, readValues(text))
		}
	}
	return out
}

// readValues converts a numeric text to a number.
func readValues(text string) any {
	if n, ok := new(big.Rat).SetString(text); ok {
		return n
	}
	return text
}

// valuesOf returns the values of a code: of a form field, of a column in all rows, or a person of
// the ticket ($author and $proxyClientUser: client Rextlab/kickflow).
func (e *Editor) valuesOf(code string) (out []any) {
	if person := e.rows.Variable(code); person != nil {
		var facts map[string]any
		text, err := json.Marshal(person)
		if err != nil || json.Unmarshal(text, &facts) != nil {
			panic(code) // a user can always be encoded
		}
		return []any{facts}
	}
	if f, ok := e.Field(code); ok {
		in, _ := e.Input(f.ID)
		if text, ok := in.Value.(string); ok {
			out = append(out, readValues(text))
		}
	}
	for _, s := range e.Slips() {
		for _, item := range e.SlipItems {
			out = append(out, rowValues(s, item.Inputs, code)...)
		}
	}
	return out
}

// words returns the displayed texts of a field.
func (e *Editor) words(code string) (out []string) {
	f, _ := e.Field(code)
	in, _ := e.Input(f.ID)
	for _, id := range in.Refs {
		if text, ok := e.rows.Text(f, id); ok {
			out = append(out, text)
		}
	}
	return append(out, StringList(in.Value)...)
}
