package fake_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// order is a row with a number of the server's. A field that may be null is a pointer.
type order struct {
	ID     int64   `json:"id"`
	Title  string  `json:"title"`
	Total  float64 `json:"total"`
	Paid   bool    `json:"paid"`
	Remark *string `json:"remark"`
}

// hook is a webhook.
type hook struct {
	URL string `json:"url"`
}

// shop is the fake of one world.
type shop struct {
	*fake.State
	orders *fake.Table[order]
	hooks  *fake.Table[hook]
}

func newShop(s *fake.State) fake.Ops {
	a := &shop{State: s}
	key := func(o order) string { return strconv.FormatInt(o.ID, 10) }
	a.orders = fake.NewTable(s, "orders", key, func(o *order) { o.ID = a.Number("order", o.ID) })
	a.hooks = fake.NewTable(s, "hooks", func(h hook) string { return h.URL }, nil)
	return fake.Ops{"listOrders": a.listOrders, "payOrder": a.payOrder, "exportOrders": a.exportOrders}
}

// listOrders answers with a page of the rows that a filter selects, in an envelope and in an order. A query parameter
// that is absent is ""; the document has checked the others.
func (a *shop) listOrders(r *fake.Request) (any, error) {
	least, _ := strconv.ParseFloat(r.Query("total_min"), 64) // 0 without one
	_, descending := strings.CutPrefix(r.Query("sort"), "-")
	page, limit := min(r.Int("page", 1), 1<<30), min(r.Int("limit", 20), 100) // whose product is an int
	rows, total, _ := table.Select(a.orders, fake.Query[order]{
		Match: func(o *order) bool { return o.Total >= least },
		Order: fake.Key[order]{Name: r.Query("sort"), Of: func(o *order, key []byte) []byte {
			return table.AppendNumber(key, o.Total, descending)
		}},
		Offset: (page - 1) * limit, Limit: limit,
	})
	return map[string]any{"data": fake.Joined(rows), "total": total}, nil
}

// payOrder checks first and changes the row last: a refused request leaves no trace. An unknown number is the error of
// Get, which the core answers with 404.
func (a *shop) payOrder(r *fake.Request) (any, error) {
	o, err := a.orders.Get(r.Path("id"))
	if err != nil {
		return nil, err
	}
	if o.Paid {
		return nil, &fake.Error{Status: http.StatusConflict, Message: "The order is paid.",
			Rule: "an order is paid once", Evidence: fake.Documented, Source: "https://shop.example/docs/pay"}
	}
	body := struct {
		Remark *string
		Wait   bool
	}{Wait: true}
	if err := r.Decode(&body); err != nil { // what the body lacks keeps its value; the document has checked the rest
		return nil, err
	}
	o.Paid, o.Remark = true, body.Remark
	if err := a.orders.Set(o); err != nil {
		return nil, err
	}
	for h := range a.hooks.All() { // a webhook leaves once the request has succeeded
		a.Deliver(fake.Delivery{Event: "order.paid", URL: h.URL, Body: string(table.Encode(o)),
			Header: map[string]string{"Content-Type": "application/json", "User-Agent": "Shop/1"}})
	}
	if !body.Wait {
		r.SetStatus(http.StatusAccepted) // in place of the document's 200
	}
	r.SetHeader("X-Paid", strconv.FormatInt(o.ID, 10))
	return o, nil
}

// exportOrders answers with JSON as it is, or with what is no JSON.
func (a *shop) exportOrders(r *fake.Request) (any, error) {
	if r.Query("format") == "json" {
		return fake.Raw(`{"orders":` + strconv.Itoa(a.orders.Len()) + `}`), nil
	}
	return &fake.Response{Header: http.Header{"Content-Type": {"text/csv"}}, Body: []byte("id,title\n")}, nil
}

// Handlers that a Resource does not have: a list with a filter, an order and an envelope, a transition with a webhook,
// and answers that are written unchanged.
func ExampleHandler() {
	spec, err := fake.LoadSpec([]byte(`{"openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "paths": {
		"/orders": {"get": {"operationId": "listOrders", "x-evidence": "documented",
			"x-source": "https://shop.example/docs",
			"responses": {"200": {"description": "a page"}}}},
		"/orders/export": {"get": {"operationId": "exportOrders", "x-evidence": "inferred", "x-source": "a guess",
			"responses": {"200": {"description": "a file"}}}},
		"/orders/{id}/pay": {"post": {"operationId": "payOrder", "x-evidence": "documented",
			"x-source": "https://shop.example/docs/pay",
			"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
			"responses": {"200": {"description": "the order"}}}}}}`))
	if err != nil {
		panic(err)
	}
	app, err := fake.NewApp(&fake.Def{Name: "shop", Title: "Shop", Spec: spec, New: newShop,
		Seeds: fstest.MapFS{"seeds/default.json": {Data: []byte(`{"orders": [{"title": "lamp", "total": 30.5},
			{"title": "desk", "total": 200}, {"title": "pen", "total": 2}]}`)},
			"seeds/empty.json": {Data: []byte(`{}`)}},
		Auth: func(*fake.Request) error { return nil }})
	if err != nil {
		panic(err)
	}
	defer app.Close()
	for _, line := range []string{"GET /orders?sort=-total&total_min=3&limit=1 ", `POST /orders/2/pay {"wait":false}`,
		`POST /orders/2/pay {}`, "GET /orders/export?format=json ", "GET /orders/export "} {
		parts := strings.SplitN(line, " ", 3)
		w := httptest.NewRecorder()
		app.ServeHTTP(w, httptest.NewRequest(parts[0], parts[1], strings.NewReader(parts[2])))
		fmt.Println(w.Code, strings.TrimSpace(w.Body.String()))
	}
	// Output:
	// 200 {"data":[{"id":2,"title":"desk","total":200,"paid":false,"remark":null}],"total":2}
	// 202 {"id":2,"title":"desk","total":200,"paid":true,"remark":null}
	// 409 {"error":"The order is paid."}
	// 200 {"orders":3}
	// 200 id,title
}
