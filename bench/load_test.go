package bench_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// BenchmarkLoadState measures the program from its start with --state until it is ready, and its memory in megabytes:
// the peak until it is ready, what is resident a moment later, and the peak until it has saved the state and ended.
// Run it with -benchtime 1x, and with -million for a million rows.
func BenchmarkLoadState(b *testing.B) {
	program := buildProgram(b)
	for _, name := range fakesOf(bigTables) {
		b.Run(name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "state.json")
			for b.Loop() {
				b.StopTimer()
				writeState(b, file, name) // a run changes it
				b.StartTimer()
				loadState(b, program, file)
			}
		})
	}
}

func writeState(b *testing.B, file, name string) {
	f, err := os.Create(file)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriter(f)
	stateOf(b, out, name, manyRows())
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/1e6, "file-MB")
}

func loadState(b *testing.B, program, file string) {
	c := exec.Command(program, "--port", "0", "--state", file)
	url := startProgram(b, c)
	b.StopTimer()
	before := memoryOf(c.Process.Pid)
	fixed("GET", url+"/__admin/health", "").send(b)
	time.Sleep(300 * time.Millisecond) // the memory of a start is released after it
	after := memoryOf(c.Process.Pid)
	c.Process.Signal(os.Interrupt)
	if err := c.Wait(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(before["VmHWM"], "peak-MB")
	b.ReportMetric(after["VmRSS"], "resident-MB")
	b.ReportMetric(before["VmHWM"]/after["VmRSS"], "peak-x")
	b.ReportMetric(c.ProcessState.UserTime().Seconds()+c.ProcessState.SystemTime().Seconds(), "cpu-s-in-all")
	if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		b.ReportMetric(float64(usage.Maxrss)/1000, "saved-peak-MB")
	}
	b.StartTimer()
}
