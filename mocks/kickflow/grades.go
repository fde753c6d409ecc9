package kickflow

import (
	"fmt"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
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

func (a *api) gradeOps(ops fake.Ops) {
	a.grades = fake.NewTable(a.State, "grades", gradeID, func(g *Grade) {
		dialect.SetDefaults(a, &g.ID, &g.Code, &g.CreatedAt, &g.UpdatedAt)
	})
	dialect.Index(a.grades, "code", true, func(g Grade) []string { return []string{g.Code} })
	known := dialect.Orders[Grade]{
		"level": func(g *Grade) string { return fmt.Sprintf("%03d", g.Level) },
		"code":  func(g *Grade) string { return g.Code },
	}
	grades := fake.Resource[Grade]{Table: a.grades, Param: "gradeId", Rule: a.gradeRule, Drop: a.gradeUnused,
		Find: func(_ *fake.Request, id string) (Grade, error) { return dialect.FindRow(a.grades, id) }}
	ops["listGrades"] = func(r *fake.Request) (any, error) {
		return dialect.ListTable(r, a.grades, fake.Query[Grade]{}, known, nil)
	}
	ops["getGrade"], ops["createGrade"], ops["updateGrade"], ops["deleteGrade"] = grades.Get, grades.Create,
		grades.Update, grades.Delete
	ops["setDefaultGrade"] = a.setDefaultGrade
}

func (a *api) gradeRule(r *fake.Request, old, g *Grade) error {
	g.UpdatedAt = dialect.FormatTime(r.Now())
	return dialect.FirstError(dialect.RequireText("name", g.Name), dialect.FreeCode(a.grades, gradeID, g.Code, dialect.Deref(old).ID))
}

// gradeUnused returns an error for a grade that a member has: documented, the status inferred.
// Assumed: the default grade cannot be deleted either, because new members need it.
func (a *api) gradeUnused(_ *fake.Request, g Grade) error {
	if g.IsDefault {
		return dialect.Invalid("base", "the default grade cannot be deleted")
	}
	for range a.memberships.By("grade", g.ID) {
		return dialect.Invalid("base", "the grade is in use")
	}
	return nil
}

func (a *api) setDefaultGrade(r *fake.Request) (any, error) {
	chosen, err := dialect.FindRow(a.grades, r.Path("gradeId"))
	if err != nil {
		return nil, err
	}
	a.grades.Each(func(g Grade) Grade {
		if is := g.ID == chosen.ID; is != g.IsDefault {
			g.IsDefault, g.UpdatedAt = is, dialect.FormatTime(r.Now())
		}
		return g
	})
	return nil, nil
}

func (a *api) defaultGrade() (Grade, bool) {
	for g := range a.grades.All() {
		if g.IsDefault {
			return g, true
		}
	}
	return Grade{}, false
}
