package kickflow

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Threshold is the right side of a condition: a value, a grade, a team or an item of a general
// master.
type Threshold struct {
	ID      string  `json:"id"`
	Symbol  string  `json:"symbol"`
	Value   *string `json:"value"`
	GradeID string  `json:"gradeId,omitempty"`
	TeamID  string  `json:"teamId,omitempty"`
	ItemID  string  `json:"generalMasterItemId,omitempty"`
}

// Condition compares a form field with a threshold.
type Condition struct {
	Threshold
	FormFieldCode string `json:"formFieldCode"`
}

type conditionView struct {
	ID                string         `json:"id"`
	Symbol            string         `json:"symbol"`
	Value             *string        `json:"value"`
	FormField         *FieldSettings `json:"formField"`
	Grade             *Grade         `json:"grade"`
	Team              *teamView      `json:"team"`
	GeneralMasterItem *itemView      `json:"generalMasterItem"`
}

func (a *api) nameConditions(list []Condition) []Condition {
	list = slices.Clone(list)
	for i := range list {
		a.name(&list[i].ID)
	}
	return list
}

func (a *api) conditionViews(w Workflow, list []Condition) []conditionView {
	out := []conditionView{}
	for _, c := range list {
		v := conditionView{ID: c.ID, Symbol: c.Symbol, Value: c.Value, Grade: a.gradeRef(c.GradeID),
			Team: a.teamRef(c.TeamID), GeneralMasterItem: a.itemRef(c.ItemID)}
		if f, ok := w.field(c.FormFieldCode); ok {
			v.FormField = &f.FieldSettings
		}
		out = append(out, v)
	}
	return out
}

// met reports whether a field's values meet a threshold. have holds texts, or the ids of teams,
// users, items or grades. For a threshold on grades, a user's highest grade in the current chart
// counts (inferred).
func (a *api) met(c Threshold, have []string) bool {
	switch c.Symbol {
	case "is_empty":
		return len(have) == 0
	case "is_not_empty":
		return len(have) > 0
	case "not_equal":
		c.Symbol = "equal"
		return !a.met(c, have)
	case "exclude":
		c.Symbol = "include"
		return !a.met(c, have)
	case "not_descendants_or_equal":
		c.Symbol = "descendants_or_equal"
		return !a.met(c, have)
	}
	return slices.ContainsFunc(have, func(one string) bool { return a.reaches(c, one) })
}

func (a *api) reaches(c Threshold, one string) bool {
	switch {
	case c.GradeID != "":
		want, _ := a.grades.Find(c.GradeID)
		if c.Symbol == "equal" || c.Symbol == "include" {
			return slices.Contains(a.gradesOf(one), c.GradeID)
		}
		return compare(c.Symbol, a.level(one)-want.Level)
	case c.TeamID != "":
		return one == c.TeamID || c.Symbol == "descendants_or_equal" && a.teamWithin(one, []string{c.TeamID})
	case c.ItemID != "":
		return one == c.ItemID
	case c.Symbol == "include":
		return strings.Contains(one, deref(c.Value))
	}
	rat, okA := new(big.Rat).SetString(one)
	b, okB := new(big.Rat).SetString(deref(c.Value))
	if okA && okB {
		return compare(c.Symbol, rat.Cmp(b))
	}
	return compare(c.Symbol, strings.Compare(one, deref(c.Value)))
}

func compare(symbol string, difference int) bool {
	switch symbol {
	case "equal":
		return difference == 0
	case "greater_than":
		return difference > 0
	case "greater_than_or_equal":
		return difference >= 0
	case "less_than":
		return difference < 0
	case "less_than_or_equal":
		return difference <= 0
	}
	return false
}

// gradesOf returns the grades of a user in the current chart, or the grade itself.
func (a *api) gradesOf(id string) (grades []string) {
	if a.grades.Row(id) != nil {
		return []string{id}
	}
	chart := a.currentChart().ID
	for m := range a.memberships.By("user", id) {
		if t, _ := a.teams.Find(m.Value.TeamID); t.ChartID == chart {
			grades = append(grades, m.Value.GradeIDs...)
		}
	}
	return grades
}

func (a *api) level(id string) int {
	level := -1
	for _, g := range a.gradesOf(id) {
		grade, _ := a.grades.Find(g)
		level = max(level, grade.Level)
	}
	return level
}

// combine combines the results of conditions; custom follows an expression such as "1 and (2 or not
// 3)".
func combine(kind, expression string, results []bool) bool {
	switch kind {
	case "any":
		return slices.Contains(results, true)
	case "custom":
		p := logic{words: logicWord.FindAllString(strings.ToLower(expression), -1), results: results}
		return p.either() && len(p.words) == 0
	}
	return !slices.Contains(results, false)
}

var logicWord = regexp.MustCompile(`\d+|and|or|not|&&|\|\||!|[()]`)

// logic parses an expression over the numbers of conditions. The vendor does not publish its
// grammar.
type logic struct {
	words   []string
	results []bool
}

func (p *logic) eat(words ...string) bool {
	if len(p.words) > 0 && slices.Contains(words, p.words[0]) {
		p.words = p.words[1:]
		return true
	}
	return false
}

func (p *logic) either() bool {
	v := p.both()
	for p.eat("or", "||") {
		other := p.both()
		v = v || other
	}
	return v
}

func (p *logic) both() bool {
	v := p.one()
	for p.eat("and", "&&") {
		other := p.one()
		v = v && other
	}
	return v
}

func (p *logic) one() bool {
	if p.eat("not", "!") {
		return !p.one()
	}
	if p.eat("(") {
		v := p.either()
		p.eat(")")
		return v
	}
	if len(p.words) == 0 {
		return false
	}
	n, err := strconv.Atoi(p.words[0])
	p.words = p.words[1:]
	return err == nil && n >= 1 && n <= len(p.results) && p.results[n-1]
}
