package main

import (
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/fixtures"
)

// dateOf returns when a case was recorded, "" if it was not.
func dateOf(folder string) string {
	text, err := fixtures.Cases.ReadFile(strings.TrimPrefix(folder, "fixtures/") + "/case.yaml")
	if err != nil {
		return ""
	}
	var about struct {
		Source string
		Date   string
	}
	if err := yaml.Unmarshal(text, &about); err != nil || about.Source != "recorded" {
		return ""
	}
	return about.Date
}
