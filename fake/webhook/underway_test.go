package webhook

import (
	"sync"
	"testing"
)

// Several goroutines may wait while deliveries begin and end.
func TestWaitingWhileDeliveriesBegin(t *testing.T) {
	t.Parallel()
	var u underway
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 2000 {
				u.Add(1)
				u.Done()
				<-u.none()
			}
		})
	}
	all.Wait()
	u.Add(1)
	idle := u.none()
	select {
	case <-idle:
		t.Fatal("a delivery is under way")
	default:
	}
	u.Done()
	<-idle
}
