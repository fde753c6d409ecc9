package twenty

import (
	"fmt"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

func TestTypedOptionsAreReadOverHTTP(t *testing.T) {
	t.Parallel()
	const acme, ada, moon = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222",
		"33333333-3333-4333-8333-333333333333"
	srv := NewServer(t, fake.WithSeed("empty"),
		WithFields("company", Field{Name: "tier", Type: schema.Select, Options: []string{"GOLD", "SILVER"}}),
		WithCompanies(Company{ID: acme, Name: "Acme", DomainName: &Links{
			PrimaryLinkURL: "https://acme.example"}, Custom: Values{"tier": "GOLD"}}),
		WithPeople(Person{ID: ada, Name: &FullName{FirstName: "Ada", LastName: "Lovelace"},
			Emails: &Emails{PrimaryEmail: "ada@example.com"}, CompanyID: acme}),
		WithOpportunities(Opportunity{Name: "Engine", Stage: "MEETING", CompanyID: acme,
			Amount: &Currency{AmountMicros: 5_000_000, CurrencyCode: "GBP"}}),
		WithObjects(Object{NameSingular: "rocket", NamePlural: "rockets", Fields: []Field{
			{Name: "serial", Unique: true}, {Name: "thrust", Type: schema.Number}, {Name: "owner",
				RelatesTo: "company"}}}),
		WithRecords("rocket", Values{"id": moon, "name": "Moon", "serial": "R1", "thrust": 7, "ownerId": acme}))
	for _, want := range []struct{ path, part string }{
		{"companies/" + acme, `"tier":"GOLD"`},
		{"companies/" + acme, `"primaryLinkUrl":"https://acme.example"`},
		{"people/" + ada, `"firstName":"Ada"`},
		{"people?filter=companyId[eq]:" + acme, `"totalCount":1`},
		{"opportunities", `"amountMicros":5000000`},
		{"rockets/" + moon + "?depth=1", `"owner":{"id":"` + acme},
		{"rockets?filter=thrust[gt]:6", `"serial":"R1"`},
		{"companies/" + acme + "?depth=1", `"rockets":[{"name":"Moon","id":"` + moon},
	} {
		if status, body := ask(t, srv, Key, "GET /rest/"+want.path, ""); status != 200 ||
			!strings.Contains(strings.ReplaceAll(body, `": `, `":`), want.part) {
			t.Errorf("%s: %d without %s: %s", want.path, status, want.part, body)
		}
	}
}

// fatal is a test that records why it ended.
type fatal struct {
	fake.TB
	text string
}

func (f *fatal) Helper()                      {}
func (f *fatal) Fatalf(s string, args ...any) { f.text = fmt.Sprintf(s, args...); panic(f) }

func TestTypedOptionsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, option := range map[string]fake.Option{
		`no object "compny"; nearest: "company"`: WithRecords("compny", Values{}),
		`a record of company: company has no field "nmae"; nearest: "name"`: WithRecords("company",
			Values{"nmae": 1}),
		`INVALID_OBJECT_INPUT`: WithObjects(Object{NameSingular: "a b", NamePlural: "c d"}),
		`no object "moon"`:     WithFields("company", Field{Name: "x", RelatesTo: "moon"}),
		`NOT_AVAILABLE`:        WithFields("company", Field{Name: "name"}),
		`type must be one of`:  WithFields("company", Field{Name: "x", Type: "NOPE"}),

		`Invalid value "NOPE" for field "stage"`: WithOpportunities(Opportunity{Stage: "NOPE"}),
		`Invalid UUID value 'zz'`:                WithPeople(Person{CompanyID: "zz"}),
		`Invalid value 'tomorrow' for date-time`: WithOpportunities(Opportunity{CloseDate: "tomorrow"}),

		`twenty has no feature "as-documnted"`: fake.WithFeature("as-documnted", true),
		`twenty has no table "workspces" with rows of schema.Workspace; nearest: "workspaces"`: fake.WithRows(
			"workspces", schema.Workspace{}),
	} {
		tb := &fatal{TB: t}
		func() {
			defer func() {
				if p := recover(); p != nil && p != any(tb) {
					panic(p)
				}
			}()
			NewServer(tb, option)
		}()
		if !strings.Contains(tb.text, want) {
			t.Errorf("got %q, want %q", tb.text, want)
		}
	}
}
