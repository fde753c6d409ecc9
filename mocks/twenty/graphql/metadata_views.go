package graphql

import (
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// viewResolvers read and change views, page layouts and what both consist of.
func viewResolvers() map[string]resolver {
	changes := map[string]resolver{
		"Mutation.updateView": func(c *call, _ any, args map[string]any) (any, error) {
			return orRefused(c.tables.UpdateView(idOf(args), input(args, ""), c.caller.Membership()))
		},
		"Mutation.deleteView":  removed(func(c *call, id string) error { return c.tables.DeleteView(id) }),
		"Mutation.destroyView": removed(func(c *call, id string) error { return c.tables.DestroyView(id) }),
	}
	out := maps.Clone(viewReads)
	for name, change := range changes {
		out[name] = onViews(change, func(c *call, id string, _ map[string]any) error {
			return c.tables.MayModifyView(c.caller, id)
		})
	}
	for _, k := range schema.PartKinds {
		maps.Copy(out, partReads(k))
		for name, change := range partChanges(k) {
			if out[name] = setting(schema.SettingLayouts, change); !k.Layout {
				out[name] = onViews(change, func(c *call, id string, in map[string]any) error {
					return c.tables.MayChangePart(c.caller, k, id, in)
				})
			}
		}
	}
	for name, change := range wholeChanges {
		out[name] = setting(schema.SettingLayouts, change)
	}
	return out
}

// viewReads are the resolvers that require no permission on what is there.
var viewReads = map[string]resolver{
	"View.name": func(c *call, parent any, _ map[string]any) (any, error) {
		return c.tables.ViewName(parent.(schema.View)), nil
	},
	"Query.getViews": getViews,
	"Query.getView": func(c *call, _ any, args map[string]any) (any, error) {
		if v, err := c.tables.View(idOf(args)); err == nil {
			return v, nil
		}
		return nil, nil
	},
	"Mutation.createView": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		if err := schema.MayCreateView(c.caller, in["visibility"]); err != nil {
			return nil, err
		}
		return orRefused(c.tables.CreateView(in, c.caller.Membership()))
	},
	"Mutation.duplicateDashboard": func(c *call, _ any, args map[string]any) (any, error) {
		copied, err := c.CopyDashboard(c.context, c.caller, textIn(args["id"]))
		if err != nil {
			return nil, err
		}
		return js.Plain(copied), nil
	},
	"ViewFieldGroup.viewFields": func(c *call, parent any, _ map[string]any) (any, error) {
		return slices.DeleteFunc(c.parts("viewField", textIn(member(parent, "viewId"))), func(column any) bool {
			return member(column, "viewFieldGroupId") != member(parent, "id")
		}), nil
	},
	"PageLayoutWidget.configuration": func(_ *call, parent any, _ map[string]any) (any, error) {
		conf := maps.Clone(asMap(member(parent, "configuration")))
		conf[typenameKey] = schema.TypeOfWords(textIn(conf["configurationType"])) + "Configuration"
		return conf, nil
	},
	"PageLayoutWidget.position": func(_ *call, parent any, _ map[string]any) (any, error) {
		at, ok := member(parent, "position").(map[string]any)
		if !ok {
			return nil, nil
		}
		at = maps.Clone(at)
		at[typenameKey] = "PageLayoutWidget" + schema.TypeOfWords(textIn(at["layoutMode"])) + "Position"
		return at, nil
	},
}

// onViews requires that the caller may change all that a mutation names.
func onViews(change resolver, may func(c *call, id string, in map[string]any) error) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		inputs := args["inputs"]
		if inputs == nil {
			inputs = map[string]any{"id": idOf(args), "viewId": input(args, "")["viewId"]}
		}
		for _, in := range items(inputs) {
			if err := may(c, textIn(asMap(in)["id"]), asMap(in)); err != nil {
				return nil, err
			}
		}
		return change(c, parent, args)
	}
}

// wholeChanges are the mutations that change several rows, or none.
var wholeChanges = map[string]resolver{
	"Mutation.updatePageLayoutWithTabsAndWidgets": func(c *call, _ any, args map[string]any) (any, error) {
		p, err := whole(c, func() (schema.Part, error) { return c.tables.SaveLayout(idOf(args), input(args, "")) })
		return orRefused(c.shownPart(p), err)
	},
	"Mutation.upsertFieldsWidget": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(whole(c, func() (schema.View, error) { return c.tables.SaveFieldsWidget(input(args, "")) }))
	},
	"Mutation.upsertViewWidget": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(whole(c, func() (schema.View, error) { return c.tables.SaveViewWidget(input(args, "")) }))
	},
}

// partReads are the queries of one kind of part, and the fields under which views and layouts have it.
func partReads(k *schema.PartKind) map[string]resolver {
	typ := schema.Capital(k.Metadata)
	out := map[string]resolver{
		"Query.get" + typ + "s": func(c *call, _ any, args map[string]any) (any, error) {
			parts := c.parts(k.Metadata, textIn(args[k.Parent]))
			if wanted := args["pageLayoutType"]; wanted != nil {
				parts = slices.DeleteFunc(parts, func(p any) bool { return member(p, "type") != wanted })
			}
			return parts, nil
		},
		"Query.get" + typ: func(c *call, _ any, args map[string]any) (any, error) {
			p, err := c.tables.PartOf(k, idOf(args))
			switch {
			case err == nil:
				return c.shownPart(p), nil
			case k.Layout:
				return nil, err
			}
			return nil, nil
		},
	}
	if k.Parent == "viewId" {
		out["View."+k.Route] = func(c *call, parent any, _ map[string]any) (any, error) {
			return c.parts(k.Metadata, parent.(schema.View).ID), nil
		}
	}
	return out
}

// named are the arguments that validation by class does not want empty: fixtures/twenty/surface_views_layouts 72.
var namedInputs = map[string]string{"pageLayout": "name", "pageLayoutTab": "title", "pageLayoutWidget": "title",
	"viewFieldGroup": "name"}

// partChanges are the mutations of one kind of part.
func partChanges(k *schema.PartKind) map[string]resolver {
	typ := schema.Capital(k.Metadata)
	one := func(c *call, p schema.Part, err error) (any, error) { return orRefused(c.answeredPart(p), err) }
	drop := func(remove func(t *schema.Tables, id string) (schema.Part, error)) resolver {
		return func(c *call, _ any, args map[string]any) (any, error) {
			p, err := remove(c.tables, idOf(args))
			if k.Layout || k.Metadata == "viewSort" || k.Metadata == "viewFilterGroup" {
				return orRefused(true, err)
			}
			return one(c, p, err)
		}
	}
	destroy := func(t *schema.Tables, id string) (schema.Part, error) { return t.DestroyPart(k, id) }
	remove := func(t *schema.Tables, id string) (schema.Part, error) { return t.DeletePart(k, id) }
	if k.Layout {
		destroy = remove
	}
	out := map[string]resolver{
		"Mutation.create" + typ: func(c *call, _ any, args map[string]any) (any, error) {
			in := input(args, "")
			if key := namedInputs[k.Metadata]; in[key] == "" {
				return nil, guarded(badInput, key+" should not be empty")
			}
			p, err := c.tables.CreatePart(k, in)
			return one(c, p, err)
		},
		"Mutation.createMany" + typ + "s": func(c *call, _ any, args map[string]any) (any, error) {
			made, err := c.tables.CreateParts(k, js.Map(items(args["inputs"]), asMap))
			out := js.Map(made, func(p schema.Part) any { return c.answeredPart(p) })
			return orRefused(out, err)
		},
		"Mutation.update" + typ: func(c *call, _ any, args map[string]any) (any, error) {
			p, err := c.tables.UpdatePart(k, idOf(args), input(args, ""))
			return one(c, p, err)
		},
		"Mutation.delete" + typ: drop(remove), "Mutation.destroy" + typ: drop(destroy),
	}
	if k.Metadata == "viewGroup" {
		out["Mutation.updateManyViewGroups"] = func(c *call, _ any, args map[string]any) (any, error) {
			return c.eachInput(args, func(in map[string]any) (schema.Part, error) {
				return c.tables.UpdatePart(k, textIn(in["id"]), asMap(in["update"]))
			})
		}
	}
	if k.Layout {
		out["Mutation.reset"+typ+"ToDefault"] = func(c *call, _ any, args map[string]any) (any, error) {
			if _, err := c.tables.ResetPart(k, idOf(args)); err != nil {
				return nil, err
			}
			p, err := c.tables.PartOf(k, idOf(args))
			return orRefused(c.shownPart(p), err)
		}
	}
	return out
}

// whole makes a change of several rows, or none.
func whole[T any](c *call, do func() (T, error)) (out T, err error) {
	err = c.Try(func() (err error) {
		out, err = do()
		return err
	})
	return out, err
}

// eachInput changes a row for each of the argument "inputs".
func (c *call) eachInput(args map[string]any, change func(map[string]any) (schema.Part, error)) (any, error) {
	out := []any{}
	for _, one := range items(args["inputs"]) {
		p, err := change(asMap(one))
		if err != nil {
			return nil, err
		}
		out = append(out, c.answeredPart(p))
	}
	return out, nil
}

func removed(remove func(c *call, id string) error) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) { return orRefused(true, remove(c, idOf(args))) }
}

func orNone[T any](row T, ok bool) (any, error) {
	if !ok {
		return nil, nil
	}
	return row, nil
}

// textIn returns a text, or "" for another value.
func textIn(v any) string {
	text, _ := v.(string)
	return text
}

func getViews(c *call, _ any, args map[string]any) (any, error) {
	out := []any{}
	types := args["viewTypes"]
	for _, v := range c.tables.ViewsOf(textIn(args["objectMetadataId"]), c.caller.Membership()) {
		if types != nil && !slices.Contains(items(types), any(v.Type)) {
			continue
		}
		out = append(out, v)
	}
	return out, nil
}

// parts returns those of a kind below a parent, or all of the kind without a parent.
func (c *call) parts(kind, parent string) []any {
	return js.Map(c.tables.PartsOf(schema.KindOfPart(kind), parent), func(p schema.Part) any { return c.shownPart(p) })
}

// answeredPart is a part as a change answers it: without the parts below it.
func (c *call) answeredPart(p schema.Part) map[string]any {
	if schema.KindOfPart(p.Kind) == nil {
		return nil
	}
	return p.Row()
}

// shownPart returns a part as answers show it.
func (c *call) shownPart(p schema.Part) map[string]any {
	out := c.answeredPart(p)
	switch p.Kind {
	case "pageLayouts":
		out["tabs"] = c.parts("pageLayoutTab", p.ID)
	case "pageLayoutTabs":
		out["widgets"] = c.parts("pageLayoutWidget", p.ID)
	}
	return out
}
