// Package licenses holds the licence of this program and those of the Go modules in its binary.
// `go generate ./licenses` writes third-party.txt anew; a test fails if a module is missing.
package licenses

import _ "embed"

//go:generate go run ./gen

// ThirdParty is the licences of all modules that the binary is linked from, one after the other.
//
//go:embed third-party.txt
var ThirdParty string
