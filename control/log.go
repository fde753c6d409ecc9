package control

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/afba07b5/mockserver/fake"
)

// LogModes are the values of Log.Mode: every request, those that were refused and unknown paths, or none.
var LogModes = []string{"requests", "refusals", "off"}

// LogFormats are the values of Log.Format.
var LogFormats = []string{"text", "json"}

// Log writes a line per request.
type Log struct {
	Out    io.Writer
	Mode   string // one of LogModes
	Format string // one of LogFormats; "" is text
	Colour bool
}

// Check returns an error that names what is wrong with the mode or the format.
func (l Log) Check() error {
	if !slices.Contains(LogModes, l.Mode) {
		return fmt.Errorf("--log %s%s: expected %s", l.Mode, fake.Hint(l.Mode, LogModes), strings.Join(LogModes, ", "))
	}
	if !slices.Contains(LogFormats, l.Format) {
		return fmt.Errorf("--log-format %s%s: expected %s", l.Format, fake.Hint(l.Format, LogFormats),
			strings.Join(LogFormats, ", "))
	}
	return nil
}

// Write writes one line.
func (l Log) Write(line Line) {
	if l.Format == "json" {
		text, _ := json.Marshal(line) // plain data
		fmt.Fprintf(l.Out, "%s\n", text)
		return
	}
	fmt.Fprintln(l.Out, line.Text(l.Colour))
}

// waitingLines bounds the lines that wait for a slow terminal. Further ones are counted and left out.
const waitingLines = 4096

// logger writes the lines of a Log outside the goroutines of the requests.
type logger struct {
	Log
	plane   *Plane
	lines   chan loggedRequest
	dropped atomic.Int64
	ended   sync.WaitGroup
	stop    sync.Once
}

type loggedRequest struct {
	world string
	entry *fake.Entry
	line  *Line // of what no journal has
}

func newLogger(p *Plane, l *Log) *logger {
	if l == nil || l.Mode == "off" || l.Mode == "" {
		return nil
	}
	g := &logger{Log: *l, plane: p, lines: make(chan loggedRequest, waitingLines)}
	g.ended.Go(g.run)
	return g
}

// add hands a request to the log; it never waits.
func (g *logger) add(w *fake.World, e *fake.Entry) {
	if g.Mode == "refusals" && !refused(e) {
		return
	}
	g.send(loggedRequest{world: w.Name, entry: e})
}

// send queues a request unless too many wait already.
func (g *logger) send(one loggedRequest) {
	select {
	case g.lines <- one:
	default:
		g.dropped.Add(1)
	}
}

func (g *logger) run() {
	for one := range g.lines {
		switch {
		case one.line != nil:
			g.Write(*one.line)
		case one.entry != nil:
			g.Write(g.plane.line(one.world, one.entry))
		default:
			return
		}
		if n := g.dropped.Swap(0); n > 0 {
			fmt.Fprintf(g.Out, "mockserver: %d more requests came faster than they could be written; mockserver logs "+
				"has them\n", n)
		}
	}
}

// close writes what waits and ends the log.
func (g *logger) close() {
	if g == nil {
		return
	}
	g.stop.Do(func() { g.lines <- loggedRequest{} })
	g.ended.Wait()
}
