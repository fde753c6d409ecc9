package twenty

import (
	"fmt"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

func TestThreadsAndEventsOfARecord(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	const company, person = "c0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000001"
	ask(t, srv, Key, "POST /rest/companies", `{"id":"`+company+`"}`)
	ask(t, srv, Key, "POST /rest/people", `{"id":"`+person+`","companyId":"`+company+`"}`)
	threads := func(of, id string, page, size int) string {
		return fmt.Sprintf(
			`{ getTimelineThreadsFrom%s(%s: %q, page: %d, pageSize: %d) { relatedPersonIds totalNumberOfThreads } }`,
			of, strings.ToLower(of[:1])+of[1:], id, page, size)
	}
	for _, c := range []struct{ name, token, query, want string }{
		{"of a company", tim, threads("CompanyId", company, 1, 10),
			`"relatedPersonIds":["` + person + `"],"totalNumberOfThreads":0`},
		{"of a person that there is not", tim, threads("PersonId", company, 1, 10),
			`"relatedPersonIds":["` + company + `"]`},
		{"page 0", tim, threads("PersonId", person, 0, 10), "OFFSET must not be negative"},
		{"a page of less than nothing", tim, threads("PersonId", person, 1, -1), "LIMIT must not be negative"},
		{"by a key", Key, threads("PersonId", person, 1, 10), "Forbidden resource"},
	} {
		_, body := ask(t, srv, c.token, "POST /graphql", fmt.Sprintf(`{"query":%q}`, c.query))
		if !strings.Contains(body, c.want) {
			t.Errorf("%s: %s", c.name, body)
		}
	}
	ask(t, srv, Key, "POST /rest/messageParticipants", `{"personId":"`+person+`"}`)
	if status, body := ask(t, srv, tim, "POST /graphql",
		fmt.Sprintf(`{"query":%q}`, threads("PersonId", person, 1, 10))); status != 501 {
		t.Errorf("with a participant: %d %s", status, body)
	}
}
