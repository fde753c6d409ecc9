package form

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
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

// WithIDs returns conditions that all have an identifier.
func WithIDs(ids dialect.Source, list []Condition) []Condition {
	list = slices.Clone(list)
	for i := range list {
		dialect.SetID(ids, &list[i].ID)
	}
	return list
}

// Company is what conditions ask of the tenant's teams and grades.
type Company interface {
	// GradesOf returns the grades of a user in the current chart, or the grade itself.
	GradesOf(id string) []string
	LevelOf(grade string) int
	TeamWithin(id string, roots []string) bool
}

var opposites = map[string]string{"not_equal": "equal", "exclude": "include",
	"not_descendants_or_equal": "descendants_or_equal"}

// Met reports whether a field's values meet a threshold. have holds texts, or the ids of teams,
// users, items or grades. For a threshold on grades, a user's highest grade in the current chart
// counts (inferred).
func (c Threshold) Met(x Company, have []string) bool {
	switch c.Symbol {
	case "is_empty":
		return len(have) == 0
	case "is_not_empty":
		return len(have) > 0
	case "not_equal", "exclude", "not_descendants_or_equal":
		c.Symbol = opposites[c.Symbol]
		return !c.Met(x, have)
	}
	return slices.ContainsFunc(have, func(one string) bool { return c.reaches(x, one) })
}

func (c Threshold) reaches(x Company, one string) bool {
	switch {
	case c.GradeID != "":
		if c.Symbol == "equal" || c.Symbol == "include" {
			return slices.Contains(x.GradesOf(one), c.GradeID)
		}
		return Compare(c.Symbol, level(x, one)-x.LevelOf(c.GradeID))
	case c.TeamID != "":
		return one == c.TeamID || c.Symbol == "descendants_or_equal" && x.TeamWithin(one, []string{c.TeamID})
	case c.ItemID != "":
		return one == c.ItemID
	case c.Symbol == "include":
		return strings.Contains(one, dialect.Deref(c.Value))
	}
	rat, okA := new(big.Rat).SetString(one)
	b, okB := new(big.Rat).SetString(dialect.Deref(c.Value))
	if okA && okB {
		return Compare(c.Symbol, rat.Cmp(b))
	}
	return Compare(c.Symbol, strings.Compare(one, dialect.Deref(c.Value)))
}

// Compare reports whether a difference is what a symbol asks for.
func Compare(symbol string, difference int) bool {
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

// level returns the highest level of a user in the current chart, or that of a grade; -1 without a grade.
func level(x Company, id string) int {
	highest := -1
	for _, grade := range x.GradesOf(id) {
		highest = max(highest, x.LevelOf(grade))
	}
	return highest
}

// Combine combines the results of conditions; custom follows an expression such as "1 and (2 or not
// 3)".
func Combine(kind, expression string, results []bool) bool {
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
		v = p.both() || v // reads the operand whatever v is
	}
	return v
}

func (p *logic) both() bool {
	v := p.one()
	for p.eat("and", "&&") {
		v = p.one() && v
	}
	return v
}

func (p *logic) one() bool {
	switch {
	case p.eat("not", "!"):
		return !p.one()
	case p.eat("("):
		defer p.eat(")")
		return p.either()
	case len(p.words) == 0:
		return false
	}
	n, err := strconv.Atoi(p.words[0])
	p.words = p.words[1:]
	return err == nil && n >= 1 && n <= len(p.results) && p.results[n-1]
}
