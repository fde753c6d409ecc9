// Command table writes the output of BenchmarkServer as a table in Markdown.
//
//	go test -run '^$' -bench Server -benchtime 4000x ./bench | go run ./bench/table
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := write(os.Stdout, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write reads the output of a benchmark and writes the tables.
func write(to io.Writer, from io.Reader) error {
	group := ""
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "cpu: "); ok {
			fmt.Fprintf(to, "Measured on %s.\n", name)
		}
		at, work, figures := parse(lines.Text())
		if figures == nil {
			continue
		}
		if at != group {
			group = at
			fmt.Fprintf(to, "\n| %s | bare | fake | factor | aim |\n|---|--:|--:|--:|--:|\n", group)
		}
		fmt.Fprintln(to, row(work, figures))
	}
	return lines.Err()
}

// parse returns the fake with its rows, the work, and the figures by unit; nil if the line has none.
func parse(line string) (group, work string, figures map[string]float64) {
	words := strings.Fields(line)
	if len(words) < 2 || !strings.HasPrefix(words[0], "BenchmarkServer/") {
		return "", "", nil
	}
	parts := strings.SplitN(words[0], "/", 4)
	if len(parts) < 4 {
		return "", "", nil
	}
	figures = map[string]float64{}
	for i := 2; i+1 < len(words); i += 2 {
		if value, err := strconv.ParseFloat(words[i], 64); err == nil {
			figures[words[i+1]] = value
		}
	}
	work = parts[3]
	if at := strings.LastIndexByte(work, '-'); at > 0 && strings.Trim(work[at+1:], "0123456789") == "" {
		work = work[:at] // GOMAXPROCS
	}
	return parts[1] + ", " + thousands(parts[2]) + " rows", strings.ReplaceAll(work, "_", " "), figures
}

// row is one line of a table. A figure that misses its aim is bold.
func row(work string, figures map[string]float64) string {
	fake, factor := fmt.Sprintf("%.0f µs", figures["server-us/op"]), fmt.Sprintf("%.1f", figures["x-bare"])
	aim, ok := figures["aim-x"]
	text := fmt.Sprintf("%g", aim)
	if ok && figures["x-bare"] > aim {
		factor = "**" + factor + "**"
	}
	if aim, ok := figures["aim-us"]; ok {
		if text = fmt.Sprintf("%.0f µs", aim); figures["server-us/op"] > aim {
			fake = "**" + fake + "**"
		}
	}
	return fmt.Sprintf("| %s | %.0f µs | %s | %s | %s |", work, figures["bare-us/op"], fake, factor, text)
}

// thousands writes a number with commas.
func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
