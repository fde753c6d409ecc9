package graphql

import (
	"cmp"
	"maps"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// menuResolvers read and change the navigation menu and the command menu: fixtures/twenty/surface_menu_items.
func menuResolvers() map[string]resolver {
	out := navigationChanges()
	maps.Copy(out, map[string]resolver{
		"Query.commandMenuItems": func(c *call, _ any, _ map[string]any) (any, error) {
			return shownItems(c.tables.CommandMenu().List(func(schema.MenuItem) bool { return true })), nil
		},
		"Query.commandMenuItem": func(c *call, _ any, args map[string]any) (any, error) {
			if i, ok := c.tables.CommandItems.Find(idOf(args)); ok {
				return shownItem(i), nil
			}
			return nil, nil
		},
		"Mutation.createCommandMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return first(c.tables.CommandMenu().Create(input(args, "")))
		}),
		"Mutation.updateCommandMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return c.tables.CommandMenu().Update(idOf(args), input(args, ""))
		}),
		"Mutation.resetCommandMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return c.tables.CommandMenu().Reset(idOf(args))
		}),
		"Mutation.deleteCommandMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return c.tables.CommandMenu().Delete(idOf(args))
		}),
	})
	for name, resolve := range out {
		if strings.HasPrefix(name, "Mutation.") && strings.Contains(name, "Command") {
			out[name] = setting(schema.SettingLayouts, resolve) // which setting it is, is inferred
		}
	}
	maps.Copy(out, map[string]resolver{
		"Query.navigationMenuItems": func(c *call, _ any, _ map[string]any) (any, error) {
			return shownItems(c.tables.NavigationMenu().List(c.ownOrShared)), nil
		},
		"Query.navigationMenuItem": func(c *call, _ any, args map[string]any) (any, error) {
			if i, ok := c.tables.NavigationItems.Find(idOf(args)); ok && c.ownOrShared(i) {
				return shownItem(i), nil
			}
			return nil, nil
		},
		"NavigationMenuItem.targetRecordIdentifier": recordIdentifier,
		"CommandMenuItem.payload":                   commandPayload,
	})
	return out
}

// navigationChanges are the mutations of the navigation menu: each for one entry and for many.
func navigationChanges() map[string]resolver {
	remove := func(c *call, id string) (schema.MenuItem, error) {
		if err := c.mayChangeItem(id, "delete"); err != nil {
			return schema.MenuItem{}, err
		}
		return c.tables.NavigationMenu().Delete(id)
	}
	update := func(c *call, in map[string]any) (schema.MenuItem, error) {
		if err := c.mayChangeItem(textIn(in["id"]), "update"); err != nil {
			return schema.MenuItem{}, err
		}
		return c.tables.NavigationMenu().Update(textIn(in["id"]), asMap(in["update"]))
	}
	create := func(c *call, inputs ...map[string]any) ([]schema.MenuItem, error) {
		for _, in := range inputs {
			if in["userWorkspaceId"] == nil && !c.caller.MaySet(schema.SettingLayouts) {
				return nil, noLayouts
			}
		}
		return c.tables.NavigationMenu().Create(inputs...)
	}
	return map[string]resolver{
		"Mutation.createNavigationMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return first(create(c, input(args, "")))
		}),
		"Mutation.createManyNavigationMenuItems": func(c *call, _ any, args map[string]any) (any, error) {
			made, err := create(c, js.Map(items(args["inputs"]), asMap)...)
			return orRefused(shownItems(made), err)
		},
		"Mutation.updateNavigationMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return update(c, input(args, ""))
		}),
		"Mutation.updateManyNavigationMenuItems": changedItems("inputs",
			func(c *call, in any) (schema.MenuItem, error) { return update(c, asMap(in)) }),
		"Mutation.deleteNavigationMenuItem": changedItem(func(c *call, args map[string]any) (schema.MenuItem, error) {
			return remove(c, idOf(args))
		}),
		"Mutation.deleteManyNavigationMenuItems": changedItems("ids",
			func(c *call, id any) (schema.MenuItem, error) { return remove(c, textIn(id)) }),
	}
}

func first(list []schema.MenuItem, err error) (schema.MenuItem, error) {
	if err != nil {
		return schema.MenuItem{}, err
	}
	return list[0], nil
}

func changedItem(change func(*call, map[string]any) (schema.MenuItem, error)) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) {
		i, err := change(c, args)
		return orRefused(shownItem(i), err)
	}
}

func changedItems(name string, change func(*call, any) (schema.MenuItem, error)) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) {
		out := []any{}
		for _, in := range items(args[name]) {
			i, err := change(c, in)
			if err != nil {
				return nil, err
			}
			out = append(out, shownItem(i))
		}
		return out, nil
	}
}

// shownItem is an entry as the schema shows it.
func shownItem(i schema.MenuItem) map[string]any {
	out := maps.Clone(i.Says)
	if out == nil {
		out = map[string]any{}
	}
	maps.Copy(out, i.Overrides)
	maps.Copy(out, map[string]any{"id": i.ID, "applicationId": i.ApplicationID,
		"universalIdentifier": cmp.Or(i.UniversalID, i.ID), "createdAt": i.CreatedAt, "updatedAt": i.UpdatedAt})
	return out
}

func shownItems(list []schema.MenuItem) []any {
	return js.Map(list, func(i schema.MenuItem) any { return shownItem(i) })
}

// ownOrShared reports whether the caller sees an entry: shared ones, and a user's own.
func (c *call) ownOrShared(i schema.MenuItem) bool {
	owner := i.Get("userWorkspaceId")
	return owner == nil || c.caller.User != nil && owner == c.caller.User.UserWorkspaceID
}

// noLayouts is inferred: permissions of other settings read so.
var noLayouts = &Failure{Message: noPermission, Extensions: &Extensions{Code: denied, SubCode: "PERMISSION_DENIED",
	UserFriendlyMessage: "User does not have permission."}}

// mayChangeItem rejects changes of users' entries by keys, and of shared ones by callers who may
// not change layouts. A missing entry is accepted. Documented: packages/twenty-server/src/engine/metadata-modules/
// navigation-menu-item/services/navigation-menu-item-access.service.ts.
func (c *call) mayChangeItem(id, change string) error {
	i, ok := c.tables.NavigationItems.Find(id)
	switch {
	case !ok:
		return nil
	case i.Get("userWorkspaceId") == nil && !c.caller.MaySet(schema.SettingLayouts):
		return noLayouts
	case !c.ownOrShared(i):
		message := "User-level navigation menu items can only be " + change + "d by authenticated users"
		if c.caller.User != nil {
			message = "You can only " + change + " your own navigation menu items"
		}
		return &Failure{Message: message, Extensions: &Extensions{Code: badInput,
			SubCode: "INVALID_NAVIGATION_MENU_ITEM_INPUT", UserFriendlyMessage: "Invalid navigation menu item input."}}
	}
	return nil
}

// recordIdentifier is the record that an entry leads to, as lists name it.
func recordIdentifier(c *call, parent any, _ map[string]any) (any, error) {
	id, m := textIn(member(parent, "targetRecordId")),
		c.tables.Schema().ByID(textIn(member(parent, "targetObjectMetadataId")))
	if m == nil || id == "" {
		return nil, nil
	}
	r := c.Store.Find(m, id)
	if r == nil || r.Deleted() {
		return nil, nil
	}
	return map[string]any{"id": id, "labelIdentifier": recordLabel(m, r)}, nil
}

// commandPayload returns the payload of a command: a path or an object.
func commandPayload(_ *call, parent any, _ map[string]any) (any, error) {
	payload, ok := member(parent, "payload").(map[string]any)
	if !ok {
		return nil, nil
	}
	payload = maps.Clone(payload)
	payload[typenameKey] = "PathCommandMenuItemPayload"
	if payload["objectMetadataItemId"] != nil {
		payload[typenameKey] = "ObjectMetadataCommandMenuItemPayload"
	}
	return payload, nil
}
