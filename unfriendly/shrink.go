package unfriendly

import (
	"errors"
	"slices"
)

// ErrRuns means that the smallest set was not found within the runs that were allowed.
var ErrRuns = errors.New("the runs are used up; the set may not be the smallest")

// Shrink returns a smallest set of names with which fails reports true: without any one of them it does not. The whole
// set must fail. It calls fails at most so many times; if that is too few,
// it returns the smallest set so far and ErrRuns.
// It is the algorithm ddmin of A. Zeller and R. Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002).
func Shrink(set []string, runs int, fails func([]string) (bool, error)) ([]string, error) {
	parts := 2
	for len(set) > 1 {
		next, used, err := shrinkOnce(set, parts, runs, fails)
		if runs -= used; err != nil {
			return set, err
		}
		switch {
		case next != nil:
			parts = max(2, min(parts, len(next)))
			if len(next) <= len(set)/parts {
				parts = 2
			}
			set = next
		case parts >= len(set):
			return set, nil
		default:
			parts = min(2*parts, len(set))
		}
	}
	return set, nil
}

// shrinkOnce returns the first part of the set, or what is left without a part, that fails; nil if none does.
func shrinkOnce(set []string, parts, runs int, fails func([]string) (bool, error)) (next []string, used int,
	err error) {
	size := (len(set) + parts - 1) / parts
	chunks := slices.Collect(slices.Chunk(set, size))
	var candidates [][]string
	candidates = append(candidates, chunks...)
	if len(chunks) > 2 {
		for i := range chunks {
			candidates = append(candidates, slices.Concat(slices.Concat(chunks[:i]...), slices.Concat(chunks[i+1:]...)))
		}
	}
	for _, candidate := range candidates {
		if used == runs {
			return nil, used, ErrRuns
		}
		used++
		failed, err := fails(candidate)
		if failed || err != nil {
			return candidate, used, err
		}
	}
	return nil, used, nil
}

// Names returns the names of all variations.
func Names() []string { return names() }
