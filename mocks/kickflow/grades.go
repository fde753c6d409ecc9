package kickflow

import (
	"fmt"

	"github.com/afba07b5/mockserver/fake"
)

// Grade is a job title; a higher level is more senior (inferred).
type Grade struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Level     int    `json:"level"`
	Code      string `json:"code"`
	IsDefault bool   `json:"isDefault"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

func gradeID(g Grade) string { return g.ID }

func (k *api) gradeOps(ops fake.Ops) {
	k.grades = fake.NewTable(k.State, "grades", gradeID, func(g *Grade) {
		k.born(&g.ID, &g.Code, &g.CreatedAt, &g.UpdatedAt)
	})
	index(k.grades, "code", true, func(g Grade) []string { return []string{g.Code} })
	known := orders[Grade]{
		"level": func(g *Grade) string { return fmt.Sprintf("%03d", g.Level) },
		"code":  func(g *Grade) string { return g.Code },
	}
	grades := fake.Resource[Grade]{Table: k.grades, Param: "gradeId", Rule: k.gradeRule, Drop: k.gradeUnused,
		Find: func(_ *fake.Request, id string) (Grade, error) { return find(k.grades, id) }}
	ops["listGrades"] = func(r *fake.Request) (any, error) { return list(r, k.grades.Rows(), known, nil) }
	ops["getGrade"], ops["createGrade"], ops["updateGrade"], ops["deleteGrade"] = grades.Get, grades.Create, grades.Update, grades.Delete
	ops["setDefaultGrade"] = k.setDefaultGrade
}

func (k *api) gradeRule(r *fake.Request, old, g *Grade) error {
	g.UpdatedAt = stamp(r.Now())
	return first(need("name", g.Name), freeCode(k.grades, gradeID, g.Code, given(old).ID))
}

// gradeUnused refuses to delete a grade that a member has: documented, its status inferred. Assumed: the
// default grade stays too, for new members need it.
func (k *api) gradeUnused(_ *fake.Request, g Grade) error {
	if g.IsDefault {
		return invalid("base", "the default grade cannot be deleted")
	}
	for range k.memberships.By("grade", g.ID) {
		return invalid("base", "the grade is in use")
	}
	return nil
}

func (k *api) setDefaultGrade(r *fake.Request) (any, error) {
	chosen, err := find(k.grades, r.Path("gradeId"))
	if err != nil {
		return nil, err
	}
	k.grades.Each(func(g Grade) Grade {
		if is := g.ID == chosen.ID; is != g.IsDefault {
			g.IsDefault, g.UpdatedAt = is, stamp(r.Now())
		}
		return g
	})
	return nil, nil
}

func (k *api) defaultGrade() (Grade, bool) {
	for g := range k.grades.All() {
		if g.IsDefault {
			return g, true
		}
	}
	return Grade{}, false
}
