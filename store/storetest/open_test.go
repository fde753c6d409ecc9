package storetest

import (
	"fmt"
	"testing"

	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/store"
)

// BenchmarkOpen measures what a node needs until it has a world whose fakes are all in use: soon after a
// snapshot, and with a hundred changes behind it.
func BenchmarkOpen(b *testing.B) {
	for _, changes := range []int{0, 100} {
		b.Run(fmt.Sprintf("changes=%d", changes), func(b *testing.B) {
			url, _ := startEngine(b)
			n := startNode(b, store.Options{URL: url, SnapshotEvery: 40})
			u := used{n, n.makeWorld("used")}
			for i := range 40 {
				u.write(i)
			}
			n.stop()
			u.node = startNode(b, store.Options{URL: url, SnapshotEvery: 1000})
			for i := range changes {
				u.write(40 + i)
			}
			u.stop()
			n = startNode(b, store.Options{URL: url})
			since := cpu.Time()
			for b.Loop() {
				w := n.srv.Find("used")
				if w == nil {
					b.Fatal("the world is not found")
				}
				n.srv.Evict(w, false)
			}
			b.ReportMetric(float64((cpu.Time()-since).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
		})
	}
}

// used is a world of which all fakes are in use.
type used struct {
	*node
	made
}

// write writes to one fake after the other.
func (u used) write(i int) {
	u.t.Helper()
	value := func(fake string) string { return u.Credentials[fake][0].Value }
	switch i % 4 {
	case 0:
		u.must(nil, "POST", kickflow, userBody(i), bearer, "Bearer "+value("kickflow"))
	case 1:
		u.must(nil, "POST", "/twenty/rest/companies", fmt.Sprintf(`{"name":"C%d"}`, i), bearer,
			"Bearer "+value("twenty"))
	case 2:
		u.must(nil, "POST", flexRecords, fmt.Sprintf(`{"name":"K%d","customer_code":"K%d"}`, i, i),
			"X-FlexCRM-API-KEY", value("flexcrm"))
	case 3:
		u.must(nil, "PUT", flosum+"/settings", fmt.Sprintf(`{"isBackupsDisabled":false,`+
			`"isArchivesDisabled":false,"initialBinaryRecordsLimit":%d}`, i), bearer, "Bearer "+value("flosum"))
	}
}
