package twenty

import (
	"net/http"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// The switches of a world.
const (
	// asDocumented gives the documented side of the three things that the vendor's documentation and server
	// 2.21.0 say differently: GET /rest/metadata/objects/{objectName} and GET /rest/metadata/picklists, which
	// the server refuses with 400, and the status of a missing token, 403 there and 401 in the documentation.
	asDocumented = "as-documented"
	// legacyFormat gives metadata answers the envelopes of older workspaces.
	legacyFormat = "rest-metadata-legacy"
)

// flags are the switches that the binary offers.
var flags = []fake.Flag{
	{Name: asDocumented, Usage: "Twenty: answer as documented where server 2.21.0 does not " +
		"(object names and picklists in metadata routes, 401 without a token)"},
	{Name: legacyFormat, Usage: "Twenty: metadata answers in the envelopes of older workspaces"},
	{Name: schema.VersionSetting, Text: true, Check: schema.CheckVersion,
		Usage: "Twenty: the server to imitate: 2.21, which was recorded, or 2.43, as far as published files show it"},
	{Name: worker, Usage: "Twenty: a queue worker writes timeline activities and runs workflows"},
}

// imitates implements Def.Imitates.
func imitates(s *fake.State) string {
	v := fake.Of[api](s).tables.Version()
	return v.Server + " (" + v.Evidence + ")"
}

// documentedSide is what the journal says when the undocumented side refuses.
const documentedSide = "server 2.21.0 refuses what the documentation promises; " +
	"--twenty-as-documented answers as documented"

func documented(s *fake.State) bool { return s.World().Enabled(asDocumented) }

// named returns the object that a path names instead of identifying it, nil unless the switch is on. Clients
// write singular and plural.
func (a *api) named(name string) *schema.Model {
	if !documented(a.State) {
		return nil
	}
	if m := a.tables.Schema().Plural(name); m != nil {
		return m
	}
	return a.tables.Schema().Singular(name)
}

// picklist is one field with options. Its form is inferred: the documentation names the route only.
type picklist struct {
	ObjectName string          `json:"objectName"`
	FieldName  string          `json:"fieldName"`
	Options    []schema.Option `json:"options"`
}

func (a *api) listPicklists(*fake.Request) (any, error) {
	if !documented(a.State) {
		e := refuse(http.StatusBadRequest, "'picklists' is not a valid UUID")
		e.Rule = documentedSide
		return nil, e
	}
	out := []picklist{}
	for _, m := range a.tables.Schema().Active() {
		for _, attr := range m.Attrs {
			if len(attr.Options) > 0 {
				out = append(out, picklist{m.NamePlural, attr.Name, attr.Options})
			}
		}
	}
	return map[string]any{"data": out}, nil
}
