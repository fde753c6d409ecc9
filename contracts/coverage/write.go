package coverage

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
)

// JSON writes the coverage for machines, one operation per line to keep diffs readable.
func (c *Coverage) JSON() []byte {
	var b bytes.Buffer
	b.WriteString("{\"fakes\": [")
	for i, f := range c.Fakes {
		fmt.Fprintf(&b, "%s\n{\"fake\": %q, \"title\": %q%s, \"operations\": [", separator(i), f.Name, f.Title,
			events(f.Events))
		for j, o := range f.Operations {
			line, err := json.Marshal(o)
			if err != nil {
				panic(err) // plain data can always be encoded
			}
			fmt.Fprintf(&b, "%s\n%s", separator(j), line)
		}
		b.WriteString("\n]}")
	}
	b.WriteString("\n]}\n")
	return b.Bytes()
}

// events writes the JSON member of the events, or "" without events.
func events(names []string) string {
	if len(names) == 0 {
		return ""
	}
	list, err := json.Marshal(names)
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return `, "events": ` + string(list)
}

func separator(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

// Totals are the sums of one fake. Statuses and fields count those that the document declares.
type Totals struct {
	Operations, Touched            int
	Recorded, Documented, Inferred int // operations by evidence
	ByRecording                    int // operations that a recorded case touches
	Statuses, StatusesOf           int
	Fields, FieldsOf               int
	Headers, HeadersOf             int // compared headers, declared headers
	RootFields                     int // kinds of GraphQL root fields that cases touch
	Newest                         string
}

// Totals returns the sums of a fake.
func (f *Fake) Totals() (t Totals) {
	for _, o := range f.Operations {
		if o.Root != "" {
			t.RootFields++
			continue
		}
		t.Operations++
		t.Touched += bit(len(o.Cases()) > 0)
		t.ByRecording += bit(len(o.Recorded) > 0)
		t.Recorded += bit(o.Evidence == "recorded")
		t.Documented += bit(o.Evidence == "documented")
		t.Inferred += bit(o.Evidence == "inferred")
		t.Statuses, t.StatusesOf = t.Statuses+o.shown(), t.StatusesOf+len(o.Promised)
		t.Fields, t.FieldsOf = t.Fields+len(o.Fields), t.FieldsOf+o.Of
		t.Headers, t.HeadersOf = t.Headers+len(o.Headers), t.HeadersOf+len(o.Headers)+len(o.Uncompared)
		t.Newest = max(t.Newest, o.Newest)
	}
	return t
}

func bit(is bool) int {
	if is {
		return 1
	}
	return 0
}

// shown counts the declared statuses that cases show.
func (o *Operation) shown() (n int) {
	for _, status := range o.Promised {
		n += bit(slices.Contains(o.Statuses, status))
	}
	return n
}

var columns = []string{"fake", "operations", "recorded", "documented", "inferred", "touched by a case",
	"by a recorded one", "statuses", "fields", "headers", "events", "root fields", "newest recording"}

func (f *Fake) totals() []string {
	t := f.Totals()
	return []string{f.Name, fmt.Sprint(t.Operations), fmt.Sprint(t.Recorded), fmt.Sprint(t.Documented),
		fmt.Sprint(t.Inferred), fmt.Sprint(t.Touched), fmt.Sprint(t.ByRecording),
		share(t.Statuses, t.StatusesOf), share(t.Fields, t.FieldsOf), share(t.Headers, t.HeadersOf),
		counted(len(f.Events)), counted(t.RootFields), cmp.Or(t.Newest, "-")}
}

func counted(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func share(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d of %d (%d %%)", n, of, n*100/of)
}

var operationColumns = []string{"operation", "method", "path", "evidence", "cases", "statuses", "fields", "headers",
	"newest recording"}

// cells returns an operation's table row: the statuses that a case shows, then in brackets the
// declared ones that no case shows.
func (o *Operation) cells() []string {
	var statuses, missing []string
	for _, s := range o.Statuses {
		statuses = append(statuses, fmt.Sprint(s))
	}
	for _, s := range o.Promised {
		if !slices.Contains(o.Statuses, s) {
			missing = append(missing, fmt.Sprint(s))
		}
	}
	if len(missing) > 0 {
		statuses = append(statuses, "("+strings.Join(missing, " ")+")")
	}
	fields := share(len(o.Fields), o.Of)
	if o.Of == 0 && o.Shown > 0 {
		fields = fmt.Sprint(o.Shown)
	}
	return []string{o.name(), o.Method, o.Path, o.Evidence, o.caseCount(), strings.Join(statuses, " "), fields,
		o.headerNames(), cmp.Or(o.Newest, "-")}
}

// headerNames returns the compared headers, then in brackets the declared ones that no case
// compares.
func (o *Operation) headerNames() string {
	names := slices.Clone(o.Headers)
	if len(o.Uncompared) > 0 {
		names = append(names, "("+strings.Join(o.Uncompared, " ")+")")
	}
	return cmp.Or(strings.Join(names, " "), "-")
}

// caseCount returns the number of cases by source: 3 (1 recorded, 2 documented).
func (o *Operation) caseCount() string {
	var parts []string
	for _, p := range []struct {
		n    int
		name string
	}{{len(o.Recorded), "recorded"}, {len(o.Documented), "documented"}, {len(o.Inferred), "inferred"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.name))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// Table writes the coverage for a terminal: the totals and, if all is true, every operation.
func (c *Coverage) Table(w io.Writer, all bool) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(cells []string) { fmt.Fprintln(t, strings.Join(cells, "\t")) }
	for _, f := range c.Fakes {
		if !all {
			break
		}
		fmt.Fprintf(t, "%s (%s)\n", f.Name, f.Title)
		row(operationColumns)
		for _, o := range f.Operations {
			row(o.cells())
		}
		fmt.Fprintln(t)
	}
	row(columns)
	for _, f := range c.Fakes {
		row(f.totals())
	}
	t.Flush()
}

const preface = `# Fidelity

What the cases under ` + "`fixtures/`" + ` touch of each fake's document, and the evidence of each operation. Written by
` + "`go run ./cmd/mockserver coverage --write`" + `. CI fails if this page is out of date, or if coverage has shrunk.

- **evidence**: the document's evidence for the operation: recorded (a conversation with the real service is
  replayed), documented (the vendor's documentation says so), inferred (neither; our choice).
- **cases**: how many cases touch the operation, by source.
- **statuses**: those that a case shows; in brackets those that the document declares and no case shows.
- **fields**: how many fields of the document's success answers a case shows. Where the document leaves answers
  open, as Twenty's generic one does: how many different fields the cases show.
- **headers**: those that the document declares for the operation's answers and a replay compares; in brackets
  those that no case compares.
- **events**: the events whose deliveries a case compares, such as a webhook's; listed below the table.
- A GraphQL endpoint is one operation; each kind of root field has a row below it. The root fields of records are
  reduced to their kind by verb and plural (` + "`createCompanies`" + ` is createMany); those of metadata are named.
`

// Markdown writes the coverage as a page of documentation.
func (c *Coverage) Markdown() []byte {
	var b bytes.Buffer
	b.WriteString(preface)
	fmt.Fprintln(&b)
	markdown(&b, columns)
	for _, f := range c.Fakes {
		row(&b, f.totals())
	}
	for _, f := range c.Fakes {
		fmt.Fprintf(&b, "\n## %s\n\n", f.Title)
		if len(f.Events) > 0 {
			fmt.Fprintf(&b, "Events: %s.\n\n", strings.Join(f.Events, ", "))
		}
		markdown(&b, operationColumns)
		for _, o := range f.Operations {
			cells := o.cells()
			cells[2] = "`" + cells[2] + "`"
			row(&b, cells)
		}
	}
	return b.Bytes()
}

func markdown(w io.Writer, titles []string) {
	row(w, titles)
	fmt.Fprintln(w, strings.Repeat("|---", len(titles))+"|")
}

func row(w io.Writer, cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
