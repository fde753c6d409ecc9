package contracts

import (
	"cmp"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake"
)

// operation returns the operation of the fake's document for an interaction, or nil.
func (c *Case) operation(i *compare.Interaction) *fake.Operation {
	if c.router == nil || i.Advance != "" {
		return nil
	}
	at, err := url.Parse(anyPlaceholder.ReplaceAllString(strings.TrimPrefix(i.URL, "{{base}}"), "placeholder"))
	if err != nil {
		return nil
	}
	host := cmp.Or(i.Host, at.Host, c.Fake+".localhost")
	return c.router.Operation(&http.Request{Method: i.Method, Host: host, URL: at, Header: i.Header.Clone()})
}

// lines returns the line of each entry of the case's file, from 1. It parses the file again with
// positions, which takes as long as loading it; call it only to show something.
func (c *Case) lines() (lines []int) {
	data, err := fs.ReadFile(c.fsys, c.File)
	if err != nil {
		return nil
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil
	}
	list := "$.interactions"
	if c.handWritten {
		list = "$.steps"
	}
	at, err := yaml.PathString(list)
	if err != nil {
		return nil
	}
	node, err := at.FilterFile(file)
	if entries, ok := node.(*ast.SequenceNode); err == nil && ok {
		for _, entry := range entries.Values {
			lines = append(lines, entry.GetToken().Position.Line)
		}
	}
	return lines
}

// locate sets the lines of the results that differ.
func (o *Outcome) locate() {
	if o.Case.fsys == nil || o.State() == Passed || o.Skipped != "" {
		return
	}
	lines := o.Case.lines()
	line := func(n int) int {
		if n < len(o.Case.interactions) && o.Case.interactions[n].Entry < len(lines) {
			return lines[o.Case.interactions[n].Entry]
		}
		return 0
	}
	if o.Err != nil {
		o.Line = line(len(o.Results)) // the interaction that could not be replayed
	}
	for n := range o.Results {
		if len(o.Results[n].Differences) > 0 {
			o.Results[n].Line = line(o.Results[n].Number)
		}
	}
}
