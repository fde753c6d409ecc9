// Package licenses holds the licence of this program and those of the Go modules in its binary. `go
// generate ./licenses` updates third-party.txt; a test fails if a module is missing.
package licenses

import _ "embed"

//go:generate go run ./gen

// ThirdParty contains the licences of all modules in the binary.
//
//go:embed third-party.txt
var ThirdParty string
