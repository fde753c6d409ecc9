package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	t.Parallel()
	const output = `goos: linux
cpu: Some CPU
BenchmarkServer/twenty/10000/get_one-2  4000  1.400 aim-x  40.92 bare-us/op  93.73 server-us/op  2.350 x-bare
BenchmarkServer/twenty/10000/list,_offset_9,000-2  4000  2000 aim-us  70.77 bare-us/op  2147 server-us/op  2.058 x-bare
BenchmarkServer/flexcrm/1000000/POST_a_record  4000  3.000 aim-x  66.98 bare-us/op  118.9 server-us/op  2.930 x-bare
BenchmarkServe/twenty/get-2  2000  33583 ns/op  13034 B/op  69 allocs/op
PASS
`
	const want = `Measured on Some CPU.

| twenty, 10,000 rows | bare | fake | factor | aim |
|---|--:|--:|--:|--:|
| get one | 41 µs | 94 µs | **2.4** | 1.4 |
| list, offset 9,000 | 71 µs | **2147 µs** | 2.1 | 2000 µs |

| flexcrm, 1,000,000 rows | bare | fake | factor | aim |
|---|--:|--:|--:|--:|
| POST a record | 67 µs | 119 µs | 2.9 | 3 |
`
	var got strings.Builder
	if err := write(&got, strings.NewReader(output)); err != nil || got.String() != want {
		t.Errorf("%v\n%s", err, got.String())
	}
}
