package schema

import "testing"

func TestDatabaseTakesDefaultsThatCast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		typ   Type
		value any
		want  bool
	}{
		{Text, nil, true}, {Text, "'it''s'", true}, {Text, "bare", false}, {Text, 7.0, true}, {Text, "uuid", true},
		{Text, []any{"a"}, true}, {Boolean, true, true}, {Boolean, "true", false}, {Boolean, "'yes'", true},
		{Boolean, 0.0, true}, {Boolean, 2.0, false}, {Boolean, "'o'", false}, {Number, "'5'", true},
		{Number, "5", false}, {Number, true, false}, {Number, "now", false}, {Number, map[string]any{}, false},
		{DateTime, "now", true}, {DateTime, "'now'", true}, {DateTime, "'2026-01-31T10:00:00.000Z'", true},
		{DateTime, "'soon'", false}, {DateTime, "uuid", false}, {Date, "now", true}, {Date, "'2026-01-31'", true},
		{Date, "2026-01-31", false}, {UUID, "uuid", true}, {UUID, "'c0000000-0000-4000-8000-000000000001'", true},
		{UUID, "'x'", false}, {UUID, "now", false}, {Array, []any{"'x'"}, true}, {Array, []any{}, true},
		{Array, "'x'", false}, {Array, 1.0, false}, {RawJSON, map[string]any{"a": 1.0}, true}, {RawJSON, "'{}'", true},
		{RawJSON, "'{'", false}, {RawJSON, []any{}, false}, {RawJSON, false, true},
	} {
		if got := fitsColumn(c.typ, c.value); got != c.want {
			t.Errorf("fitsColumn(%s, %v) = %v, want %v", c.typ, c.value, got, c.want)
		}
	}
}
