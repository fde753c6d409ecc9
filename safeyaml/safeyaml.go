// Package safeyaml reads YAML from strangers in bounded time and memory. The library behind it expands aliases and
// recurses without bounds: some hundred bytes of aliases of aliases, or a hundred kilobytes of brackets, take all
// memory of the machine.
package safeyaml

import (
	"bytes"
	"context"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The bounds. Documents that people or programs write keep far below them.
const (
	mostDepth    = 100      // collections inside each other
	mostExpanded = 16 << 20 // bytes of a document once its aliases are expanded, if it has any
)

// TrimBOM cuts off the byte order mark that some editors write in front of UTF-8.
func TrimBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// ToJSON translates one YAML document into JSON. A byte order mark is skipped. It stops between its steps once ctx ends.
func ToJSON(ctx context.Context, text []byte) ([]byte, error) {
	text = TrimBOM(text)
	err := Check(text)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(text)
}

// Check refuses YAML that is too deep, or too large once its aliases are expanded. Other mistakes are left to the
// reader.
func Check(text []byte) error {
	tokens := lexer.Tokenize(string(text))
	aliases, err := checkTokens(tokens)
	if err != nil || aliases == 0 {
		return err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil // the reader says it better
	}
	for _, doc := range file.Docs {
		e := expansion{anchors: map[string]int{}}
		if e.size(doc.Body) > mostExpanded {
			return fmt.Errorf("the YAML has more than %d bytes once its aliases are expanded", mostExpanded)
		}
	}
	return nil
}

// checkTokens counts the aliases and refuses a document that is too deep. In a block each column that is deeper than the
// one before counts, which is a few too many.
func checkTokens(tokens token.Tokens) (aliases int, err error) {
	flow, columns := 0, []int{}
	for _, t := range tokens {
		switch t.Type {
		case token.AliasType:
			aliases++
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		}
		if flow > 0 {
			if flow+len(columns) > mostDepth {
				return 0, tooDeep(t)
			}
			continue
		}
		for len(columns) > 0 && columns[len(columns)-1] >= t.Position.Column {
			columns = columns[:len(columns)-1]
		}
		if columns = append(columns, t.Position.Column); len(columns) > mostDepth {
			return 0, tooDeep(t)
		}
	}
	return aliases, nil
}

func tooDeep(t *token.Token) error {
	return fmt.Errorf("line %d: the YAML is more than %d collections deep", t.Position.Line, mostDepth)
}

// expansion measures nodes with their aliases expanded, and expands nothing.
type expansion struct{ anchors map[string]int }

func (e expansion) size(node ast.Node) int {
	const each = 16
	switch n := node.(type) {
	case nil:
		return 0
	case *ast.MappingNode:
		return each + sizeOf(e, n.Values)
	case *ast.MappingValueNode:
		return each + e.size(n.Key) + e.size(n.Value)
	case *ast.MappingKeyNode:
		return each + e.size(n.Value)
	case *ast.SequenceNode:
		return each + sizeOf(e, n.Values)
	case *ast.TagNode:
		return each + e.size(n.Value)
	case *ast.AnchorNode:
		size := e.size(n.Value)
		e.anchors[n.Name.GetToken().Value] = size
		return size
	case *ast.AliasNode:
		return each + e.anchors[n.Value.GetToken().Value]
	}
	if t := node.GetToken(); t != nil {
		return each + len(t.Value)
	}
	return each
}

// sizeOf adds sizes up, no further than needed: a sum of them must not overflow.
func sizeOf[T ast.Node](e expansion, nodes []T) (sum int) {
	for _, n := range nodes {
		if sum += e.size(n); sum > mostExpanded {
			return mostExpanded + 1
		}
	}
	return sum
}
