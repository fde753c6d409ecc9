package world

import (
	"github.com/afba07b5/mockserver/fake/webhook"
	"github.com/afba07b5/mockserver/unfriendly"
)

// varyDelivery returns how many times a new delivery is sent now: once, unless the world is
// unfriendly. A job sends late deliveries.
func (s *State) varyDelivery(d *webhook.Delivery) (times int) {
	late, twice, applied := unfriendly.Delivery(s.world.Settings().Unfriendly, s.mail.Len()+s.mailDropped)
	d.Unfriendly = applied
	switch {
	case late > 0:
		d.State = "waiting"
		s.ScheduleJob(s.Now().Add(late), deliverJob, d.ID)
		return 0
	case twice:
		return 2
	}
	return 1
}
