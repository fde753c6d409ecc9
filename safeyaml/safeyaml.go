// Package safeyaml parses untrusted YAML in bounded time and memory. The library behind it expands
// aliases and recurses without bounds: some hundred bytes of nested aliases, or a hundred kilobytes
// of brackets, exhaust the machine's memory.
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

// The bounds. Real documents stay far below them.
const (
	mostDepth    = 100     // nested collections
	mostExpanded = 2 << 20 // bytes of a document with its aliases expanded
)

// TrimBOM removes the byte order mark that some editors write before UTF-8.
func TrimBOM(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// ToJSON converts one YAML document to JSON. It skips a byte order mark and stops between its steps
// once ctx ends.
func ToJSON(ctx context.Context, text []byte) ([]byte, error) {
	text = TrimBOM(text)
	err := check(text)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, err
	}
	return yaml.YAMLToJSON(text)
}

// check returns an error for YAML that is nested too deeply, or too large with its aliases
// expanded. The parser reports other errors.
func check(text []byte) error {
	tokens := lexer.Tokenize(string(text))
	aliases, err := checkTokens(tokens)
	if err != nil || aliases == 0 {
		return err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil // the parser has the better message
	}
	for _, doc := range file.Docs {
		e := expansion{anchors: map[string]int{}}
		if e.size(doc.Body) > mostExpanded {
			return fmt.Errorf("the YAML has more than %d bytes once its aliases are expanded", mostExpanded)
		}
	}
	return nil
}

// checkTokens counts the aliases and returns an error for a document that is nested too deeply. In
// a block it counts each column that is deeper than the previous one, which is slightly too many.
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

// expansion measures nodes as if their aliases were expanded.
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

// sizeOf adds up sizes and stops early, so that the sum cannot overflow.
func sizeOf[T ast.Node](e expansion, nodes []T) (sum int) {
	for _, n := range nodes {
		if sum += e.size(n); sum > mostExpanded {
			return mostExpanded + 1
		}
	}
	return sum
}
