package twenty

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestACursorGoesWithAnOrderThatHasItsKeys takes every set of order keys with every set of cursor keys.
func TestACursorGoesWithAnOrderThatHasItsKeys(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const id = `"id":"c0000000-0000-4000-8000-000000000001"`
	if status, text := ask(t, srv, Key, "POST /rest/companies",
		`{`+id+`,"name":"b","position":2,"address":{"addressCity":"Oslo"}}`); status != 201 {
		t.Fatal(text)
	}
	orders := []string{"name", "position", "address.addressCity", "annualRevenue.amountMicros"}
	values := []string{`"name":"a"`, `"position":1`, `"address":{"addressCity":"A"}`,
		`"annualRevenue":{"amountMicros":1}`}
	for have := range 1 << len(orders) {
		for want := range 1 << len(values) {
			path := "GET /rest/companies?order_by=" + strings.Join(subset(orders, have), ",")
			if have == 0 {
				path = "GET /rest/companies?limit=5"
			}
			cursor := "{" + strings.Join(append(subset(values, want), id), ",") + "}"
			status, text := ask(t, srv, Key,
				path+"&starting_after="+url.QueryEscape(base64.StdEncoding.EncodeToString([]byte(cursor))), "")
			refused := status == 400 && strings.Contains(text, `"messages":["Invalid cursor"],"code":"INVALID_CURSOR"`)
			if fits := want&^have == 0; fits == refused || fits && status != 200 {
				t.Errorf("order %v, cursor %s: %d %s", subset(orders, have), cursor, status, text)
			}
		}
	}
}

// subset returns the items whose bits are set.
func subset(items []string, bits int) (out []string) {
	for i, item := range items {
		if bits>>i&1 == 1 {
			out = append(out, item)
		}
	}
	return out
}

// TestRelationsOfARelatedRecordNeedItsDeletedAt asks at two hops with deletedAt at either, both or none.
func TestRelationsOfARelatedRecordNeedItsDeletedAt(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	for _, line := range []string{
		`POST /rest/companies {"id":"c0000000-0000-4000-8000-000000000001","name":"Acme",` +
			`"accountOwnerId":"7e621cf3-9e2d-4eb4-bac4-58a9f3dad274"}`,
		`POST /rest/people {"id":"a0000000-0000-4000-8000-000000000001",` +
			`"companyId":"c0000000-0000-4000-8000-000000000001"}`,
		`POST /rest/noteTargets {"targetPersonId":"a0000000-0000-4000-8000-000000000001"}`,
	} {
		method, rest, _ := strings.Cut(line, " ")
		path, body, _ := strings.Cut(rest, " ")
		if status, text := ask(t, srv, Key, method+" "+path, body); status != 201 {
			t.Fatal(text)
		}
	}
	for bits := range 4 {
		deletedAt := []string{"", ""}
		for i := range deletedAt {
			if bits>>i&1 == 1 {
				deletedAt[i] = "deletedAt "
			}
		}
		query :=
			fmt.Sprintf(`{"query":"{noteTargets{edges{node{targetPerson{%scompany{%sname accountOwner{userEmail} `+
				`people{totalCount}}}}}}}"}`, deletedAt[0], deletedAt[1])
		_, text := ask(t, srv, Key, "POST /graphql", query)
		want := `"company":null`
		switch bits {
		case 1:
			want = `"company":{"name":"Acme","accountOwner":null,"people":{"totalCount":0}}`
		case 3:
			want = `"company":{"deletedAt":null,"name":"Acme","accountOwner":{"userEmail":"tim@acme.test"},` +
				`"people":{"totalCount":1}}`
		}
		if !strings.Contains(text, want) {
			t.Errorf("deletedAt %q: got %s, want %s", deletedAt, text, want)
		}
	}
}

// TestARefusedUpsertKeepsWhatItChangedBefore: the server has no transaction around the rows of an upsert.
func TestARefusedUpsertKeepsWhatItChangedBefore(t *testing.T) {
	t.Parallel()
	const (
		one, two = `"id":"a0000000-0000-4000-8000-000000000001"`, `"id":"a0000000-0000-4000-8000-000000000002"`
		missing  = `"companyId":"ffffffff-ffff-4fff-8fff-ffffffffffff"`
	)
	graph := func(data string) string {
		data = strings.NewReplacer(`"id"`, "id", `"jobTitle"`, "jobTitle", `"companyId"`, "companyId", `"`,
			`\"`).Replace(data)
		return `{"query":"mutation{createPeople(data:` + data + `,upsert:true){id}}"}`
	}
	for _, tt := range []struct {
		name, data string
		kept       bool
	}{
		{"the second row is refused", `[{` + one + `,"jobTitle":"new"},{` + two + `,` + missing + `}]`, true},
		{"a new row is refused", `[{` + missing + `},{` + one + `,"jobTitle":"new"}]`, true},
		{"the first row is refused", `[{` + two + `,` + missing + `},{` + one + `,"jobTitle":"new"}]`, false},
		{"the data of a later row is wrong", `[{` + one + `,"jobTitle":"new"},{` + two + `,"jobTitle":5}]`, false},
	} {
		for req, body := range map[string]string{"POST /rest/batch/people?upsert=true": tt.data,
			"POST /graphql": graph(tt.data)} {
			t.Run(tt.name+req, func(t *testing.T) {
				t.Parallel()
				srv := NewServer(t, fake.WithSeed("empty"))
				ask(t, srv, Key, "POST /rest/batch/people", `[{`+one+`,"jobTitle":"old"},{`+two+`,"jobTitle":"old"}]`)
				if status, text := ask(t, srv, Key, req, body); status != 400 && !strings.Contains(text, `"errors"`) {
					t.Fatal(status, text)
				}
				_, text := ask(t, srv, Key, "GET /rest/people", "")
				if got := strings.Contains(text, `"jobTitle":"new"`); got != tt.kept {
					t.Errorf("kept is %v, want %v: %s", got, tt.kept, text)
				}
			})
		}
	}
}

// TestWritesThatSystemObjectsRefuse tries every write of members, versions and runs, in both faces.
func TestWritesThatSystemObjectsRefuse(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const (
		member = `Entity performing the request does not have permission`
		away   = `Please use /deleteUserFromWorkspace to remove a workspace member.`
		no     = `Method not allowed.`
		user   = `User id is required`
		gone   = `ffffffff-ffff-4fff-8fff-ffffffffffff`
	)
	for _, tt := range []struct{ req, body, want string }{
		{"POST /rest/workspaceMembers", `{}`, member}, {"POST /rest/batch/workspaceMembers", `[{}]`, member},
		{"PATCH /rest/workspaceMembers?filter=id[eq]:" + gone, `{}`, member},
		{"DELETE /rest/workspaceMembers/" + gone, "", member},
		{"DELETE /rest/workspaceMembers/" + gone + "?soft_delete=true", "", away},
		{"DELETE /rest/workspaceMembers?filter=id[eq]:" + gone, "", member},
		{"PATCH /rest/restore/workspaceMembers?filter=id[eq]:" + gone, "", member},
		{"POST /rest/workflowVersions", `{}`, no}, {"POST /rest/workflowRuns", `{}`, no},
		{"PATCH /rest/workflowRuns/" + gone, `{}`, no},
		{"DELETE /rest/workflowRuns/" + gone + "?soft_delete=true", "", no},
		{"PATCH /rest/workflowVersions?filter=id[eq]:" + gone, `{}`, no}, {"POST /rest/blocklists", `{}`, user},
		{"PATCH /rest/blocklists/" + gone, `{}`, user},
		{"POST /graphql", `{"query":"mutation{deleteWorkspaceMember(id:\"` + gone + `\"){id}}"}`, away},
		{"POST /graphql", `{"query":"mutation{createBlocklist(data:{handle:\"x\"}){id}}"}`, user},
	} {
		if status, text := ask(t, srv, Key, tt.req, tt.body); !strings.Contains(text, tt.want) ||
			slices.Contains([]int{201, 404, 500}, status) {
			t.Errorf("%s: %d %s, want %s", tt.req, status, text, tt.want)
		}
	}
}

func TestWhatTheDatabaseRefusesOfAChange(t *testing.T) {
	t.Parallel()
	made := []string{`/rest/companies {"id":"c0000000-0000-4000-8000-000000000001","name":"Acme"}`}
	const one = "PATCH /rest/companies/c0000000-0000-4000-8000-000000000001"
	runGrammar(t, made, []grammarCase{
		{"a time of making cannot be cleared", one, `{"createdAt":null}`, 400,
			`null value in column \"createdAt\" of relation \"company\" violates not-null constraint`},
		{"nor that of the last change", one, `{"updatedAt":null}`, 400,
			`null value in column \"updatedAt\" of relation \"company\" violates not-null constraint`},
		{"nor who made it", one, `{"createdBy":{"name":null}}`, 400,
			`null value in column \"createdByName\" of relation \"company\" violates not-null constraint`},
		{"nor by an empty text", one, `{"createdBy":{"name":""}}`, 400,
			`null value in column \"createdByName\" of relation \"company\" violates not-null constraint`},
		{"the context of who changes stays", one, `{"updatedBy":{"name":"x","context":{"a":1}}}`, 200,
			`"updatedBy":{"source":"API","workspaceMemberId":null,"name":"recorder","context":{"a":1}}`},
		{"a relation may be missing whatever the metadata say", "POST /rest/messageListMembers", `{}`, 201,
			`"personId":null`},
	})
}

// TestABatchOfWhatIsNoObject sends lists of other values as records. Lists and texts are as in kind_entrance_bodies of
// one record; null is inferred from the vendor's public source.
func TestABatchOfWhatIsNoObject(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	for _, c := range []struct{ data, want string }{
		{`["x"]`, "Cannot create property 'position' on string 'x'"},
		{`[{},5]`, "Cannot create property 'position' on number '5'"},
		{`["x",null]`, "Cannot read properties of null (reading 'id')"},
		{`[["x"]]`, `Object company doesn't have any \"0\" field.`},
		{`[[],{}]`, `"name":""`},
	} {
		if _, body := ask(t, srv, Key, "POST /rest/batch/companies", c.data); !strings.Contains(body, c.want) {
			t.Errorf("%s: %s", c.data, body)
		}
		if _, body := ask(t, srv, Key, "POST /graphql", `{"query":"mutation($d:X){createCompanies(data:$d){name}}",`+
			`"variables":{"d":`+c.data+`}}`); !strings.Contains(body, c.want) {
			t.Errorf("%s over GraphQL: %s", c.data, body)
		}
	}
}
