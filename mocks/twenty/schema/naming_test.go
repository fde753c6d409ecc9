package schema

import "testing"

func TestNameOfALabelIsItsWordsInCamelCase(t *testing.T) {
	t.Parallel()
	for label, want := range map[string]string{
		"Pet shop": "petShop", "PetShop": "petshop", "Ok 2s": "ok2S", "Été à Paris": "eteAParis",
		"7 wonders": "n7Wonders", "  ": "", "a-b": "aB",
	} {
		if got := nameOf(label); got != want {
			t.Errorf("%q: %q; want %q", label, got, want)
		}
	}
}

// fixtures/twenty/metadata_graphql_read and metadata_errors
func TestIndexNamesAreTheServers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		table, column string
		unique        bool
		want          string
	}{
		{"company", "accountOwnerId", false, "IDX_f719a95179070eac397ba18dc70"},
		{"company", "domainName", true, "IDX_UNIQUE_2a32339058d0b6910b0834ddf81"},
		{"_same", "searchVector", false, "IDX_5796bda7d0d89f786e0dafc86db"},
	} {
		if got := indexName(c.table, c.column, c.unique); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestNamesAreChecked(t *testing.T) {
	t.Parallel()
	const invalid = "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters"
	long := "a234567890123456789012345678901234567890123456789012345678901234"
	for name, want := range map[string]string{
		"company": "", "companyX2": "", long[:63]: "", long: "Name is too long", "": "Name is too short" + invalid,
		"Upper": invalid,
		"plan":  `This name is reserved. Use a different name or the system will add "Custom" suffix.`,
	} {
		got := ""
		for _, c := range checkName(name, "X") {
			got += c.Message
		}
		if got != want {
			t.Errorf("%q: %q; want %q", name, got, want)
		}
	}
}

func TestWebhookPatternsHaveAStarForAWholeHalfOnly(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"company.created": true, "*.created": true, "company.*": true, "*.*": true, "company.updated": false,
		"person.*": false, "comp*.created": false, "*": false, "": false,
	} {
		hook := Webhook{Operations: []*string{&pattern}}
		if got := hook.Wants("company", "created"); got != want {
			t.Errorf("%q: %v", pattern, got)
		}
	}
}
