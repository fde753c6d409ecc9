package fake

import "time"

// Limit sets a deadline for the work on a request. After it, the Err of its HTTP.Context reports
// the timeout. There is no timer and Done is not closed, so long work has to check Err now and
// then.
func (r *Request) Limit(d time.Duration) { r.carrier.end = time.Now().Add(d) }
