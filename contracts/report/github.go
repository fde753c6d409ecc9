package report

import (
	"fmt"
	"io"
	"strings"
)

var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub writes one workflow command per finding, which GitHub Actions shows at the line of the
// recording: an error, a warning, or a notice for a known gap. The message of an interaction has at
// most ten differences.
func GitHub(w io.Writer, d *Document) error {
	for _, f := range d.findings() {
		at := "file=" + escapeProperty.Replace(f.file)
		if f.line > 0 {
			at += fmt.Sprintf(",line=%d", f.line)
		}
		level := f.level
		if level == "note" {
			level = "notice"
		}
		lines := f.lines
		if len(lines) > 10 {
			lines = append(lines[:10:10], fmt.Sprintf("… and %d lines more", len(lines)-10))
		}
		if _, err := fmt.Fprintf(w, "::%s %s,title=%s::%s\n", level, at, escapeProperty.Replace(f.title),
			escapeMessage.Replace(strings.Join(lines, "\n"))); err != nil {
			return err
		}
	}
	return nil
}
