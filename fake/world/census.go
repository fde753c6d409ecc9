package world

// Census counts what the built fakes of a world hold.
type Census struct {
	Rows       map[string]int            // fake → rows
	Deliveries map[string]map[string]int // fake → state → webhook deliveries in the log
}

// Census counts rows and deliveries. Unlike Sizes it builds no fake.
func (w *World) Census() Census {
	c := Census{map[string]int{}, map[string]map[string]int{}}
	for s := range w.locked() {
		for name, t := range s.tables {
			if name[0] != '_' {
				c.Rows[s.fake.Name] += t.Len()
			}
		}
		byState := map[string]int{}
		for d := range s.mail.All() {
			byState[d.State]++
		}
		c.Deliveries[s.fake.Name] = byState
	}
	return c
}

// ReportBug counts a fault of the fakes' own and hands it to Options.Bug.
func (u *Worlds) ReportBug(err error) {
	u.bugs.Add(1)
	if u.options.Bug != nil {
		u.options.Bug(err)
	}
}

// Bugs returns how many faults of the fakes' own were reported: panics, failed jobs, answers that break the document.
func (u *Worlds) Bugs() int64 { return u.bugs.Load() }
