package main

import (
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/contracts/coverage"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fixtures"
)

// covered is the coverage of this binary's fakes. It is decoded on first use.
var covered = sync.OnceValue(func() *coverage.Coverage {
	c, err := coverage.Parse(fixtures.Coverage)
	if err != nil {
		panic(err) // a test decodes the embedded file
	}
	return c
})

// casesOf returns the cases that touch an operation, and the date of the newest recording among
// them.
func casesOf(fakeName, operation string) (folders []string, newest string) {
	o := covered().Operation(fakeName, operation)
	if o == nil {
		return nil, ""
	}
	for _, name := range o.Cases() {
		folders = append(folders, "fixtures/"+name)
	}
	return folders, o.Newest
}

// gaps are the known gaps of this binary's fakes.
var gaps = sync.OnceValue(func() []control.Gap {
	var list struct {
		Gaps []control.Gap `yaml:"gaps"`
	}
	if err := yaml.Unmarshal(fixtures.KnownGaps, &list); err != nil {
		panic(err) // a test reads the embedded file
	}
	return list.Gaps
})
