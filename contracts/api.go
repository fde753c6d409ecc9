package contracts

import "github.com/afba07b5/mockserver/contracts/compare"

// What package compare says of an answer, under the names that callers of this package use.
type (
	// Answer is an answer of a target.
	Answer = compare.Answer
	// Delivery is a request that a server sends because of another one, such as a webhook.
	Delivery = compare.Delivery
	// Difference is one place where the target's answer differs from the recorded one.
	Difference = compare.Difference
	// Culprit names which of recording, fake and live service differs from the other two.
	Culprit = compare.Culprit
)

// The culprits.
const (
	FakeMoved      = compare.FakeMoved
	VendorMoved    = compare.VendorMoved
	RecordingMoved = compare.RecordingMoved
	BothMoved      = compare.BothMoved
)

// Printable returns a text with its control characters, which a terminal would interpret, as
// escapes. Line breaks and tabs stay.
func Printable(s string) string { return compare.Printable(s) }
