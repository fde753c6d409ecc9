package bench_test

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// bigTable is a table of a fake that gets many rows.
type bigTable struct {
	name   string
	unique func(i, n int) []string // the texts that only the ith of n rows has
	page   func(row int) string    // target of a list of 50 rows from one on; nil if no list shows the table
	sorted []string                // targets of lists that build an index each when they are asked for again
}

var bigTables = map[string]bigTable{
	"kickflow": {name: "users", unique: func(i, n int) []string {
		return []string{fmt.Sprintf(`"00000000-0000-4000-8000-%012d"`, i), fmt.Sprintf(`"u%d"`, i),
			fmt.Sprintf(`"u%d@example.com"`, i*7919%n)}
	},
		page: func(row int) string { return fmt.Sprint("/v1/users?perPage=50&page=", row/50+1) },
		sorted: []string{"/v1/users?perPage=25&sortBy=email-desc", "/v1/users?perPage=25&status[]=suspended",
			"/v1/users?perPage=25&sortBy=fullName-asc"}},
	"twenty": {name: "record:person", unique: func(i, n int) []string {
		return []string{fmt.Sprintf("%q", personID(i)), fmt.Sprintf(`"p%d@example.com"`, i),
			fmt.Sprintf(`"F%d"`, i*7919%n)}
	},
		page: func(row int) string {
			cursor := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, `{"id":%q}`, personID(max(0, row-1))))
			return "/rest/people?limit=50&starting_after=" + cursor
		},
		sorted: []string{"/rest/people?limit=25&order_by=name.firstName",
			"/rest/people?limit=25&filter=jobTitle[eq]:J3",
			"/rest/people?limit=25&filter=emails.primaryEmail[eq]:%22p77@example.com%22"}},
	"flexcrm": {name: "flexdb/tbl_customer", unique: func(i, n int) []string {
		return []string{fmt.Sprintf(`"id":%d,`, firstCustomer+i), fmt.Sprintf(`"C%d"`, firstCustomer+i)}
	},
		page: func(row int) string { return fmt.Sprint("/flex/api/v1/flexdb/tbl_customer?limit=50&offset=", row) },
		sorted: []string{"/flex/api/v1/flexdb/tbl_customer?limit=25&order-by=name%20desc",
			"/flex/api/v1/flexdb/tbl_customer?limit=25&employees%3E=200&order-by=name%20desc",
			"/flex/api/v1/flexdb/tbl_customer?limit=25&customer_code%3D=C77"}},
	"flosum": {name: "backups", unique: func(i, n int) []string {
		return []string{fmt.Sprintf(`"id":%d,`, firstBackup+i)}
	}},
}

// manyRows is the number of rows of benchmarks of memory and loading.
func manyRows() int {
	if *million {
		return 1_000_000
	}
	return 100_000
}

// filledWorld is a server with one fake whose big table has rows that were created, not loaded.
type filledWorld struct {
	srv        *fake.Server
	world      *fake.World
	fake       string
	credential string
}

func newWorldOf(b *testing.B, name string) *filledWorld {
	b.Helper()
	for _, def := range mocks.All() {
		if def.Name != name {
			continue
		}
		srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, def)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(srv.Close)
		world, _ := srv.World("default")
		state, err := world.State(name)
		if err != nil {
			b.Fatal(err)
		}
		key := map[string]string{"kickflow": kickflow.AdminToken, "flexcrm": flexcrm.DemoKey}[name]
		return &filledWorld{srv, world, name, cmp.Or(key, def.Known(state)[0].Value)}
	}
	b.Fatal("no fake ", name)
	return nil
}

// create creates n rows.
func (w *filledWorld) create(b *testing.B, n int) {
	b.Helper()
	state, err := w.world.State(w.fake)
	if err != nil {
		b.Fatal(err)
	}
	switch w.fake {
	case "kickflow":
		err = fillKickflow(state, n)
	case "twenty":
		err = fillTwenty(w.srv.Handler(w.fake), w.credential, n)
	case "flexcrm":
		err = fillCustomers(state, n)
	case "flosum":
		err = fillBackups(state, n)
	}
	if err != nil {
		b.Fatal(err)
	}
}

// fillCustomers makes n customers.
func fillCustomers(s *fake.State, n int) error {
	for from := 0; from < n; from += 1000 {
		records := make([]map[string]any, 0, 1000)
		for i := from; i < min(n, from+1000); i++ {
			records = append(records, map[string]any{"customer_code": fmt.Sprint("C", firstCustomer+i),
				"name": fmt.Sprintf("株式会社青葉製作所%d", i%1000), "kana": "アオバセイサクショ",
				"tel": "022-000-0101", "mail": fmt.Sprintf("info%d@example.jp", i%1000), "employees": i % 500,
				"memo": "年度末に予算を見直す。"})
		}
		if err := flexcrm.Create(s, "tbl_customer", records...); err != nil {
			return err
		}
	}
	return nil
}

// firstCustomer is the number of the first row that the server numbers, and firstBackup leaves those of the seed alone.
const (
	firstCustomer = 13
	firstBackup   = 1000
)

func fillBackups(s *fake.State, n int) error {
	return s.Change(func() error {
		for i := range n {
			row := flosum.Backup{ID: int64(firstBackup + i), Name: fmt.Sprint("Backup ", i%100), JobID: int64(i),
				JobStatus: "Completed", StartedDate: fmt.Sprintf("2026-10-%02dT03:17:00.000Z", 1+i%28),
				Duration: "15360", Size: 112660000, Records: 8360, OperationType: "Composite Backup"}
			if _, err := fake.TableOf[flosum.Backup](s, "backups").Insert(row); err != nil {
				return err
			}
		}
		return nil
	})
}

// stateOf writes a state file of a fake whose big table has n rows more than the seed has.
func stateOf(b *testing.B, to io.Writer, name string, n int) {
	b.Helper()
	const samples = 100
	w, big := newWorldOf(b, name), bigTables[name]
	w.create(b, samples)
	tables, err := w.world.DumpFake(name)
	if err != nil {
		b.Fatal(err)
	}
	rows := tables[big.name]
	seeded := len(rows) - samples
	fmt.Fprintf(to, `{%q:{`, name)
	for table, all := range tables {
		if table == big.name {
			continue
		}
		text, err := json.Marshal(all)
		if err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(to, "%q:%s,\n", table, text)
	}
	fmt.Fprintf(to, "%q:[", big.name)
	for i := range seeded { // they own the credentials
		fmt.Fprintf(to, "%s,\n", rows[i])
	}
	for i := range n {
		text := string(rows[seeded+i%samples])
		own := big.unique(i, n)
		for j, sample := range big.unique(i%samples, samples) {
			text = strings.Replace(text, sample, own[j], 1)
		}
		if i > 0 {
			io.WriteString(to, ",\n")
		}
		io.WriteString(to, text)
	}
	io.WriteString(to, "]}}\n")
}

// ask sends a request to the fake's handler.
func (w *filledWorld) ask(b *testing.B, target string) {
	r := httptest.NewRequest("GET", target, nil)
	r.Header = headerOf(b, w.fake, w.credential)
	answer := httptest.NewRecorder()
	if w.srv.Handler(w.fake).ServeHTTP(answer, r); answer.Code != http.StatusOK {
		b.Fatalf("GET %s answers %d: %s", target, answer.Code, answer.Body)
	}
}
