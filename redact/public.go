package redact

import (
	"strings"
	"sync"
)

// Public is the quoted values of a JSON text, such as the rows of a seed, which are no secrets. It is safe for
// concurrent use.
type Public struct {
	text   string
	once   sync.Once
	values map[string]bool // the distinctive ones; it is made when it is first needed
}

// NewPublic returns the quoted values of a JSON text.
func NewPublic(text string) *Public { return &Public{text: text} }

// quotes reports whether a value stands in quotation marks in the text.
func (p *Public) quotes(value string) bool {
	return p != nil && strings.Contains(p.text, `"`+value+`"`)
}

// has is quotes for distinctive values; others are not public. It does not search the text, which may be a megabyte.
func (p *Public) has(value string) bool {
	if p == nil {
		return false
	}
	p.once.Do(func() {
		p.values = map[string]bool{}
		for part := range strings.SplitSeq(p.text, `"`) { // also what is between two values
			if distinctive(part) {
				p.values[part] = true
			}
		}
	})
	return p.values[value] || strings.Contains(value, `"`) && distinctive(value) && p.quotes(value)
}
