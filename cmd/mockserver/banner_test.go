package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestColumnsFollowTheLongestName(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	columns := columnsOf(&out)
	fmt.Fprint(columns, "short\tone\na-long-name\ttwo\n")
	columns.Flush()
	if got, want := out.String(), "short       one\na-long-name two\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
