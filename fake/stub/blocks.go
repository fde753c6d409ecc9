package stub

import (
	"errors"
	"strings"
)

// each runs its block for every element of a list or object.
func each(c *call) (any, error) {
	if c.block == nil {
		return nil, errors.New("each opens a block")
	}
	keys, values := elements(c.arg(0))
	if len(values) == 0 {
		return c.program(c.block.Inverse)
	}
	var out strings.Builder
	for i, v := range values {
		names := map[string]any{"this": v, "@index": float64(i), "@key": keys[i],
			"@first": i == 0, "@last": i == len(values)-1}
		if p := c.block.Program; p != nil {
			for n, name := range p.BlockParams {
				names[name] = []any{v, keys[i]}[min(n, 1)]
			}
		}
		text, err := c.within(c.block.Program, scope{v, names})
		if err != nil {
			return nil, err
		}
		out.WriteString(text)
	}
	return out.String(), nil
}

func with(c *call) (any, error) {
	if c.block == nil {
		return nil, errors.New("with opens a block")
	}
	if !truth(c.arg(0)) {
		return c.program(c.block.Inverse)
	}
	return c.within(c.block.Program, scope{context: c.arg(0)})
}

// assign keeps the text of its block under a name.
func assign(c *call) (any, error) {
	if c.block == nil {
		return nil, errors.New("assign opens a block")
	}
	text, err := c.program(c.block.Program)
	c.vars[c.text(0)] = text
	return nil, err
}

// val returns its first argument, or the option "or" if that is empty, or assigns it to a variable.
func val(c *call) (any, error) {
	v := c.arg(0)
	if other, ok := c.hash["or"]; ok && !truth(v) {
		v = other
	}
	if other, ok := c.hash["default"]; ok && !truth(v) {
		v = other
	}
	if name, ok := c.hash["assign"]; ok {
		c.vars[valueText(name)] = v
		return nil, nil
	}
	return v, nil
}
