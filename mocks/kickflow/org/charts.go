package org

import (
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// later is the delay between the answer and the activation or deletion of a chart. Documented: it
// happens after the answer; the delay is assumed.
const later = time.Second

// chartJob is the data of the jobs; without a plan the activation was immediate.
type chartJob struct {
	Chart string `json:"chart"`
	Plan  string `json:"plan,omitempty"`
}

// ChartOps makes the tables of organization charts and adds their operations.
func (a *API) ChartOps(ops fake.Ops) {
	a.charts = fake.NewTable(a.State, "organizationCharts", func(c Chart) string { return c.ID },
		func(c *Chart) { dialect.SetDefaults(a, &c.ID, nil, &c.CreatedAt, &c.UpdatedAt) })
	a.RegisterJob("activateChart", Job(a.runActivation))
	a.RegisterJob("deleteChart", Job(a.runDeletion))
	charts := fake.Resource[Chart]{Table: a.charts, Param: "organizationChartId",
		View: func(_ *fake.Request, c Chart) any { return a.chartView(&c) },
		Rule: func(r *fake.Request, _, c *Chart) error {
			c.UpdatedAt = dialect.FormatTime(r.Now())
			return dialect.FirstError(a.Scoped(r, "team", nil), dialect.RequireText("name", c.Name))
		}}
	known := dialect.Orders[Chart]{"name": nil, "createdAt": nil}
	ops["listOrganizationCharts"] = dialect.List(a.charts, known, a.chartView)
	ops["getOrganizationChart"], ops["createOrganizationChart"], ops["updateOrganizationChart"] = charts.Get,
		charts.Create, charts.Update
	ops["getCurrentOrganizationChart"] = func(r *fake.Request) (any, error) {
		return a.chartView(new(a.CurrentChart())), nil
	}
	ops["deleteOrganizationChart"] = dialect.On(a.chartToEdit, a.deleteChart)
	ops["activateOrganizationChart"] = dialect.OnBody(a.chartToEdit, a.activateChart)
}

func (a *API) chartView(c *Chart) fake.Raw {
	teams, members := 0, 0
	for t := range a.Teams.By("chart", c.ID) {
		teams++
		members += Count(a.Memberships.By("team", t.Value.ID))
	}
	return dialect.Fields(c).Add("teamsCount", teams).Add("membershipsCount", members).Raw()
}

// chartToEdit returns the path's chart if the caller manages all teams.
func (a *API) chartToEdit(r *fake.Request) (Chart, error) {
	c, err := a.chart(r)
	return c, dialect.FirstError(err, a.Scoped(r, "team", nil))
}

// deleteChart answers before the chart is deleted: documented. The current chart cannot be deleted;
// the status is inferred.
func (a *API) deleteChart(r *fake.Request, c Chart) (any, error) {
	if c.Current {
		return nil, dialect.Invalid("base", "the current organization chart cannot be deleted")
	}
	a.ScheduleJob(r.Now().Add(later), "deleteChart", chartJob{Chart: c.ID})
	return nil, nil
}

type activation struct {
	DueOn *string
}

// activateChart schedules the activation, for a day in Japan or shortly after the answer, and drops
// all other plans: documented. A day that has begun means immediately (inferred).
func (a *API) activateChart(r *fake.Request, c Chart, body activation) (any, error) {
	due, plan := r.Now().Add(later), (*Plan)(nil)
	if body.DueOn != nil {
		on, err := time.ParseInLocation(time.DateOnly, *body.DueOn, dialect.JST)
		if err != nil {
			return nil, dialect.Invalid("dueOn", dialect.Wrong)
		}
		if on.After(r.Now()) {
			now := dialect.FormatTime(r.Now())
			due, plan = on, &Plan{ID: a.NewID(), DueOn: *body.DueOn, CreatedAt: now, UpdatedAt: now}
		}
	}
	ChangeIf(a.charts, func(other *Chart) bool { return other.ActivationPlan != nil || other.ID == c.ID },
		func(other *Chart) {
			if other.ActivationPlan = nil; other.ID == c.ID {
				other.ActivationPlan = plan
			}
		})
	job := chartJob{Chart: c.ID}
	if plan != nil {
		job.Plan = plan.ID
	}
	a.ScheduleJob(due, "activateChart", job)
	c, err := a.charts.Get(c.ID)
	return a.chartView(&c), err
}

func (a *API) runActivation(job chartJob) {
	c, ok := a.charts.Find(job.Chart)
	if !ok || job.Plan != "" && (c.ActivationPlan == nil || c.ActivationPlan.ID != job.Plan) {
		return // deleted or rescheduled meanwhile
	}
	concerned := func(other *Chart) bool { return other.Current || other.ID == c.ID }
	ChangeIf(a.charts, concerned, func(other *Chart) {
		is := other.ID == c.ID
		if is != other.Current {
			other.Current, other.UpdatedAt = is, dialect.FormatTime(a.Now())
		}
		if is {
			other.ActivationPlan = nil
		}
	})
	a.log(AuditLog{Action: "organization_chart_activated", Data: map[string]any{"organizationChartId": c.ID}})
}

func (a *API) runDeletion(job chartJob) {
	if c, ok := a.charts.Find(job.Chart); ok && !c.Current { // it may have become current meanwhile
		a.dropTeams(func(t Team) bool { return t.ChartID == c.ID })
		a.charts.Delete(c.ID)
	}
}

// chart returns the chart in the path.
func (a *API) chart(r *fake.Request) (Chart, error) {
	return a.charts.Get(r.Path("organizationChartId"))
}
