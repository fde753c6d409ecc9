package record

import (
	"context"
	"iter"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/reject"
)

// QueryTime bounds the work for one request. Inferred: the vendor's database gives up as well, after a time
// that a setting of the server says.
const QueryTime = 10 * time.Second

// between is after how many rows a query looks at the time.
const between = 64

// errDeadlineExceeded is the error of a query past its deadline. Inferred: the vendor has the code
// TIMEOUT; the message is ours.
func errDeadlineExceeded() *reject.Error {
	return &reject.Error{Status: 408, Name: "Error",
		Message: "The query took longer than " + QueryTime.String() + " and was given up", Code: "TIMEOUT",
		Class: "TIMEOUT", Hint: reject.PlainHint, Rule: "a query has " + QueryTime.String()}
}

// DeadlineError returns an error once the query's deadline has passed or its client has
// disconnected, otherwise nil.
func (s *Scope) DeadlineError() error {
	if s.context.Err() != nil {
		return errDeadlineExceeded()
	}
	return nil
}

// untilDeadline yields rows until the query's deadline passes. An iterator cannot return an error,
// so callers check DeadlineError after the loop.
func untilDeadline[R any](ctx context.Context, rows iter.Seq[R]) iter.Seq[R] {
	return func(yield func(R) bool) {
		n := 0
		rows(func(row R) bool {
			if n++; n%between == 1 && ctx.Err() != nil {
				return false
			}
			return yield(row)
		})
	}
}
