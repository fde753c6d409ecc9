package twenty

import (
	"net/url"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// grammarCase is a request and what its answer has to hold.
type grammarCase struct {
	name, req, body string
	want            int
	wantBody        string
}

// runGrammar sends each request to a new server with some records. The query of a request is
// written unescaped.
func runGrammar(t *testing.T, made []string, tests []grammarCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("empty"))
			for _, line := range made {
				path, body, _ := strings.Cut(line, " ")
				if status, text := ask(t, srv, Key, "POST "+path, body); status != 201 {
					t.Fatal(status, text)
				}
			}
			method, path, _ := strings.Cut(tt.req, " ")
			path, query, _ := strings.Cut(path, "?")
			var pairs []string
			for pair := range strings.SplitSeq(query, "&") {
				key, value, _ := strings.Cut(pair, "=")
				pairs = append(pairs, key+"="+url.QueryEscape(value))
			}
			status, text := ask(t, srv, Key, method+" "+path+"?"+strings.Join(pairs, "&"), tt.body)
			if status != tt.want || !strings.Contains(text, tt.wantBody) {
				t.Errorf("got %d %s\nwant %d with %s", status, text, tt.want, tt.wantBody)
			}
		})
	}
}

func TestGroupsAreReadAsTheVendorReadsThem(t *testing.T) {
	t.Parallel()
	const groups = "GET /rest/people/groupBy?group_by="
	made := []string{
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000001","name":"Acme",` +
			`"createdAt":"2026-01-01T22:30:00Z"}`,
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000002","name":"Gone",` +
			`"deletedAt":"2026-01-01T00:00:00Z"}`,
		`/rest/people {"id":"a0000000-0000-4000-8000-000000000001","jobTitle":"x",` +
			`"createdAt":"2026-06-17T12:00:00Z","companyId":"c0000000-0000-4000-8000-000000000001"}`,
		`/rest/people {"id":"a0000000-0000-4000-8000-000000000002","jobTitle":"y",` +
			`"createdAt":"2026-06-17T12:00:00Z","companyId":"c0000000-0000-4000-8000-000000000002"}`,
	}
	runGrammar(t, made, []grammarCase{
		{"a relation's id is that of a record that is there", groups + `[{"companyId":true}]`, "", 200,
			`[{"groupByDimensionValues":["c0000000-0000-4000-8000-000000000001"]},{"groupByDimensionValues":[null]}]`},
		{"the id of a target", groups + `[{"company":{"id":true}}]`, "", 200,
			`[{"groupByDimensionValues":["c0000000-0000-4000-8000-000000000001"]},{"groupByDimensionValues":[null]}]`},
		{"ids do not group", groups + `[{"id":true}]`, "", 400, `Field \"id\" is not supported in groupBy`},
		{"who made a record does not group", groups + `[{"createdBy":{"source":true}}]`, "", 400,
			`Field \"createdBy\" is not supported in groupBy`},
		{"fields of the system do not group", groups + `[{"avatarUrl":true}]`, "", 400,
			`Field \"avatarUrl\" is not supported in groupBy`},
		{"nor those of a target", "GET /rest/companies/groupBy?group_by=" + `[{"accountOwner":{"userEmail":true}}]`,
			"", 400, `Nested field \"userEmail\" is not supported in groupBy`},
		{"one field at a time", groups + `[{"jobTitle":true,"createdAt":true}]`, "", 400,
			`You cannot provide multiple fields in one GroupByInput`},
		{"one part at a time", groups + `[{"name":{"firstName":true,"lastName":true}}]`, "", 400,
			`You cannot provide multiple subfields in one GroupByInput`},
		{"one field of a target at a time", groups + `[{"company":{"name":true,"id":true}}]`, "", 400,
			`You cannot provide multiple nested fields in one relation GroupByInput`},
		{"an unknown part", groups + `[{"name":{"nope":true}}]`, "", 400,
			`Composite subfield \"nope\" is not supported in groupBy for \"name\"`},
		{"a part that is not asked for", groups + `[{"name":{"lastName":false}}]`, "", 400,
			`Composite subfield \"lastName\" must be set to true in groupBy for \"name\"`},
		{"a list of parts", groups + `[{"emails":{"additionalEmails":true}}]`, "", 400,
			`Composite subfield \"additionalEmails\" is not supported in groupBy for \"emails\"`},
		{"an unknown field of a target", groups + `[{"company":{"nope":true}}]`, "", 400,
			`Nested field \"nope\" not found in target object \"company\"`},
		{"a relation of a target", groups + `[{"company":{"accountOwner":true}}]`, "", 400,
			`Cannot group by a relation field of the relation field: \"accountOwner\" is a relation field of ` +
				`\"company\"`},
		{"a composite field of a target needs a part", groups + `[{"company":{"address":true}}]`, "", 400,
			`Composite field \"address\" requires a subfield to be specified`},
		{"a field that is not asked for", groups + `[{"jobTitle":false}]`, "", 400,
			`Invalid groupBy definition for field \"jobTitle\"`},
		{"weeks begin on a Monday, whatever other day is asked for",
			groups + `[{"createdAt":{"granularity":"WEEK","timeZone":"UTC","weekStartDay":"TUESDAY"}}]`, "", 200,
			`["2026-06-15"]`},
		{"but for Sunday", groups + `[{"createdAt":{"granularity":"WEEK","timeZone":"UTC","weekStartDay":"SUNDAY"}}]`,
			"", 200, `["2026-06-14"]`},
		{"and Saturday", groups + `[{"createdAt":{"granularity":"WEEK","timeZone":"UTC","weekStartDay":"SATURDAY"}}]`,
			"", 200, `["2026-06-13"]`},
		{"a target's times are cut in UTC", groups +
			`[{"company":{"createdAt":{"granularity":"DAY","timeZone":"Asia/Tokyo"}}}]`, "", 200, `["2026-01-01"]`},
		{"and need no zone", groups + `[{"company":{"createdAt":{"granularity":"DAY"}}}]`, "", 200, `["2026-01-01"]`},
		{"two periods of a time are not ambiguous",
			groups +
				`[{"createdAt":{"granularity":"DAY","timeZone":"UTC"}},` +
				`{"createdAt":{"granularity":"YEAR","timeZone":"UTC"}}]&include_records_sample=true`, "", 200,
			`"groupByDimensionValues":["2026-06-17","2026-01-01"]`},
		{"an order names groups", groups + `[{"jobTitle":true}]&order_by=[{"city":"AscNullsFirst"}]`, "", 400,
			`{"statusCode":400,"error":"UserInputError","messages":["Cannot orderBy unknown field: city."]}`},
		{"by fields that group", groups + `[{"jobTitle":true}]&order_by=[{"avatarUrl":"AscNullsFirst"}]`, "", 400,
			`Cannot order by a field that is not an aggregate nor in groupBy criteria: avatarUrl.`},
		{"by parts that group", groups +
			`[{"name":{"firstName":true}}]&order_by=[{"name":{"lastName":"AscNullsFirst"}}]`, "", 400,
			`Cannot order by a field that is not in groupBy or that is not an aggregate field: lastName`},
		{"by targets that group", groups + `[{"jobTitle":true}]&order_by=[{"company":{"name":"AscNullsFirst"}}]`, "",
			400,
			`{"statusCode":400,"error":"UserInputError",` +
				`"messages":["Cannot order by a relation field that is not in groupBy criteria: company.name"]}`},
		{"by periods that group", groups +
			`[{"createdAt":{"granularity":"DAY",` +
			`"timeZone":"UTC"}}]&order_by=[{"createdAt":{"orderBy":"AscNullsFirst","granularity":"YEAR"}}]`, "", 400,
			`Cannot order by a date granularity that is not in groupBy criteria: YEAR`},
		{"by figures that there are", groups + `[{"jobTitle":true}]&order_by=[{"aggregate":{"nope":"AscNullsFirst"}}]`,
			"", 400, `Unknown aggregate field: nope`},
		{"one key at a time", groups +
			`[{"jobTitle":true}]&order_by=[{"jobTitle":"AscNullsFirst","createdAt":"AscNullsFirst"}]`, "", 400,
			`Please provide orderBy field criteria one by one in orderBy array`},
		{"with a direction", groups + `[{"jobTitle":true}]&order_by=[{"jobTitle":"up"}]`, "", 400,
			`Unknown orderBy value: up`},
	})
}

func TestFiltersAreReadAsTheVendorReadsThem(t *testing.T) {
	t.Parallel()
	made := []string{
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000001","name":"50%_off","position":12}`,
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000002","name":"500 off",` +
			`"position":13,"annualRevenue":{"currencyCode":"EUR"}}`,
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000003","position":1}`,
	}
	runGrammar(t, made, []grammarCase{
		{"the beginning of a text is no pattern", `GET /rest/companies?filter=name[startsWith]:"50%"`, "", 200,
			`"totalCount":1`},
		{"nor is its end", `GET /rest/companies?filter=name[endsWith]:"_off"`, "", 200, `"totalCount":1`},
		{"NULL begins with nothing", `GET /rest/companies?filter=name[startsWith]:""`, "", 200, `"totalCount":2`},
		{"an empty text is NULL", `GET /rest/companies?filter=name[eq]:""`, "", 200, `"totalCount":1`},
		{"but not of a currency", `GET /rest/companies?filter=annualRevenue.currencyCode[eq]:""`, "", 200,
			`"totalCount":0`},
		{"where any pattern wants a text", `GET /rest/companies?filter=annualRevenue.currencyCode[like]:"%"`, "", 200,
			`"totalCount":1`},
		{"a number is what a text begins with", `GET /rest/companies?filter=position[eq]:" 12 pieces"`, "", 200,
			`"totalCount":1`},
		{"not in another base", `GET /rest/companies?filter=position[gt]:0xC`, "", 200, `"totalCount":3`},
		{"and finite", `GET /rest/companies?filter=position[lt]:Infinity`, "", 400,
			`Invalid number value Infinity for field \"position\"`},
		{"a direction ends at its bracket", `GET /rest/companies?order_by=name[AscNullsFirst]x`, "", 400,
			`'order_by' direction 'AscNullsFirstx' invalid`},
	})
}

func TestDataIsCheckedAsTheVendorChecksIt(t *testing.T) {
	t.Parallel()
	made := []string{
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000001","name":"Acme",` +
			`"domainName":{"primaryLinkUrl":"https://acme.example"}}`,
		`/rest/people {"id":"a0000000-0000-4000-8000-000000000001","emails":{"primaryEmail":"ada@x.example"}}`,
	}
	const local = "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"
	runGrammar(t, made, []grammarCase{
		{"what has no default is not cleared", "POST /rest/messageParticipants", `{"messageId":null}`, 400,
			`Field messageId is not nullable and has no default value.`},
		{"a composite field is no text", "POST /rest/people", `{"name":"x"}`, 400,
			`Invalid object value 'x' for field \"name\"`},
		{"nor the text of an object", "POST /rest/people", `{"name":"{}"}`, 400,
			`Invalid subfield 0 for full name field \"name\"`},
		{"JSON may come as text", "POST /rest/timelineActivities", `{"properties":"{\"a\":[1]}"}`, 201,
			`"properties":{"a":[1]}`},
		{"but not any text", "POST /rest/timelineActivities", `{"properties":"a"}`, 400,
			`Invalid object value 'a' for field \"properties\"`},
		{"more links are no number", "POST /rest/companies", `{"domainName":{"secondaryLinks":5}}`, 400,
			`Invalid object value 5 for field \"domainName.secondaryLinks\"`},
		{"nor are more phones", "POST /rest/people", `{"phones":{"additionalPhones":true}}`, 400,
			`Invalid object value true for field \"phones.additionalPhones\"`},
		{"an address has 64 characters before the @", "POST /rest/people",
			`{"emails":{"primaryEmail":"` + local + `@x.example"}}`, 201, local},
		{"and no more", "POST /rest/people", `{"emails":{"primaryEmail":"a` + local + `@x.example"}}`, 400,
			`for email field \"emails.primaryEmail\"`},
		{"brackets pass", "POST /rest/people", `{"emails":{"primaryEmail":"A@[127.0.0.1]"}}`, 201,
			`"primaryEmail":"a@[127.0.0.1]"`},
		{"data for duplicates is tidied", "POST /rest/people/duplicates",
			`{"data":[{"emails":{"primaryEmail":"ADA@X.example"}}]}`, 200, `"totalCount":1`},
		{"links too", "POST /rest/companies/duplicates",
			`{"data":[{"domainName":{"primaryLinkUrl":"HTTPS://Acme.example/"}}]}`, 200, `"totalCount":1`},
		{"the record itself is none", "POST /rest/companies/duplicates",
			`{"data":[{"id":"c0000000-0000-4000-8000-000000000001","name":"Acme"}]}`, 200, `"totalCount":0`},
		{"data for duplicates is checked", "POST /rest/people/duplicates", `{"data":[{"nope":1}]}`, 400,
			`Object person doesn't have any \"nope\" field.`},
		{"a filter given twice is none", "GET /rest/companies?filter=name[eq]:x&filter=name[eq]:y", "", 200,
			`"totalCount":1`},
		{"an order given twice is none", "GET /rest/companies?order_by=nope&order_by=nope", "", 200, `"totalCount":1`},
		{"no limit is too high", "GET /rest/companies?limit=Infinity", "", 200, `"totalCount":1`},
	})
}

func TestAnUpsertKeepsTheIDOfTheRecordItFinds(t *testing.T) {
	t.Parallel()
	made := []string{
		`/rest/people {"id":"a0000000-0000-4000-8000-000000000001","emails":{"primaryEmail":"ada@x.example"}}`,
		`/rest/people {"id":"a0000000-0000-4000-8000-000000000002","emails":{"primaryEmail":"bob@x.example"}}`,
	}
	runGrammar(t, made, []grammarCase{
		{"found by a unique value", "POST /rest/people?upsert=true",
			`{"id":"a0000000-0000-4000-8000-000000000009","emails":{"primaryEmail":"ADA@x.example"},"jobTitle":"x"}`,
			201, `{"data":{"createPerson":{"id":"a0000000-0000-4000-8000-000000000001"`},
		{"two records are one too many", "POST /rest/people?upsert=true",
			`{"id":"a0000000-0000-4000-8000-000000000001","emails":{"primaryEmail":"bob@x.example"}}`, 400,
			`"messages":["Multiple records found with the same unique field values for id (id: ` +
				`a0000000-0000-4000-8000-000000000001); emails (emails.primaryEmail: bob@x.example). Cannot ` +
				`determine which record to update."]`},
	})
}

func TestRecordsMergeInTheOrderOfTheRequest(t *testing.T) {
	t.Parallel()
	const a, b, c = "a0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000002",
		"a0000000-0000-4000-8000-000000000003"
	made := []string{
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000001"}`,
		`/rest/companies {"id":"c0000000-0000-4000-8000-000000000002"}`,
		`/rest/people {"id":"` + a +
			`","jobTitle":" ","companyId":"c0000000-0000-4000-8000-000000000001",` +
			`"emails":{"primaryEmail":"a1@x.example","additionalEmails":["a2@x.example"]}}`,
		`/rest/people {"id":"` + b +
			`","jobTitle":"b","companyId":"c0000000-0000-4000-8000-000000000002",` +
			`"emails":{"primaryEmail":"b1@x.example","additionalEmails":["b2@x.example"]}}`,
		`/rest/people {"id":"` + c + `","emails":{"primaryEmail":"c1@x.example","additionalEmails":["c2@x.example"]}}`,
	}
	ask := func(ids, index string) string { return `{"ids":[` + ids + `],"conflictPriorityIndex":` + index + `}` }
	runGrammar(t, made, []grammarCase{
		{"lists record by record", "PATCH /rest/people/merge", ask(`"`+b+`","`+c+`"`, "1"), 200,
			`"emails":{"primaryEmail":"c1@x.example","additionalEmails":["b1@x.example","b2@x.example",` +
				`"c2@x.example"]}`},
		{"blanks are no value", "PATCH /rest/people/merge", ask(`"`+a+`","`+b+`"`, "0"), 200, `"jobTitle":"b"`},
		{"a relation that one has is taken", "PATCH /rest/people/merge", ask(`"`+a+`","`+c+`"`, "1"), 200,
			`"companyId":"c0000000-0000-4000-8000-000000000001"`},
		{"one that two have is not", "PATCH /rest/people/merge", ask(`"`+a+`","`+b+`","`+c+`"`, "2"), 200,
			`"companyId":null`},
		{"a record merges once", "PATCH /rest/people/merge", ask(`"`+a+`","`+a+`"`, "0"), 404, `Record not found`},
		{"there are at most nine", "PATCH /rest/people/merge", ask(strings.Repeat(`"`+a+`",`, 9)+`"`+b+`"`, "0"), 400,
			`Maximum 9 records can be merged at once`},
		{"an upsert of one record twice answers it once", "POST /rest/batch/people?upsert=true",
			`[{"id":"` + a + `","jobTitle":"x"},{"id":"` + a + `","avatarUrl":"y"}]`, 201, `"jobTitle":"x"`},
	})
}

func TestNumbersAreThoseOfTheDatabase(t *testing.T) {
	t.Parallel()
	runGrammar(t, []string{`/rest/noteTargets {"position":5,"id":"b2000000-0000-4000-8000-000000000001"}`},
		[]grammarCase{
			{"the first position is 0 or lower", "POST /rest/batch/companies", `[{"name":"a","position":5},` +
				`{"name":"b"}]`,
				201, `"position":0,`},
			{"the last one 2 or higher", "POST /rest/companies", `{"position":"last"}`, 201, `"position":2,`},
			{"behind all others", "POST /rest/noteTargets", `{"position":"last"}`, 201, `"position":6,`},
			{"no position is infinite", "POST /rest/companies", `{"position":1e999}`, 400,
				`Invalid position value Infinity for field \"position\"`},
			{"nor is money", "POST /rest/opportunities", `{"amount":{"amountMicros":1e999}}`, 400,
				`Invalid number value Infinity for field \"amount.amountMicros\"`},
			{"the editor's text is JSON", "POST /rest/notes", `{"bodyV2":{"blocknote":"x"}}`, 400,
				`Invalid blocknote value for field \"bodyV2.blocknote\" - must contain valid JSON`},
			{"and a list", "POST /rest/notes", `{"bodyV2":{"blocknote":"{}"}}`, 400,
				`Invalid blocknote value for field \"bodyV2.blocknote\" - must be a JSON array of blocks`},
			{"an empty one is none", "POST /rest/notes", `{"bodyV2":{"blocknote":""}}`, 201,
				`"bodyV2":{"blocknote":null,"markdown":""}`},
		})
}
