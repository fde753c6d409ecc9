package form

import (
	"math/big"
	"testing"
)

func TestFormulas(t *testing.T) {
	t.Parallel()
	values := func(code string) (out []any) {
		if text, ok := map[string]any{"kind": "20_5005",
			"author": map[string]any{"code": "20_5005", "employeeId": "5005"}}[code]; ok {
			return []any{text}
		}
		for _, n := range map[string][]int64{"price": {3}, "quantity": {7}, "amount": {10, 20, 5}, "tax-rate": {8},
			"none": nil}[code] {
			out = append(out, big.NewRat(n, 1))
		}
		return out
	}
	two := 2
	for _, tt := range []struct {
		formula  string
		decimals *int
		want     any
	}{
		{"price * quantity", nil, "21"},
		{"price + quantity * 2 - 1", nil, "16"},
		{"(price + quantity) * 2", nil, "20"},
		{"-price + 10", nil, "7"},
		{"SUM(amount)", nil, "35"},
		{"sum(amount) * {tax-rate} / 100", nil, "2.8"},
		{"SUM(price, quantity, 1)", nil, "11"},
		{"MIN(amount) + MAX(amount)", nil, "25"},
		{"quantity / price", nil, "2.3333333333"},
		{"quantity / price", &two, "2.33"},
		{"ROUND(quantity / price)", nil, "2"},
		{"ROUNDUP(quantity / price)", nil, "3"},
		{"ROUND(2.345, 2)", nil, "2.35"},
		{"ROUNDDOWN(-2.349, 2)", nil, "-2.34"},
		{"ROUND(-2.5)", nil, "-3"},
		{"0.1 + 0.2", nil, "0.3"},
		{"none + 1", nil, "1"},
		{"price / none", nil, nil},
		{"price +", nil, nil},
		{"price quantity", nil, nil},
		{"FLY(price)", nil, nil},
		{"", nil, nil},
		{"$price * $quantity", nil, "21"},
		{"if($price > 5, 1, 2)", nil, "2"},
		{"if($none, $none, left($kind, 2))", nil, "20"},
		{`if(left($kind, 2)==20, "リーダー", "部長")`, nil, "リーダー"},
		{`if(json_lookup($proxyClientUser, "$.employeeId"), "proxy", json_lookup($author, "$.employeeId"))`, nil,
			"5005"},
		{`json_lookup($author, "$.nothing")`, nil, nil},
		{"if($price != 0, $quantity / $price, 1 / 0)", &two, "2.33"},
		{`$kind <> "x"`, nil, nil},
	} {
		field := &Field{FieldSettings: FieldSettings{Formula: &tt.formula, DecimalDigit: tt.decimals}}
		if got := calculate(field, values); got != tt.want {
			t.Errorf("%q = %v, want %v", tt.formula, got, tt.want)
		}
	}
}

func TestCombinations(t *testing.T) {
	t.Parallel()
	results := []bool{true, false, true}
	for _, tt := range []struct {
		kind, expression string
		want             bool
	}{
		{"all", "", false}, {"any", "", true},
		{"custom", "1 and 3", true}, {"custom", "1 and 2", false}, {"custom", "2 or 3", true},
		{"custom", "1 AND (2 OR 3)", true}, {"custom", "not 2 and 1", true}, {"custom", "!(1 && 3) || 2", false},
		{"custom", "4", false}, {"custom", "", false}, {"custom", "1 2", false},
	} {
		if got := Combine(tt.kind, tt.expression, results); got != tt.want {
			t.Errorf("%s %q: %v", tt.kind, tt.expression, got)
		}
	}
}
