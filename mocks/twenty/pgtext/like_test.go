package pgtext

import "testing"

func TestLikePatterns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		fold, want    bool
	}{
		{"%", "", false, true}, {"a%", "abc", false, true}, {"a_c", "abc", false, true}, {"a_c", "aéc", false, true},
		{"%b%d", "abcbd", false, true}, {"A%", "abc", false, false}, {"A%", "abc", true, true},
		{`50\%`, "50%", false, true}, {`50\%`, "500", false, false}, {"É%", "élan", true, true},
		{"abc", "abcd", false, false}, {"_", "", false, false},
	}
	for _, tt := range tests {
		if got := NewPattern(tt.pattern, tt.fold).Matches(tt.text); got != tt.want {
			t.Errorf("%q like %q: got %v", tt.text, tt.pattern, got)
		}
	}
}
