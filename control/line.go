package control

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"weak"

	"github.com/afba07b5/mockserver/explain"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/journal"
)

// Line is one request in short, secrets masked: what the terminal, the stream of events and the page say of it.
type Line struct {
	ID        string          `json:"id"`
	At        time.Time       `json:"at"` // on the world's clock
	World     string          `json:"world"`
	Fake      string          `json:"fake"`
	Operation string          `json:"operation,omitempty"`
	Method    string          `json:"method"`
	URL       string          `json:"url"` // path and query at the fake's root
	Status    int             `json:"status"`
	Ms        float64         `json:"ms"`
	Evidence  string          `json:"evidence,omitempty"` // of the operation
	Rejection *fake.Rejection `json:"refusal,omitempty"`  // the rule that refused it
	Unknown   bool            `json:"unknown,omitempty"`  // no operation has this method and path
	Nearest   *explain.Near   `json:"nearest,omitempty"`  // the operation that an unknown request comes nearest to
	Fault     string          `json:"fault,omitempty"`
	GoneWorld string          `json:"goneWorld,omitempty"`
	Notes     []string        `json:"notes,omitempty"`
}

// Line returns a request of a world in short.
func (p *Plane) Line(w *fake.World, e *fake.Entry) Line { return p.line(w.Name, e) }

func (p *Plane) line(world string, e *fake.Entry) Line {
	key := weak.Make(e)
	if l, ok := p.lines.Load(key); ok {
		return l.(Line)
	}
	l := p.newLine(world, e)
	if p.lineCount.Add(1) > keptLines {
		p.lines.Clear()
		p.lineCount.Store(0)
	}
	p.lines.Store(key, l)
	return l
}

// keptLines bounds the lines that are kept, since masking is most of the work. They do not keep their entries.
const keptLines = 4096

func (p *Plane) newLine(world string, e *fake.Entry) Line {
	c := &call{plane: p}
	m := c.maskOf(e)
	l := Line{ID: e.ID, At: e.At, World: world, Fake: e.Fake, Operation: e.Operation, Method: e.Method,
		URL: journal.Rooted(e.Fake, m.url(e.URL)), Status: e.Status,
		Ms: float64(e.Took.Microseconds()) / 1000, Evidence: e.Evidence, Unknown: unknown(e), Fault: e.Fault,
		GoneWorld: e.Gone}
	if e.Rejection != nil {
		l.Rejection = &fake.Rejection{Rule: m.secrets.Replace(e.Rejection.Rule), Evidence: e.Rejection.Evidence,
			Source: e.Rejection.Source}
	}
	if l.Unknown {
		l.Nearest = c.nearest(e)
	}
	for _, note := range e.Notes {
		l.Notes = append(l.Notes, m.secrets.Replace(note))
	}
	return l
}

// unknown reports whether no operation has the method and path of a request. Preflights have none and are answered.
func unknown(e *fake.Entry) bool { return e.Operation == "" && e.Stub == nil && e.Status >= 400 }

// refused reports whether a request is one of those that a developer wants to know of: a rule or a fault refused it, no
// operation has it, or the fake failed.
func refused(e *fake.Entry) bool {
	return e.Rejection != nil || unknown(e) || e.Status >= 500 || e.Fault != "" && e.Status >= 400
}

// evidenceOf returns the evidence of what decided the answer: the rule that refused, else the operation.
func evidenceOf(e *fake.Entry) string {
	if e.Rejection != nil {
		return e.Rejection.Evidence
	}
	return e.Evidence
}

// lineFilter selects requests. What is empty selects all.
type lineFilter struct {
	fakes, operations, statuses         []string
	refused, unknown, faulted, inferred bool
	text                                string
}

// filterFields are the names that a query may have to filter requests.
var filterFields = []string{"fake", "operation", "status", "refused", "unknown", "faulted", "inferred", "q"}

// readLineFilter reads a filter from a query. Several values are separated by commas or repeated.
func (c *call) readLineFilter() (f lineFilter, err error) {
	query := c.r.URL.Query()
	f = lineFilter{fakes: listed(query["fake"]), operations: listed(query["operation"]),
		statuses: listed(query["status"]), text: query.Get("q")}
	for _, s := range f.statuses {
		if len(s) != 3 || s[0] < '1' || s[0] > '5' || s[1:] != "xx" && strings.Trim(s[1:], "0123456789") != "" {
			return f, badRequest("status=%s: expected a status like 422, or a class like 4xx", s)
		}
	}
	flags := []*bool{&f.refused, &f.unknown, &f.faulted, &f.inferred}
	for i, name := range []string{"refused", "unknown", "faulted", "inferred"} {
		if *flags[i], err = c.flag(name); err != nil {
			return f, err
		}
	}
	if err = c.checkFakes(f.fakes...); err == nil {
		err = c.checkOperations(f.operations...)
	}
	return f, err
}

func listed(values []string) (all []string) {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}

func (f lineFilter) matches(e *fake.Entry) bool {
	return has(f.fakes, e.Fake) && has(f.operations, e.Operation) && f.matchesStatus(e.Status) &&
		(!f.refused || refused(e)) && (!f.unknown || unknown(e)) && (!f.faulted || e.Fault != "") &&
		(!f.inferred || evidenceOf(e) == "inferred") &&
		(f.text == "" || strings.Contains(strings.ToLower(e.Method+" "+e.URL+" "+e.Operation), strings.ToLower(f.text)))
}

func (f lineFilter) matchesStatus(status int) bool {
	text := strconv.Itoa(status)
	return len(f.statuses) == 0 || slices.ContainsFunc(f.statuses,
		func(s string) bool { return s == text || s[1:] == "xx" && s[:1] == text[:1] })
}

// has reports whether a list is empty or has a word.
func has(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

const usualLines = 200

// beforeOf reads the id of a request; those that came earlier have a smaller position.
func (c *call) beforeOf(w *fake.World, id string) (int, error) {
	if id == "" {
		return math.MaxInt, nil
	}
	at, err := c.position(w, id)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(at)
	if err != nil {
		return 0, badRequest("before=%s: expected the id of a request", id)
	}
	return n, nil
}

// requestLines answers with requests in short, the newest first.
func (c *call) requestLines() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	query := c.r.URL.Query()
	f, err := c.readLineFilter()
	if err != nil {
		return nil, err
	}
	p, err := c.paging(usualLines)
	if err != nil {
		return nil, err
	}
	before, err := c.beforeOf(w, query.Get("before"))
	if err != nil {
		return nil, err
	}
	kept, dropped := w.Journal.Entries()
	lines, older, at, total := []Line{}, "", 0, 0
	for _, e := range slices.Backward(kept) {
		if !f.matches(e) {
			continue
		}
		if total++; e.Position >= before {
			continue
		}
		if p.has(at) {
			lines = append(lines, c.plane.line(w.Name, e))
		} else if older == "" && len(lines) > 0 {
			older = lines[len(lines)-1].ID
		}
		at++
	}
	c.linkNext(p, at)
	answer := map[string]any{"world": w.Name, "lines": lines, "dropped": dropped,
		"meta": map[string]int{"total": total, "kept": len(kept)}}
	if older != "" {
		answer["before"] = older // of the page that follows
	}
	return answer, nil
}

// Text is the line as a terminal shows it: time, world, fake, operation, request, status, milliseconds, and why it was
// refused. Control characters are escaped. With colour, status and evidence stand out.
func (l Line) Text(colour bool) string {
	paint := func(code, text string) string {
		if !colour {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
	operation := l.Operation
	if operation == "" {
		operation = "-"
	}
	parts := []string{paint("2", l.At.UTC().Format("15:04:05.000")), l.World, cmp.Or(l.Fake, "-"), operation,
		printable(l.Method) + " " + printable(l.URL),
		paint(statusColour(l.Status), strconv.Itoa(l.Status)), strconv.FormatFloat(l.Ms, 'f', 1, 64) + "ms"}
	if why := l.why(paint); why != "" {
		parts = append(parts, why)
	}
	return strings.Join(parts, " ")
}

func statusColour(status int) string {
	switch {
	case status >= 500:
		return "31"
	case status >= 400:
		return "33"
	}
	return "32"
}

// why says what refused the request, "" if nothing did.
func (l Line) why(paint func(code, text string) string) string {
	var parts []string
	switch {
	case l.Fault != "":
		parts = append(parts, "fault: "+printable(l.Fault))
	case l.GoneWorld != "":
		parts = append(parts, "the world of the credential is gone: "+printable(l.GoneWorld))
	case l.Unknown && l.Nearest != nil:
		parts = append(parts, "no such operation; nearest: "+l.Nearest.Method+" "+l.Nearest.Path+
			" ("+l.Nearest.Operation+"): "+printable(l.Nearest.Why))
	case l.Unknown && l.Fake == "":
		parts = append(parts, l.Notes...)
	case l.Unknown:
		parts = append(parts, "no such operation")
	}
	if l.Rejection != nil && !l.Unknown {
		evidence := l.Rejection.Evidence
		if evidence == "inferred" {
			evidence = paint("35", evidence)
		}
		parts = append(parts, printable(l.Rejection.Rule)+" ["+evidence+": "+printable(l.Rejection.Source)+"]")
	}
	if len(parts) == 0 && l.Status >= 500 {
		parts = append(parts, http.StatusText(l.Status))
	}
	return strings.Join(parts, "; ")
}

// printable shows control characters and what is not text as Go escapes them.
func printable(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return !strconv.IsPrint(r) || r == '\uFFFD' }) < 0 {
		return text
	}
	quoted := strconv.Quote(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}
