package audit

import (
	"testing"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/journal"
)

func TestWhatSaysThatThereIsAFurtherPage(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{
		`{"page":{"next":true}}`:      true,
		`{"page":{"next":"b64=="}}`:   true,
		`{"page":{"next":17}}`:        true,
		`{"page":{"next":false}}`:     false,
		`{"page":{"next":null}}`:      false,
		`{"page":{"next":""}}`:        false,
		`{"page":{}}`:                 false,
		`{"data":[{"next":"other"}]}`: false,
	} {
		c := &call{doc: &conduct.Document{}, entry: &journal.Entry{Answer: []byte(answer)}}
		c.doc.Pages.More = "/page/next"
		if got := c.more(); got != want {
			t.Errorf("%s: further page %v, want %v", answer, got, want)
		}
	}
}
