package kickflow

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// fillRows writes slip rows into the ticket. Documented: the rows of a section that is sent replace
// its old rows, and a row without a section belongs to the first one; in a partial update that is
// an error. Values that the caller may not edit stay, row by row.
func (e *editor) fillRows(rows []row) {
	sections := e.w.slips()
	sent := map[string][]row{}
	for _, one := range rows {
		s, ok := e.slipSection(one, sections)
		if !ok {
			e.wrong("slipItems", missing)
			continue
		}
		sent[s.ID] = append(sent[s.ID], one)
	}
	var items []SlipItem
	for _, s := range sections {
		old := slices.DeleteFunc(slices.Clone(e.t.SlipItems), func(i SlipItem) bool { return i.SlipSectionID != s.ID })
		if sent[s.ID] == nil && (e.partial || e.approver) {
			items = append(items, old...)
			continue
		}
		if e.approver && !s.AllowApproverToAddItems && len(sent[s.ID]) != len(old) {
			e.wrong("slipItems", "cannot be added or removed by an approver") // assumed wording
		}
		for i, one := range sent[s.ID] {
			item := SlipItem{ID: e.NewID(), SlipSectionID: s.ID, CreatedAt: formatTime(e.Now())}
			if i < len(old) {
				item = old[i]
			}
			items = append(items, e.fillRow(s, item, one))
		}
	}
	e.t.SlipItems = items
}

func (e *editor) slipSection(one row, all []Section) (Section, bool) {
	name := deref(one.SlipSectionID)
	if name == "" {
		name = deref(one.SlipSectionCode)
	}
	if name == "" && len(all) > 0 && !e.partial {
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
func (e *editor) fillRow(s Section, item SlipItem, one row) SlipItem {
	sent := map[string]entry{}
	for _, in := range one.Inputs {
		f, ok := s.column(in.name())
		if _, twice := sent[f.ID]; !ok || twice {
			e.stranger("slipItems", in, twice)
			continue
		}
		sent[f.ID] = in
	}
	old := item.Inputs
	item.Inputs, item.UpdatedAt = nil, formatTime(e.Now())
	for _, f := range s.SlipFields {
		kept := Input{ID: e.NewID(), FieldID: f.ID, CreatedAt: item.UpdatedAt, UpdatedAt: item.UpdatedAt}
		if i := slices.IndexFunc(old, func(o Input) bool { return o.FieldID == f.ID }); i >= 0 {
			kept = old[i]
		}
		in, listed := sent[f.ID]
		switch {
		case computed(f) || !listed && !e.mayEdit(f):
		case !listed:
			e.wrong("slipItems."+f.Code, "must be sent") // assumed wording
		case e.mayEdit(f):
			e.read(f, in, &kept, "slipItems."+f.Code)
		case e.approver:
			e.wrong("slipItems."+f.Code, "cannot be edited by an approver") // assumed wording
		}
		item.Inputs = append(item.Inputs, kept)
	}
	return item
}

// compute evaluates the calculation fields, those of rows first, and the title.
func (e *editor) compute() {
	e.t.SlipItems = slices.Clone(e.t.SlipItems)
	for n := range e.t.SlipItems {
		e.computeRow(&e.t.SlipItems[n])
	}
	for _, f := range e.w.formFields() {
		if f.FieldType == "calculation" {
			in, _ := e.t.input(f.ID)
			in.Value = calculate(deref(f.Formula), f.DecimalDigit, e.valuesOf)
			e.put(in)
		}
	}
	if e.w.TitleInputMode == "calculate" {
		title := braced.ReplaceAllStringFunc(deref(e.w.TitleFormula), func(code string) string {
			return strings.Join(e.words(e.w, *e.t, strings.Trim(code, "${}")), ", ")
		})
		e.t.Title = &title
	}
}

func (e *editor) computeRow(item *SlipItem) {
	item.Inputs = slices.Clone(item.Inputs)
	section := slices.IndexFunc(e.w.SectionList, func(s Section) bool { return s.ID == item.SlipSectionID })
	for i := range item.Inputs {
		f, _ := e.w.slipField(item.Inputs[i].FieldID)
		if f.FieldType == "calculation" {
			item.Inputs[i].Value = calculate(deref(f.Formula), f.DecimalDigit, func(code string) []any {
				return rowValues(e.w.SectionList[section], item.Inputs, code)
			})
		}
	}
}

var braced = regexp.MustCompile(`\{[^}]*\}|\$\w+`)

func rowValues(s Section, inputs []Input, code string) (out []any) {
	f, _ := s.column(code)
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
func (e *editor) valuesOf(code string) (out []any) {
	if id := map[string]string{"author": e.t.AuthorID, "proxyClientUser": e.t.ProxyClientUserID}[code]; id != "" {
		var facts map[string]any
		text, err := json.Marshal(e.person(id))
		if err != nil || json.Unmarshal(text, &facts) != nil {
			panic(code) // a user can always be encoded
		}
		return []any{facts}
	}
	if f, ok := e.w.field(code); ok {
		in, _ := e.t.input(f.ID)
		if text, ok := in.Value.(string); ok {
			out = append(out, readValues(text))
		}
	}
	for _, s := range e.w.slips() {
		for _, item := range e.t.SlipItems {
			out = append(out, rowValues(s, item.Inputs, code)...)
		}
	}
	return out
}

// have returns what conditions compare of a form field: texts, or ids of the rows it refers to.
// Routes write its code with a dollar sign before it.
func have(w Workflow, t Ticket, code string) []string {
	f, _ := w.field(strings.TrimPrefix(code, "$"))
	in, _ := t.input(f.ID)
	if len(in.Refs) > 0 {
		return in.Refs
	}
	return stringList(in.Value)
}

// words returns the displayed texts of a field.
func (a *api) words(w Workflow, t Ticket, code string) (out []string) {
	f, _ := w.field(code)
	in, _ := t.input(f.ID)
	for _, id := range in.Refs {
		if i := a.itemRef(id); f.FieldType == "master" && i != nil {
			out = append(out, i.Name)
		} else if u := a.person(id); u != nil {
			out = append(out, u.FullName)
		} else if team := a.teamRef(id); team != nil {
			out = append(out, team.FullName)
		}
	}
	return append(out, stringList(in.Value)...)
}

// holdsAll evaluates conditions on form fields.
func (a *api) holdsAll(w Workflow, t Ticket, kind, expression string, conditions []Condition) bool {
	results := make([]bool, len(conditions))
	for i, c := range conditions {
		results[i] = a.met(c.Threshold, have(w, t, c.FormFieldCode))
	}
	return combine(kind, expression, results)
}

func (a *api) sectionVisible(w Workflow, t Ticket, s Section) bool {
	return !s.Conditional || a.holdsAll(w, t, s.CombinationType, deref(s.CombinationExpression), s.ConditionFields)
}
