package explain_test

import "strings"

var kickflowBroken = []broken{
	{
		name: "a missing name and a level that is no number", fake: "kickflow", as: "admin",
		request: "POST /v1/grades", body: `{"level":"x","code":"C9"}`,
		rules:   []string{"body level: value must be an integer", `property "name" is missing`},
		satisfy: []string{"an integer", "a string"},
		changes: []string{`body level = 1 instead of "x"`, "with body name = "}, status: 200,
	},
	{
		name: "no credential, an unknown status, a path of its own", fake: "kickflow",
		request: "GET /v1/tickts?status=activ",
		rules:   []string{"no operation has this path and method", "", "query status.0: value is not one of"},
		satisfy: []string{"/v1/tickets", "header Authorization", "one of: draft, in_progress"},
		changes: []string{`path = "/v1/tickets" instead of "/v1/tickts"`, `query status = "draft"`,
			"with header Authorization"}, status: 200,
	},
}

var flexcrmBroken = []broken{
	{
		name: "a table, a limit and an order that are not there", fake: "flexcrm", as: "admin",
		request: "GET /flex/api/v1/flexdb/tbl_custmer?limit=x&order-by=nope",
		rules:   []string{`no table "tbl_custmer"`, "limit is a number of rows", `tbl_customer has no field "nope"`},
		satisfy: []string{"tbl_customer", "query limit", "query order-by"},
		changes: []string{`path table_id = "tbl_customer" instead of "tbl_custmer"`, "query limit = ",
			"query order-by = "}, status: 200,
	},
}

var flosumBroken = []broken{
	{
		name: "an unknown connection, lists that are missing, a wrong order", fake: "flosum", as: "ada",
		request: "GET /api/v1/connections/999/backups?page=0&limit=1000&order=up",
		rules: []string{"query page: number must be at least 1", "query types: value is required",
			"query statuses: value is required", "query order", `no row "999"`},
		satisfy: []string{"an integer of at least 1", "a list of: one of: full",
			"a list of: one of: In Progress", "one of: ASC, DESC", "a row that is in connections, such as 1"},
		changes: []string{`path connectionId = "1"`, "query page", "query order", "query types",
			"query statuses"}, status: 200,
	},
}

var twentyBroken = []broken{
	{
		name: "a misspelt object and fields that it does not have", fake: "twenty", as: "recorder",
		request: "POST /rest/companys", body: `{"nmae":"x","staff":"many"}`,
		rules: []string{"paths name objects by their plural", "the data does not fit the fields",
			"the data does not fit the fields"},
		satisfy: []string{
			`path objects = "companies" instead of "companys"`, `body nmae called "name"`, "without body staff",
		},
		changes: []string{`path objects = "companies"`, `body nmae called "name"`, "without body staff"}, status: 201,
	},
	{
		name: "a document with a misspelt root field and argument", fake: "twenty", as: "recorder",
		request: "POST /graphql", body: `{"query":"{ companys(frist: 2) { edges { node { id } } } }"}`,
		rules:   []string{`Cannot query field "companys"`, "Argument not allowed: frist"},
		satisfy: []string{"{ companies(frist", "{ companies(first"},
		changes: []string{"{ companies(first: 2)"}, status: 200,
	},
	{
		name: "a document that is not closed", fake: "twenty", as: "recorder",
		request: "POST /metadata", body: `{"query":"{ objcts(paging:{first:1}) { edges { node { id } }"}`,
		rules:   []string{"Syntax Error", `Cannot query field "objcts"`},
		satisfy: []string{"}}}", "{ objects("},
		changes: []string{"{ objects("}, status: 200,
	},
	{
		name: "an operation that the document does not have", fake: "twenty", as: "recorder",
		request: "POST /graphql",
		body:    `{"query":"query A { companies { totalCount } } mutation B { zz }","operationName":"C"}`,
		rules:   []string{"Could not determine what operation to execute."}, satisfy: []string{`operationName = "A"`},
		changes: []string{`body operationName = "A" instead of "C"`}, status: 200,
	},
	{
		name: "several operations and the name of none", fake: "twenty", as: "recorder",
		request: "POST /graphql",
		body:    `{"query":"query A { companies { totalCount } } query B { people { totalCount } }"}`,
		rules:   []string{"Must provide operation name"}, satisfy: []string{`operationName = "A"`},
		changes: []string{`with body operationName = "A"`}, status: 200,
	},
	{
		name: "unknown fields of two operations in an address", fake: "twenty", as: "recorder",
		request: "GET /graphql?query=query+A+%7Bcompanies%7BtotalCount%7D%7D+query+B+%7Bpeople%7BtotalCount%7D%7D" +
			"&operationName=C",
		rules: []string{"Could not determine what operation", `Cannot query field "companies"`,
			`Cannot query field "people" on type "Query".`},
		satisfy: []string{`operationName = "A"`, "__typename", "__typename"},
		changes: []string{"__typename } query B { __typename }", `query operationName = "A"`}, status: 200,
	},
	{
		name: "a mutation in an address", fake: "twenty", as: "recorder",
		request: "GET /graphql?query=mutation+%7BcreateCompany(data:%7Bname:%22x%22%7D)%7Bid%7D%7D",
		rules:   []string{"Can only perform a mutation operation from a POST"}, satisfy: []string{`method = "POST"`},
		changes: []string{`method = "POST"`, "without query query", "with header Content-Type", "createCompany"},
		status:  200,
	},
	{
		name: "a keyword that is none", fake: "twenty", as: "recorder",
		request: "POST /graphql", body: `{"query":"qurey A { companies { totalCount } }"}`,
		rules: []string{`Syntax Error: Unexpected Name "qurey".`}, satisfy: []string{`"query A {`},
		changes: []string{`"query A {`}, status: 200,
	},
	{
		name: "arguments that are not closed", fake: "twenty", as: "recorder",
		request: "POST /graphql", body: `{"query":"{ companies(first: 2 { totalCount }"}`,
		rules: []string{"Syntax Error"}, satisfy: []string{"(first: 2 ){ totalCount }}"},
		changes: []string{"(first: 2 ){ totalCount }}"}, status: 200,
	},
	{
		name: "a text that is no document", fake: "twenty", as: "recorder",
		request: "POST /graphql", body: `{"query":"hello world foo bar"}`,
		rules: []string{`Syntax Error: Unexpected Name "hello".`}, satisfy: []string{`body query = `},
		changes: []string{`body query = "{ __typename }"`}, status: 200,
	},
	{
		name: "a filter that cannot be read", fake: "twenty", as: "recorder",
		request: "GET /rest/companies?filter=name%5Beq:%22x%22",
		rules:   []string{"the parameters of the query do not make one"}, satisfy: []string{"query filter"},
		changes: []string{"without query filter"}, status: 200,
	},
	{
		name: "a body that is nearly JSON", fake: "twenty", as: "recorder",
		request: "POST /rest/companies", body: `{'name':'x',}`,
		rules: []string{"the framework refuses it"}, satisfy: []string{"name"}, changes: []string{"body = "},
		status: 201,
	},
	{
		name: "a record that is not there", fake: "twenty", as: "recorder",
		request: "GET /rest/companies/" + nobody,
		rules:   []string{"the object has no such record"},
		satisfy: []string{"a row that is in record:company, such as"},
		changes: []string{"path id = "}, status: 200,
	},
	{
		name: "the change of a record that is not there", fake: "twenty", as: "recorder",
		request: "PATCH /rest/people/" + strings.ToUpper(nobody), body: `{"jobTitle":"x"}`,
		rules: []string{"the object has no such record"}, satisfy: []string{"a row that is in record:person, such as"},
		changes: []string{"path id = "}, status: 200,
	},
	{
		name: "a reference to a record that is not there", fake: "twenty", as: "recorder",
		request: "POST /rest/people", body: `{"companyId":"` + nobody + `"}`,
		rules:   []string{"the database behind the server refuses it"},
		satisfy: []string{"a row that is in record:company"},
		changes: []string{"body companyId = "}, status: 201,
	},
	{
		name: "a document with the id of a record that is not there", fake: "twenty", as: "recorder",
		request: "POST /graphql", body: `{"query":"{company(filter:{id:{eq:\"` + nobody + `\"}}){id}}"}`,
		rules: []string{"Record not found"}, satisfy: []string{"a row that is in record:company, such as"},
		changes: []string{`body query = "{company(filter:{id:{eq:`}, status: 200,
	},
	{
		name: "a variable with the id of a record that is not there", fake: "twenty", as: "recorder",
		request: "POST /graphql",
		body:    `{"query":"mutation($id:UUID!){deletePerson(id:$id){id}}","variables":{"id":"` + nobody + `"}}`,
		rules:   []string{"Record not found"}, satisfy: []string{"a row that is in record:person, such as"},
		changes: []string{"body variables.id = "}, status: 200,
	},
}

// nobody is the identifier of no record.
const nobody = "20202020-0000-4000-8000-00000000abcd"
