package safeyaml

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
)

// Unmarshal decodes one YAML document. A merge key is the first key of its mapping and names one anchor; the keys
// after it override those of the anchor, in their places.
//
// It resolves anchors itself: the library reads an alias within an anchored value as null if its anchor is in the
// same value, and keeps an overridden key twice in an ordered map.
func Unmarshal(text []byte, v any, options ...yaml.DecodeOption) error {
	text = TrimBOM(text)
	if err := check(text); err != nil {
		return err
	}
	aliases, err := checkTokens(lexer.Tokenize(string(text)))
	if err != nil || aliases == 0 {
		return yaml.NewDecoder(bytes.NewReader(text), options...).Decode(v)
	}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return err
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil { // the aliases are in another document
		return yaml.NewDecoder(bytes.NewReader(text), options...).Decode(v)
	}
	r := resolver{}
	root := r.resolve(file.Docs[0].Body)
	if err := r[""]; err != nil {
		return err.(failure).error
	}
	return yaml.NodeToValue(root, v, options...)
}

// resolver replaces aliases by what stands at their anchors. Its first error is under the empty name.
type resolver map[string]any

// failure is an error in a resolver.
type failure struct{ error }

func (r resolver) fail(n ast.Node, format string, args ...any) ast.Node {
	if r[""] == nil {
		r[""] = failure{fmt.Errorf("line %d: "+format, append([]any{n.GetToken().Position.Line}, args...)...)}
	}
	return ast.Null(n.GetToken())
}

func (r resolver) resolve(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.AnchorNode:
		value := r.resolve(n.Value)
		r[n.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if value, ok := r[name].(ast.Node); ok {
			return value
		}
		return r.fail(n, "no anchor %q before this", name)
	case *ast.MappingNode:
		r.mapping(n)
	case *ast.MappingValueNode:
		m := ast.Mapping(n.GetToken(), false, n)
		r.mapping(m)
		return m
	case *ast.SequenceNode:
		for i, value := range n.Values {
			n.Values[i] = r.resolve(value)
		}
	case *ast.TagNode:
		n.Value = r.resolve(n.Value)
	}
	return n
}

// mapping resolves the values of a mapping, and the merge key that it may begin with.
func (r resolver) mapping(m *ast.MappingNode) {
	var pairs []*ast.MappingValueNode
	places := map[string]int{}
	for i, pair := range m.Values {
		if _, merge := pair.Key.(*ast.MergeKeyNode); merge {
			_, alias := pair.Value.(*ast.AliasNode)
			base, ok := r.resolve(pair.Value).(*ast.MappingNode)
			if i > 0 || !alias || !ok {
				r.fail(pair, "a merge key must be the first key, and name the anchor of one mapping")
				return
			}
			for _, merged := range base.Values {
				places[merged.Key.String()] = len(pairs)
				pairs = append(pairs, merged)
			}
			continue
		}
		pair.Value = r.resolve(pair.Value)
		if at, overrides := places[pair.Key.String()]; overrides {
			pairs[at] = pair
		} else {
			pairs = append(pairs, pair)
		}
	}
	m.Values = pairs
}
