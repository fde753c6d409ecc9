package kickflow

import (
	"math/big"
	"testing"
)

func TestFormulas(t *testing.T) {
	t.Parallel()
	values := func(code string) (out []*big.Rat) {
		for _, n := range map[string][]int64{"price": {3}, "quantity": {7}, "amount": {10, 20, 5}, "tax-rate": {8}, "none": nil}[code] {
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
	} {
		if got := calculate(tt.formula, tt.decimals, values); got != tt.want {
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
		{"custom", "1 and 3", true}, {"custom", "1 and 2", false}, {"custom", "2 or 3", true}, {"custom", "1 AND (2 OR 3)", true},
		{"custom", "not 2 and 1", true}, {"custom", "!(1 && 3) || 2", false}, {"custom", "4", false}, {"custom", "", false}, {"custom", "1 2", false},
	} {
		if got := combine(tt.kind, tt.expression, results); got != tt.want {
			t.Errorf("%s %q: %v", tt.kind, tt.expression, got)
		}
	}
}
