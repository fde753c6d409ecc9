package record

// place finds the positions that changes leave open: the first is one before all, the last one behind all.
// Changes whose position had to be found come first, as the vendor puts them.
func (s *Scope) place(changes []*change) []*change {
	l := s.Layout(s.Model)
	c := l.byPath["position"]
	if c == nil {
		return changes
	}
	var first, last, fixed []*change
	for _, ch := range changes {
		_, given := ch.set[c]
		switch {
		case ch.position == "kept":
			first = append(first, ch)
		case ch.position == "last":
			last = append(last, ch)
		case ch.position == "first" || !given:
			first = append(first, ch)
		default:
			fixed = append(fixed, ch)
		}
	}
	least, greatest, some := s.positions()
	for _, ch := range fixed {
		p := ch.set[c].(float64)
		if !some {
			least, greatest, some = p, p, true
		}
		least, greatest = min(least, p), max(greatest, p)
	}
	if !some {
		least, greatest = 1, 0
	}
	next := least - 1
	for _, ch := range first {
		if ch.position != "kept" {
			ch.set[c] = next
			next--
		}
	}
	for i, ch := range last {
		ch.set[c] = greatest + 1 + float64(i)
	}
	return append(append(first, last...), fixed...)
}

// positions are the least and the greatest of the live records.
func (s *Scope) positions() (least, greatest float64, some bool) {
	t := s.Table(s.Model)
	if t == nil {
		return 0, 0, false
	}
	for row := range t.Rows() {
		p, ok := row.Value.at(row.Value.layout.fixed.position).(float64)
		if !ok || row.Value.Deleted() {
			continue
		}
		if !some {
			least, greatest, some = p, p, true
		}
		least, greatest = min(least, p), max(greatest, p)
	}
	return least, greatest, some
}
