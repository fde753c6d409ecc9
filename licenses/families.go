package licenses

import "strings"

// families are words that only one family of licences has, by its SPDX identifier. The first match counts.
var families = []struct{ words, id string }{
	{"Apache License", "Apache-2.0"},
	{"Mozilla Public License, version 2.0", "MPL-2.0"},
	{"Mozilla Public License Version 2.0", "MPL-2.0"},
	{"GNU", "GPL"},
	{"Permission is hereby granted, free of charge", "MIT"},
	{"Permission to use, copy, modify, and/or distribute", "ISC"},
	{"Permission to use, copy, modify, and distribute", "ISC"},
	{"Neither the name", "BSD-3-Clause"},
	{"Redistribution and use in source and binary forms", "BSD-2-Clause"},
}

// Families returns the SPDX identifier of the licence of each module in the binary, by path, "" if its text is of none
// that is known. Of a module with several legal files the first that is recognized counts.
func Families() map[string]string {
	found := map[string]string{}
	for _, section := range strings.Split("\n"+ThirdParty, "\n==== ")[1:] {
		heading, text, _ := strings.Cut(section, "\n")
		module, _, _ := strings.Cut(heading, ":")
		path, _, _ := strings.Cut(module, " ")
		path = strings.TrimSuffix(path, ",") // of Go itself
		if found[path] == "" {
			found[path] = family(text)
		}
	}
	return found
}

func family(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, f := range families {
		if strings.Contains(text, f.words) {
			return f.id
		}
	}
	return ""
}
