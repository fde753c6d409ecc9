package coverage

import (
	"fmt"
	"slices"
	"strings"
)

// Lost returns the coverage that a change removed: operations with a case, recordings of
// operations, statuses and fields. An operation removed from the document is not a loss.
func Lost(before, now *Coverage) (lost []string) {
	for _, f := range before.Fakes {
		lost = append(lost, now.lostEvents(f)...)
		for _, was := range f.Operations {
			if is := now.operation(f.Name, was.ID, was.Root); is != nil {
				lost = append(lost, is.lost(f.Name, was)...)
			} else if was.Root != "" && now.operation(f.Name, was.ID, "") != nil {
				lost = append(lost, fmt.Sprintf("%s %s: no case touches it any more; it was in %s", f.Name, was.name(),
					was.Cases()[0]))
			}
		}
	}
	return lost
}

// lostEvents returns the events of a fake that no case compares any longer. A removed fake is not a
// loss.
func (c *Coverage) lostEvents(was *Fake) (lost []string) {
	for _, f := range c.Fakes {
		for _, event := range was.Events {
			if f.Name == was.Name && !slices.Contains(f.Events, event) {
				lost = append(lost, fmt.Sprintf("%s: no case compares a delivery of %s any more", f.Name, event))
			}
		}
	}
	return lost
}

func (c *Coverage) operation(fakeName, id, root string) *Operation {
	for _, f := range c.Fakes {
		for _, o := range f.Operations {
			if f.Name == fakeName && o.ID == id && o.Root == root {
				return o
			}
		}
	}
	return nil
}

// Operation returns the coverage of an operation, or nil if there is no such operation.
func (c *Coverage) Operation(fakeName, id string) *Operation { return c.operation(fakeName, id, "") }

// lost returns what an operation has lost.
func (o *Operation) lost(fakeName string, was *Operation) (lost []string) {
	say := func(format string, args ...any) {
		lost = append(lost, fmt.Sprintf("%s %s: ", fakeName, o.name())+fmt.Sprintf(format, args...))
	}
	switch {
	case len(was.Cases()) > 0 && len(o.Cases()) == 0:
		say("no case touches it any more; it was in %s", was.Cases()[0])
		return lost
	case len(was.Recorded) > 0 && len(o.Recorded) == 0:
		say("no recorded case touches it any more; it was in %s", was.Recorded[0])
	}
	for _, status := range was.Statuses {
		if !slices.Contains(o.Statuses, status) {
			say("no case shows status %d any more", status)
		}
	}
	for _, name := range was.Headers {
		if slices.Contains(o.Uncompared, name) {
			say("no case compares the header %s any more", name)
		}
	}
	var fields []string
	for _, field := range was.Fields {
		if !slices.Contains(o.Fields, field) {
			fields = append(fields, field)
		}
	}
	if len(fields) > 0 {
		say("no case shows the field %s any more", strings.Join(fields, ", "))
	}
	return lost
}
