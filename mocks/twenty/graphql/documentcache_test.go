package graphql

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestTheDocumentCacheIsBounded(t *testing.T) {
	t.Parallel()
	var c documentCache
	padding := "#" + strings.Repeat("x", 1000) + "\n"
	kept := c.get("{ kept }")
	for i := range 1000 {
		text := fmt.Sprintf("%s{ a%d }", padding, i)
		if p := c.get(text); p.text != text || p.failure != nil {
			t.Fatal(p)
		}
		if c.get("{ kept }") != kept {
			t.Fatal("a document in use went")
		}
		bytes := 0
		for _, generation := range []map[string]*parsedText{c.young, c.old} {
			for text := range generation {
				bytes += len(text)
			}
		}
		if bytes > 2*maxGeneration {
			t.Fatalf("%d bytes", bytes)
		}
	}
	long := strings.Repeat(padding, 20) + "{ a }"
	if once := c.get(long); once == c.get(long) || len(c.young)+len(c.old) > 2*maxGeneration/1000 {
		t.Error("a long document is in the cache")
	}
}

// TestAnEngineValidatesACachedDocument validates from many goroutines, by two engines, as a stranger and not.
func TestAnEngineValidatesACachedDocument(t *testing.T) {
	t.Parallel()
	const text = "{ apiKey_ { id } objects { nope } }"
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			e := []*schemaExecutor{metadataEngine(), coreEngine()}[i%2]
			d, _ := parse(text, "")
			fresh := &document{parsedText: parseText(text)}
			got, want := e.validate(d, i%4 < 2), e.faults(fresh, i%4 < 2)
			if len(got) != len(want) {
				t.Errorf("%d failures, want %d", len(got), len(want))
				return
			}
			for n := range got {
				if got[n].Message != want[n].Message || got[n].Locations[0] != want[n].Locations[0] {
					t.Errorf("got %v, want %v", got[n], want[n])
				}
			}
		})
	}
	group.Wait()
}
