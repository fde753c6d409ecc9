// Package mocks lists the fakes of this module.
package mocks

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// All returns the description of every fake, in the order of their ports. A fifth API adds one line and its import.
func All() []*fake.Def {
	return []*fake.Def{
		flosum.Def(),
		twenty.Def(),
		flexcrm.Def(),
		kickflow.Def(),
	}
}
