package flexcrm_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// TestParallelWriters checks that each record gets its own number and that concurrent readers see
// complete records.
func TestParallelWriters(t *testing.T) {
	t.Parallel()
	srv := flexcrm.NewServer(t)
	const writers, each = 8, 15
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				post("/flexdb/tbl_deal", fmt.Sprintf("title=w%d-%d&customer=C-0001&amount=%d", w, i, i)).must(t, srv,
					nil)
				var deals list
				get("/flexdb/tbl_deal?customer_name=青葉&order-by=amount%20desc&title=w").must(t, srv, &deals)
				put("/flexdb/tbl_deal/1", fmt.Sprintf("amount=%d", i)).must(t, srv, nil)
			}
		})
	}
	wg.Wait()
	var all list
	get("/flexdb/tbl_deal?title=w&limit=1000&order-by=deal_no").must(t, srv, &all)
	if all.MaxCount != writers*each {
		t.Fatalf("%d records", all.MaxCount)
	}
	for i, rec := range all.Data {
		if want := float64(13 + i); rec["id"] != want || rec["deal_no"] != want {
			t.Fatalf("record %d has the numbers %v and %v", i, rec["id"], rec["deal_no"])
		}
	}
}
