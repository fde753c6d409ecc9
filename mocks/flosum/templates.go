package flosum

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// Template says which records a backup or an archive copies: trees of Salesforce objects.
type Template struct {
	ID           int64     `json:"id"`
	ConnectionID int64     `json:"connectionId"`
	Name         string    `json:"name"`
	Type         string    `json:"type"` // backup or archive
	Description  string    `json:"description,omitempty"`
	UpdatedAt    time.Time `json:"updatedAt"`
	Steps        []Step    `json:"steps"`
}

// Step is one object of a template with its children.
type Step struct {
	ID                int64           `json:"id"`
	RelationshipName  string          `json:"relationshipName,omitempty"`
	ObjectAPIName     string          `json:"objectApiName"`
	Label             string          `json:"label"`
	FilterMode        string          `json:"filterMode,omitempty"` // soql or declarative
	FieldsDescribe    json.RawMessage `json:"fieldsDescribe,omitempty"`
	SOQLFilter        string          `json:"soqlFilter,omitempty"`
	CustomLogic       *string         `json:"customLogic,omitempty"`
	DeclarativeFilter []FilterLine    `json:"declarativeFilter,omitempty"`
	// an archive then keeps the records in Salesforce (inferred)
	SkipRemove *bool  `json:"skipRemove,omitempty"`
	Children   []Step `json:"children"`
}

// FilterLine is one condition of a declarative filter.
type FilterLine struct {
	Field  string `json:"field"`
	Label  string `json:"label"`
	Option string `json:"option"`
	Value  string `json:"value"`
}

type templateItem struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	UpdatedAt string `json:"updatedAt"`
}

type templatePage struct {
	Total   int            `json:"total"`
	Items   []templateItem `json:"items"`
	Backup  int            `json:"backupTemplatesCount"`
	Archive int            `json:"archiveTemplatesCount"`
}

type templateView struct {
	ID          int64       `json:"id"`
	Name        string      `json:"name"`
	Type        string      `json:"type"`
	Description string      `json:"description,omitempty"`
	Roots       [][]rootRow `json:"roots"`
}

// rootRow is a step as a row of its flattened tree.
type rootRow struct {
	Step
	FieldsDescribe hidden `json:"fieldsDescribe,omitempty"` // shadows a key that the vendor does not return
	Children       hidden `json:"children,omitempty"`
	Level          int    `json:"level"`
	ParentID       int64  `json:"parentId,omitempty"`
}

// hidden is always empty, so that omitempty omits its key.
type hidden []struct{}

func (a *api) fillTemplate(t *Template) {
	a.number("templates", &t.ID)
	t.ConnectionID = cmp.Or(t.ConnectionID, 1)
	t.Type = cmp.Or(t.Type, "backup")
	if t.UpdatedAt.IsZero() {
		t.UpdatedAt = a.Now()
	}
	t.Steps = a.numberSteps(t.Steps)
}

func (a *api) numberSteps(steps []Step) []Step {
	steps = slices.Clone(steps)
	for i := range steps {
		a.number("steps", &steps[i].ID)
		steps[i].Children = a.numberSteps(steps[i].Children)
	}
	return steps
}

// createTemplate accepts templates of both types: the route's schema does, although its name says
// backup.
func (a *api) createTemplate(r *fake.Request, c Connection) (any, error) {
	var body struct {
		Name, Type, Description string
		TemplateSteps           []Step
	}
	if err := r.Decode(&body); err != nil {
		return nil, err
	}
	_, err := a.templates.Insert(Template{ConnectionID: c.ID, Name: body.Name, Type: body.Type,
		Description: body.Description, Steps: body.TemplateSteps})
	if err != nil {
		return nil, err
	}
	return message{"Template created successfully."}, nil
}

// findTemplates counts both types, whatever page and types are requested (assumed).
func (a *api) findTemplates(r *fake.Request, c Connection) (any, error) {
	types := r.QueryAll("types")
	out := templatePage{Items: []templateItem{}}
	var rows []Template
	for row := range a.templates.By("connection", key(c.ID)) {
		t := row.Value
		if t.Type == "archive" {
			out.Archive++
		} else {
			out.Backup++
		}
		if slices.Contains(types, t.Type) && found(r, t.Name) {
			rows = append(rows, t)
		}
	}
	sorted(r, rows, "updatedAt", map[string]func(template, b Template) int{
		"name": func(template, b Template) int {
			return cmp.Or(strings.Compare(template.Name, b.Name), cmp.Compare(template.ID, b.ID))
		},
		"updatedAt": func(template, b Template) int {
			return cmp.Or(template.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(template.ID, b.ID))
		},
	})
	out.Total = len(rows)
	for _, t := range cut(r, rows) {
		out.Items = append(out.Items, templateItem{t.ID, t.Name, t.Type, wireTime(t.UpdatedAt)})
	}
	return out, nil
}

// findTemplate returns templates of type backup only, as its path says (assumed).
func (a *api) findTemplate(r *fake.Request, c Connection) (any, error) {
	t, err := a.templateOf(c, pathID(r, "id"))
	if err != nil {
		return nil, err
	}
	if t.Type != "backup" {
		return nil, missing("templates", key(t.ID))
	}
	view := templateView{ID: t.ID, Name: t.Name, Type: t.Type, Description: t.Description, Roots: [][]rootRow{}}
	for _, step := range t.Steps {
		view.Roots = append(view.Roots, flatten(nil, step, 1, 0))
	}
	return view, nil
}

func (a *api) templateOf(c Connection, id string) (Template, error) {
	t, err := a.templates.Get(id)
	if err == nil && t.ConnectionID != c.ID {
		return t, missing("templates", id)
	}
	return t, err
}

// flatten writes a tree of steps as rows, parents before children; the root's level is 1 (assumed).
func flatten(rows []rootRow, step Step, level int, parent int64) []rootRow {
	rows = append(rows, rootRow{Step: step, Level: level, ParentID: parent})
	for _, child := range step.Children {
		rows = flatten(rows, child, level+1, step.ID)
	}
	return rows
}
