package world

import "fmt"

// Bind keeps a value with the State, one of each type, for Of. Fake.Build calls it.
func Bind[T any](s *State, own *T) { s.bound = append(s.bound, own) }

// Of returns the value of a type. It panics if Fake.Build has bound none.
func Of[T any](s *State) *T {
	for _, own := range s.bound {
		if own, ok := own.(*T); ok {
			return own
		}
	}
	panic(fmt.Sprintf("world: %s has bound no %T; Def.New binds one by fake.Bind", s.fake.Name, *new(T)))
}

// Shared returns a value that the State has in common with those that show its rows to handlers that
// read, one of each type. make makes it. Fake.Build calls Shared for caches and for what no undo touches,
// such as rate limits. The value must be safe for concurrent use.
func Shared[T any](s *State, make func() *T) *T {
	for _, known := range *s.shared {
		if known, ok := known.(*T); ok {
			return known
		}
	}
	value := make()
	*s.shared = append(*s.shared, value)
	return value
}
