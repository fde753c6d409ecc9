package bench_test

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	million  = flag.Bool("million", false, "measure BenchmarkServer with 1,000,000 rows, too, others with so many")
	profiles = flag.String("profiles", "",
		"directory for CPU profiles, three seconds of each work of BenchmarkServer")
)

// work is a request that users send often.
type work struct {
	name string
	// aim is in times of the bare handler or, with the suffix µs, the CPU time of the server.
	aim     string
	line    string // method and target; # is a number that no request had before
	body    string // also with #
	form    bool   // the body is a form, otherwise JSON
	growing bool   // also measured with more rows
}

// The works of each fake. A list is of 25. Easy conditions match one row in a hundred, hard ones one in ten or more.
var works = map[string][]work{
	"twenty": {
		{name: "get one", aim: "1.4", line: "GET /rest/people/" + personID(77)},
		{name: "list, first page", aim: "2.5", line: "GET /rest/people?limit=25", growing: true},
		{name: "list, easy filter, again", aim: "2.5", line: "GET /rest/people?limit=25&filter=name.lastName[eq]:C7"},
		{name: "list, hard filter, again", aim: "2.5", line: "GET /rest/people?limit=25&filter=jobTitle[eq]:J3",
			growing: true},
		{name: "list, easy filter of two, fresh", aim: "8",
			line: "GET /rest/people?limit=25&filter=name.lastName[eq]:C7,name.firstName[neq]:X#"},
		{name: "list, hard filter of two, fresh", aim: "8",
			line: "GET /rest/people?limit=25&filter=jobTitle[eq]:J3,name.firstName[neq]:X#"},
		{name: "list, two conditions without an index, fresh", aim: "1000µs",
			line: "GET /rest/people?limit=25&filter=name.firstName[ilike]:%25F1%25,name.lastName[neq]:X#"},
		{name: "list, unique field", aim: "2000µs", line: "GET /rest/people?limit=25&filter=" +
			"emails.primaryEmail[eq]:%22p77@example.com%22", growing: true},
		{name: "list, order_by", aim: "2000µs", line: "GET /rest/people?limit=25&order_by=name.firstName",
			growing: true},
		{name: "list, cursor in the middle", aim: "2000µs", line: "GET /rest/people?limit=25&starting_after=" +
			"eyJpZCI6ImMwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwNTAwMCJ9", growing: true},
		{name: "5 companies with depth=1", aim: "2000µs", line: "GET /rest/companies?limit=5&depth=1", growing: true},
		{name: "GraphQL, one", aim: "3", line: "POST /graphql",
			body: `{"query":"query One($id: UUID) { person(filter: ` +
				`{id: {eq: $id}}) { id jobTitle name { firstName } } }","variables":{"id":"` + personID(77) + `"}}`},
		{name: "GraphQL, list with a relation", aim: "6", line: "POST /graphql", body: `{"query":"query P($n: Int) ` +
			`{ people(first: $n) { edges { node { id jobTitle name { firstName } company { name } } } } }",` +
			`"variables":{"n":25}}`, growing: true},
		{name: "GraphQL, search, few hits", aim: "2000µs", line: "POST /graphql",
			body: `{"query":"{ search(searchInput: ` +
				`\"F9999\", limit: 25) { edges { node { recordId label } } } }"}`, growing: true},
		{name: "GraphQL, search, one row in a hundred", aim: "2000µs", line: "POST /graphql",
			body: `{"query":"{ search(` +
				`searchInput: \"F77\", limit: 25) { edges { node { recordId label } } } }"}`, growing: true},
		{name: "POST a company", aim: "3", line: "POST /rest/companies", body: `{"name":"New #"}`},
		{name: "POST a person with a phone", aim: "3", line: "POST /rest/people", body: `{"name":{"firstName":"New",` +
			`"lastName":"#"},"phones":{"primaryPhoneNumber":"+49 30 9018#"}}`},
		{name: "PATCH a person", aim: "3", line: "PATCH /rest/people/" + personID(78), body: `{"jobTitle":"New #"}`},
	},
	"kickflow": {
		{name: "get one", aim: "1.4", line: "GET /v1/users/00000000-0000-4000-8000-000000000077"},
		{name: "list, first page", aim: "2.5", line: "GET /v1/users?perPage=25", growing: true},
		{name: "list, page 400", aim: "2.5", line: "GET /v1/users?perPage=25&page=400", growing: true},
		{name: "list, easy status", aim: "2.5", line: "GET /v1/users?perPage=25&status[]=invited"},
		{name: "list, hard status", aim: "2.5", line: "GET /v1/users?perPage=25&status[]=suspended", growing: true},
		{name: "list, sortBy=email-desc", aim: "2.5", line: "GET /v1/users?perPage=25&sortBy=email-desc",
			growing: true},
		{name: "7 tickets", aim: "2.5", line: "GET /v1/tickets"},
		{name: "POST a user", aim: "3", line: "POST /v1/users", body: `{"email":"new#@example.com","firstName":"New",` +
			`"lastName":"#"}`},
		{name: "POST a category", aim: "3", line: "POST /v1/categories", body: `{"name":"New #"}`},
		{name: "POST a ticket", aim: "2.5", line: "POST /v1/tickets", body: newTicket},
	},
	"flexcrm": {
		{name: "get one", aim: "1.4", line: "GET /flex/api/v1/flexdb/big/1077"},
		{name: "list, hard filter and order, again", aim: "8", line: "GET /flex/api/v1/flexdb/big?limit=25&" +
			"amount%3E=200&order-by=title%20desc", growing: true},
		{name: "list, easy filter and order, fresh", aim: "8", line: "GET /flex/api/v1/flexdb/big?limit=25&" +
			"order-by=title%20desc&amount%3E=990.#"},
		{name: "list, hard filter and order, fresh", aim: "8", line: "GET /flex/api/v1/flexdb/big?limit=25&" +
			"order-by=title%20desc&amount%3E=200.#"},
		{name: "list, filter and order, deep", aim: "8", line: "GET /flex/api/v1/flexdb/big?limit=25&" +
			"amount%3E=200&order-by=title%20desc&offset=7000", growing: true},
		{name: "list, unique field", aim: "2000µs", line: "GET /flex/api/v1/flexdb/big?limit=25&code%3D=C77",
			growing: true},
		{name: "list, offset 9,000", aim: "2000µs", line: "GET /flex/api/v1/flexdb/big?limit=25&offset=9000",
			growing: true},
		{name: "POST a record", aim: "3", line: "POST /flex/api/v1/flexdb/big",
			body: `{"code":"N#","title":"New","amount":7}`},
	},
	"flosum": {
		{name: "get one", aim: "1.4", line: "GET /api/v1/connections/1"},
		{name: "list of connections", aim: "2.5", line: "GET /api/v1/connections?page=1&limit=50"},
		{name: "refresh a token", aim: "3", line: "POST /api/v1/oauth/token", form: true},
	},
}

// BenchmarkServer measures the CPU time of the program per request of each work, over 16 connections to the fake's own
// port, and that of a bare net/http handler in another process that writes the same bytes, in turns. Write its
// output as a table with go run ./bench/table.
func BenchmarkServer(b *testing.B) {
	bare, program := startBare(b), buildProgram(b)
	sizes := []int{10_000, 100_000}
	if *million {
		sizes = append(sizes, 1_000_000)
	}
	for _, size := range sizes {
		for _, name := range fakesOf(works) {
			some := slices.DeleteFunc(slices.Clone(works[name]), func(w work) bool {
				return size > sizes[0] && !w.growing
			})
			if len(some) == 0 {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", name, size), func(all *testing.B) {
				filled := sync.OnceValue(func() *child { return startFake(all, program, name, size) })
				for _, w := range some {
					all.Run(strings.ReplaceAll(w.name, " ", "_"), func(b *testing.B) {
						w.compare(b, name, bare, filled())
					})
				}
			})
		}
	}
}

// rounds is the number of turns of the two servers.
const rounds = 8

var fresh atomic.Int64 // the number of the last request

func (w work) compare(b *testing.B, fake string, bare, filled *child) {
	make := func() []byte { return w.request(fake, filled) }
	client := dial(b, filled)
	var status int
	var answer []byte
	for range 5 { // indexes are built at the second request
		status, answer = client[0].send(b, make())
	}
	r, err := http.NewRequest("PUT", "http://"+bare.addr+"/__answer?status="+strconv.Itoa(status),
		bytes.NewReader(answer))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := http.DefaultClient.Do(r); err != nil {
		b.Fatal(err)
	}
	other := dial(b, bare)
	w.profile(b, fake, filled)
	each := max(1, b.N/rounds)
	var ours, theirs float64
	var factors []float64
	for range rounds {
		there, here := run(b, bare, other, each, make), run(b, filled, client, each, make)
		theirs, ours, factors = theirs+there, ours+here, append(factors, here/there)
	}
	slices.Sort(factors)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric((factors[rounds/2]+factors[rounds/2-1])/2, "x-bare")
	b.ReportMetric(ours/float64(rounds*each), "server-us/op")
	b.ReportMetric(theirs/float64(rounds*each), "bare-us/op")
	aim, micros := strings.CutSuffix(w.aim, "µs")
	value, _ := strconv.ParseFloat(aim, 64)
	b.ReportMetric(value, map[bool]string{true: "aim-us", false: "aim-x"}[micros])
}

// profile writes a CPU profile of the next three seconds.
func (w work) profile(b *testing.B, fake string, c *child) {
	if c.pprof == "" {
		return
	}
	name := *profiles + "/" + fake + "-" + strings.NewReplacer(" ", "_", ",", "").Replace(w.name) + ".cpu"
	go func() {
		res, err := http.Get("http://" + c.pprof + "/debug/pprof/profile?seconds=3")
		if err != nil {
			b.Error(err)
			return
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err == nil {
			err = os.WriteFile(name, text, 0o600)
		}
		if err != nil {
			b.Error(err)
		}
	}()
}

// request returns the bytes of a request.
func (w work) request(fake string, c *child) []byte {
	number := fmt.Sprintf("%07d", fresh.Add(1))
	body := strings.ReplaceAll(w.body, "#", number)
	media, credential := "application/json", "Authorization: Bearer "+c.words["credential"]
	if fake == "flexcrm" {
		credential = "X-FlexCRM-API-KEY: " + c.words["credential"]
	}
	if w.form {
		media = "application/x-www-form-urlencoded"
		body = "grant_type=refresh_token&refresh_token=" + url.QueryEscape(c.words["refresh"]) + "&" +
			flosumApp.Encode()
	}
	head := strings.ReplaceAll(w.line, "#", number) + " HTTP/1.1\r\nHost: " + c.addr + "\r\nUser-Agent: bench\r\n" +
		"Accept: */*\r\n" + credential + "\r\n"
	if body != "" {
		head += "Content-Type: " + media + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	return []byte(head + "\r\n" + body)
}

// conn is a connection of a client that costs less than that of net/http.
type conn struct {
	net.Conn
	in *bufio.Reader
}

// dial opens 16 connections.
func dial(b *testing.B, c *child) []*conn {
	all := make([]*conn, 16)
	for i := range all {
		one, err := net.Dial("tcp", c.addr)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { one.Close() })
		all[i] = &conn{one, bufio.NewReaderSize(one, 1<<16)}
	}
	return all
}

// run sends n requests over all connections, and returns the CPU time that the server took.
func run(b *testing.B, c *child, all []*conn, n int, make func() []byte) float64 {
	requests := [][]byte{}
	for range n {
		requests = append(requests, make())
	}
	start := c.cpu(b)
	var wg sync.WaitGroup
	for i, conn := range all {
		wg.Go(func() {
			for at := i; at < n; at += len(all) {
				conn.send(b, requests[at])
			}
		})
	}
	wg.Wait()
	return c.cpu(b) - start
}

// send sends a request and returns the answer's status and body.
func (c *conn) send(b *testing.B, request []byte) (status int, body []byte) {
	if _, err := c.Write(request); err != nil {
		b.Error(err)
		return 0, nil
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		b.Error(err)
		return 0, nil
	}
	body, err = io.ReadAll(res.Body)
	if err != nil || res.StatusCode > 299 || bytes.Contains(body, []byte(`"errors":`)) {
		b.Errorf("%s\n%s %s %v", request, res.Status, body, err)
	}
	return res.StatusCode, body
}
