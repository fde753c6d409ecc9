package world

import "testing"

// Identifiers of a world are part of saved states and of recorded cases, so they never change.
func TestIdentifiersFollowFromSaltAndNumber(t *testing.T) {
	t.Parallel()
	long := "a salt that is longer than the room that is kept for one, by far"
	for want, got := range map[string]string{
		"9d30c1f7-8465-495b-a47d-da5e4e4e77ed": newID("", 0),
		"8c53ce43-6bf7-4168-a53e-54789cfd454e": newID("salt", 1),
		"4fca7f81-d5d2-4377-bb9f-dd4359ded54b": newID(long, 1<<63),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
