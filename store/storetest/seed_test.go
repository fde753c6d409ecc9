package storetest

import (
	"bytes"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/store"
)

// otherSeeds returns all fakes as another version may have them: with the text of the default seed of one changed.
func otherSeeds(t *testing.T, name, old, now string) []*fake.Def {
	t.Helper()
	defs := mocks.All()
	for _, def := range defs {
		if def.Name != name {
			continue
		}
		files := fstest.MapFS{}
		for _, seed := range []string{"default", "empty"} {
			text, err := fs.ReadFile(def.Seeds, "seeds/"+seed+".json")
			if err != nil {
				t.Fatal(err)
			}
			if seed == "default" && !bytes.Contains(text, []byte(old)) {
				t.Fatalf("the seed of %s has no %q", name, old)
			}
			files["seeds/"+seed+".json"] = &fstest.MapFile{Data: bytes.ReplaceAll(text, []byte(old), []byte(now))}
		}
		def.Seeds = files
	}
	return defs
}

// TestNodesWithOtherSeedsShowTheSameWorld has rows that one node's seed does not have, changes some and removes one,
// on both nodes, with snapshots in between.
func TestNodesWithOtherSeedsShowTheSameWorld(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	o := store.Options{URL: url, SnapshotEvery: 5}
	one := startNode(t, o)
	other := startNodeOf(t, o, otherSeeds(t, "kickflow", "星野", "Eva")...)
	nodes := []*node{one, other}
	for i, from := range nodes {
		name := []string{"first", "second"}[i]
		token := "Bearer " + from.makeWorld(name).Credentials["kickflow"][0].Value
		for j := range 12 {
			n := nodes[(i+j)%2]
			waitFor(t, "the credential", func() bool {
				return n.call("GET", kickflow, "", bearer, token).status == 200
			})
			var user struct{ ID string }
			n.must(&user, "POST", kickflow, userBody(j), bearer, token)
			n.must(nil, "PATCH", kickflow+"/"+user.ID, `{"lastName":"changed"}`, bearer, token)
		}
		for _, n := range nodes {
			n.must(nil, "PATCH", "/__admin/worlds/"+name+"/settings/extended", "{}") // sees all before it
		}
		fresh := startNodeOf(t, o, otherSeeds(t, "kickflow", "星野", "Ida")...)
		for n, dump := range map[string]string{"other": other.dump(name), "fresh": fresh.dump(name)} {
			if diff := cmp.Diff(one.dump(name), dump); diff != "" {
				t.Errorf("world %s, node %s (-one +%s):\n%s", name, n, n, diff)
			}
		}
	}
}
