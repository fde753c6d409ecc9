package query

import "testing"

func TestAveragesHaveTheDigitsOfPostgreSQL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sum  float64
		by   int
		want string
	}{
		{2, 3, "0.66666666666666666667"}, {1, 1, "1.00000000000000000000"}, {0, 4, "0.00000000000000000000"},
		{9007199254740991, 1, "9007199254740991.0000"}, {100, 3, "33.3333333333333333"},
	}
	for _, tt := range tests {
		if got := divide(shortest(tt.sum), tt.by).rest(); got != tt.want {
			t.Errorf("%v/%d: got %v, want %s", tt.sum, tt.by, got, tt.want)
		}
	}
}
