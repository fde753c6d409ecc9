package graphql

import (
	"regexp"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// metadataEngines are the engines of /metadata by version.
var metadataEngines sync.Map

// metadataOf returns the engine of /metadata of a version: that of the oldest, changed as the changelog says.
func metadataOf(v schema.Version) *schemaExecutor {
	if v == schema.Versions[0] {
		return metadataEngine()
	}
	if e, ok := metadataEngines.Load(v.Name); ok {
		return e.(*schemaExecutor)
	}
	sdl, absent := schema.MetadataSDL, map[string]Missing{}
	for _, entry := range schema.Changelog {
		if entry.In > v.Name {
			continue
		}
		for _, field := range entry.Fields {
			kind, rest, _ := strings.Cut(field[1:], " ")
			of := schema.Capital(kind)
			switch field[0] {
			case '-':
				sdl = regexp.MustCompile(`(?m)^  `+rest+`\b.*\n`).ReplaceAllString(sdl, "")
			case '+':
				sdl = strings.Replace(sdl, "type "+of+" {\n", "type "+of+" {\n  "+rest+"\n", 1)
			default:
				absent[of+"."+rest] = Missing{"/metadata", kind, rest, entry.Source}
			}
		}
	}
	e := mustEngine(sdl, metadataResolvers())
	e.absent = withoutResolver(e)
	for key, missing := range absent {
		e.absent[key] = missing
	}
	stored, _ := metadataEngines.LoadOrStore(v.Name, e)
	return stored.(*schemaExecutor)
}
