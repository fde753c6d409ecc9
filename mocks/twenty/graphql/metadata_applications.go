package graphql

import (
	"slices"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// The life times of an application's tokens: fixtures/twenty/surface_app_sync 12.
const (
	applicationLife        = 30 * time.Minute
	applicationRefreshLife = 60 * 24 * time.Hour
)

// applicationResolvers develop, sync and uninstall applications: fixtures/twenty/surface_app_sync. That
// changes need the
// setting for applications is inferred.
func applicationResolvers() map[string]resolver {
	out := map[string]resolver{
		"Query.findManyApplications": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(c.tables.AllApplications()), nil
		},
		"Query.findOneApplication": func(c *call, _ any, args map[string]any) (any, error) {
			return orRefused(c.tables.Application(idOf(args), textIn(args["universalIdentifier"])))
		},
		"Query.findManyApplicationRegistrations": func(c *call, _ any, _ map[string]any) (any, error) {
			all := items(slices.Collect(c.tables.Registrations.All()))
			slices.Reverse(all) // the last one first
			return all, nil
		},
		"Query.findApplicationRegistrationByUniversalIdentifier": func(c *call, _ any,
			args map[string]any) (any, error) {
			for r := range c.tables.Registrations.All() {
				if r.UniversalIdentifier == textIn(args["universalIdentifier"]) {
					return r, nil
				}
			}
			return nil, nil
		},
	}
	for name, resolve := range applicationChanges {
		out["Mutation."+name] = setting(schema.SettingApplications, resolve)
	}
	return out
}

var applicationChanges = map[string]resolver{
	"syncMarketplaceCatalog": func(*call, any, map[string]any) (any, error) { return true, nil },
	"createApplicationRegistration": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		r, err := c.tables.Register(textIn(in["name"]), textIn(in["universalIdentifier"]))
		return orRefused(map[string]any{"applicationRegistration": r, "clientSecret": r.ClientSecret}, err)
	},
	"createDevelopmentApplication": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(c.tables.Develop(textIn(args["name"]), textIn(args["universalIdentifier"])))
	},
	"uploadApplicationFile": func(c *call, _ any, args map[string]any) (any, error) {
		up, _ := args["file"].(Upload)
		f, err := c.tables.AddApplicationFile(textIn(args["applicationUniversalIdentifier"]),
			textIn(args["fileFolder"]), textIn(args["filePath"]), up.Data)
		return orRefused(map[string]any{"id": f.ID, "path": f.Path(), "size": float64(len(f.Data)),
			"createdAt": f.CreatedAt}, err)
	},
	"syncApplication": func(c *call, _ any, args map[string]any) (any, error) {
		id, actions, err := c.tables.Sync(asMap(args["manifest"]), args["dryRun"] == true)
		return orRefused(map[string]any{"applicationUniversalIdentifier": id, "actions": actions}, err)
	},
	"generateApplicationToken": func(c *call, _ any, args map[string]any) (any, error) {
		app, err := c.tables.Application(textIn(args["applicationId"]), "")
		if err != nil {
			return nil, err
		}
		return map[string]any{"applicationAccessToken": c.applicationToken(app, ApplicationToken, applicationLife),
			"applicationRefreshToken": c.applicationToken(app, "APPLICATION_REFRESH", applicationRefreshLife)}, nil
	},
	"uninstallApplication": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(true, c.tables.Uninstall(textIn(args["universalIdentifier"])))
	},
}

func (c *call) applicationToken(app schema.Application, kind string, life time.Duration) any {
	until := c.tables.State.Now().Add(life)
	return map[string]any{"token": c.Tokens.ForApplication(app, kind, until),
		"expiresAt": until.UTC().Format("2006-01-02T15:04:05.000Z")}
}
