package twenty

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

func TestNavigationMenu(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim, restricted := credential(t, srv, "tim", "valid"), credential(t, srv, "restricted", "valid")
	const folder, own = "e9000000-0000-4000-8000-000000000001", "e9000000-0000-4000-8000-000000000002"
	for _, c := range []struct{ name, token, do, want string }{
		{"a folder", tim, `createNavigationMenuItem(input: {id: "` + folder +
			`", type: FOLDER, name: "F"}) { position }`, `{"data":{"createNavigationMenuItem":{"position":7}}}`},
		{"the id again", tim, `createNavigationMenuItem(input: {id: "` + folder +
			`", type: FOLDER, name: "F"}) { id }`, "flat entity to add already exists"},
		{"a user's own entry", tim, `createNavigationMenuItem(input: {id: "` + own +
			`", type: LINK, name: "L", link: "x",
			userWorkspaceId: "9c8ecb47-e385-4644-b1f3-5a2db57da2ae"}) { position }`, `"position":1`},
		{"that of a user, by a key", Key, `deleteNavigationMenuItem(id: "` + own + `") { id }`,
			"can only be deleted by authenticated users"},
		{"an entry of the folder", tim,
			`createNavigationMenuItem(input: {type: LINK, name: "L", link: "x", folderId: "` + folder +
				`"}) { position }`, `"position":1`},
		{"two that are not valid", tim, `createManyNavigationMenuItems(inputs: [{type: LINK}, {type: VIEW}]) { id }`,
			"Validation failed for 2 navigationMenuItems"},
		{"no permission", restricted, `createNavigationMenuItem(input: {type: FOLDER, name: "F"}) { id }`,
			"does not have permission"},
		{"the folder goes", tim, `deleteNavigationMenuItem(id: "` + folder + `") { name }`,
			`{"data":{"deleteNavigationMenuItem":{"name":"F"}}}`},
	} {
		if got := metadata(t, srv, c.token, "mutation { "+c.do+" }"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
	for token, want := range map[string]int{tim: 11, Key: 10} {
		if got := metadata(t, srv, token, `{ navigationMenuItems { position } }`); strings.Count(got,
			"position") != want {
			t.Errorf("%d entries: %s", want, got)
		}
	}
}

func TestAStandardCommandIsResetAndNotRemoved(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const id = `"77fdd984-1cee-4507-8d5c-66211081b4a5"`
	for _, c := range []struct{ do, want string }{
		{`mutation { updateCommandMenuItem(input: {id: ` + id + `, position: 4}) { position } }`, `"position":4`},
		{`mutation { resetCommandMenuItem(id: ` + id + `) { position } }`, `"position":1`},
		{`mutation { deleteCommandMenuItem(id: ` + id + `) { isActive } }`, `"isActive":true`},
		{`{ commandMenuItem(id: ` + id + `) { isActive } }`, `"isActive":false`},
	} {
		if got := metadata(t, srv, Key, c.do); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.do, got)
		}
	}
}
