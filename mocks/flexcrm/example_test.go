package flexcrm_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/afba07b5/mockserver/mocks/flexcrm"
)

// A test that defines a table, creates two records in it, and adds an approver.
func ExampleNewServer() {
	var t *testing.T // the test's argument
	srv := flexcrm.NewServer(t,
		flexcrm.WithTable(flexcrm.Table{ID: "tbl_visit", Name: "訪問", Fields: []flexcrm.Field{
			{ID: "title", Name: "件名", Type: flexcrm.OneLine, Required: true},
			{ID: "visited_at", Name: "訪問日", Type: flexcrm.Date},
			{ID: "customer", Name: "顧客", Type: flexcrm.Relation, Table: "tbl_customer"},
		}}),
		flexcrm.WithRecords("tbl_visit",
			map[string]any{"title": "初回訪問", "visited_at": "2026/11/20", "customer": "C-0001"},
			map[string]any{"title": "再訪問"}))

	req, _ := http.NewRequest("GET", srv.URL+"/flex/api/v1/flexdb/tbl_visit?visited_at%3E%3D=2026%2F11%2F01", nil)
	req.Header.Set("X-FlexCRM-API-KEY", flexcrm.DemoKey)
	res, err := http.DefaultClient.Do(req)
	fmt.Println(res, err)

	err = flexcrm.Decide(srv.State, flexcrm.Decision{Application: 2, User: 2, Issue: flexcrm.Approve})
	fmt.Println(err)
}
