// Package mockserver is the root of the module. It holds the texts of its licence and its changelog; the program is in
// cmd/mockserver, the fakes for Go tests are in the folders of mocks.
package mockserver

import _ "embed"

// License is the licence of this module.
//
//go:embed LICENSE
var License string

// Notice says whose rules the module follows, and under which licences.
//
//go:embed NOTICE
var Notice string

// Changelog says what each release changed, and when it was made.
//
//go:embed CHANGELOG.md
var Changelog string
