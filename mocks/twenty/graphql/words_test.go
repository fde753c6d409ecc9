package graphql

import "testing"

func TestNamesAreCamelCased(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"companies": "companies", "gizmo2s": "gizmo2S", "petShops": "petShops", "myURLs": "myUrLs", "aBTest": "aBTest",
		"a": "a", "x1y2": "x1Y2", "messageChannelMessageAssociation": "messageChannelMessageAssociation",
		"fooBAR": "fooBar",
	} {
		if got := camel(name); got != want {
			t.Errorf("camel(%q) = %q, want %q", name, got, want)
		}
	}
}
