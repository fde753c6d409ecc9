package org

import (
	"fmt"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// GradeOps makes the tables of grades and adds their operations.
func (a *API) GradeOps(ops fake.Ops) {
	a.Grades = NewTable(a, "grades", func(g Grade) string { return g.ID },
		func(g *Grade) { dialect.SetDefaults(a, &g.ID, &g.Code, &g.CreatedAt, &g.UpdatedAt) })
	Index(a.Grades, "code", true, func(g Grade) []string { return []string{g.Code} })
	known := dialect.Orders[Grade]{
		"level": func(g *Grade) string { return fmt.Sprintf("%03d", g.Level) },
		"code":  nil,
	}
	grades := fake.Resource[Grade]{Table: a.Grades, Param: "gradeId", Rule: a.gradeRule, Drop: a.gradeUnused,
		Find: func(_ *fake.Request, id string) (Grade, error) { return FindRow(a.Grades, id) }}
	ops["listGrades"] = dialect.List(a.Grades, known, nil)
	ops["getGrade"], ops["createGrade"], ops["updateGrade"], ops["deleteGrade"] = grades.Get, grades.Create,
		grades.Update, grades.Delete
	ops["setDefaultGrade"] = a.setDefaultGrade
}

func (a *API) gradeRule(r *fake.Request, old, g *Grade) error {
	g.UpdatedAt = dialect.FormatTime(r.Now())
	return dialect.FirstError(dialect.RequireText("name", g.Name),
		RequireUnique(a.Grades, "code", g.Code, dialect.Deref(old).ID))
}

// gradeUnused returns an error for a grade that a member has: documented, the status inferred.
// Assumed: the default grade cannot be deleted either, because new members need it.
func (a *API) gradeUnused(_ *fake.Request, g Grade) error {
	if g.IsDefault {
		return dialect.Invalid("base", "the default grade cannot be deleted")
	}
	for range a.Memberships.By("grade", g.ID) {
		return dialect.Invalid("base", "the grade is in use")
	}
	return nil
}

func (a *API) setDefaultGrade(r *fake.Request) (any, error) {
	chosen, err := FindRow(a.Grades, r.Path("gradeId"))
	if err != nil {
		return nil, err
	}
	ChangeIf(a.Grades, func(g *Grade) bool { return g.IsDefault != (g.ID == chosen.ID) }, func(g *Grade) {
		g.IsDefault, g.UpdatedAt = !g.IsDefault, dialect.FormatTime(r.Now())
	})
	return nil, nil
}

// GradeRef shows a grade inside another resource.
func (a *API) GradeRef(id string) fake.Raw { return dialect.Show(a.Grades, id, nil) }
