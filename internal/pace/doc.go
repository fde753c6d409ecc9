// Package pace lets the garbage collector run less often in the test programs that import it, as in the commands that
// replay cases: such a program allocates much, keeps little and lives for seconds. GOGC, where it is set, says how
// often. The pace is the usual one for benchmarks, which measure what users have, and under the race detector, with
// which memory is several times as large.
package pace
