package kickflow

import "github.com/afba07b5/mockserver/mocks/kickflow/form"

// The rows of the tables and their parts.
type (
	Section       = form.Section
	Field         = form.Field
	FieldSettings = form.FieldSettings
	FieldOptions  = form.FieldOptions
	Threshold     = form.Threshold
	Condition     = form.Condition
	Input         = form.Input
	SlipItem      = form.SlipItem
)
