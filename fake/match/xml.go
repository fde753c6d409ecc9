package match

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
)

// parsedXML is a text as XML, read once.
type parsedXML struct {
	done bool
	root *xmlquery.Node // nil if it is not XML
}

func (s *subject) asXML() *xmlquery.Node {
	if !s.xml.done {
		s.xml.done = true
		s.xml.root = decodeXML(s.text)
	}
	return s.xml.root
}

func decodeXML(text string) *xmlquery.Node {
	if len(text) > mostParsed || !strings.HasPrefix(strings.TrimSpace(text), "<") {
		return nil
	}
	root, err := xmlquery.Parse(strings.NewReader(text))
	if err != nil {
		return nil
	}
	return root
}

// XMLPath is a compiled XPath. It is safe for concurrent use.
type XMLPath struct {
	mu   sync.Mutex // the library keeps the state of an evaluation in the expression
	expr *xpath.Expr
}

var axes = regexp.MustCompile(`//|descendant|preceding|following|ancestor`)

// CompileXPath compiles an XPath 1.0 expression with the prefixes of namespaces.
func CompileXPath(text string, namespaces map[string]string) (*XMLPath, error) {
	if len(text) > mostExpression || len(axes.FindAllString(text, -1)) > 3 {
		return nil, fmt.Errorf("the XPath is too large: at most %d letters and three steps that look at a whole tree",
			mostExpression)
	}
	expr, err := xpath.CompileWithNS(text, namespaces)
	if err != nil {
		return nil, fmt.Errorf("XPath %q: %v", text, err)
	}
	return &XMLPath{expr: expr}, nil
}

// Get returns what the expression leads to, as texts: elements as XML, all else as its value.
func (p *XMLPath) Get(document string) []string {
	root := decodeXML(document)
	if root == nil {
		return nil
	}
	return p.get(root)
}

func (p *XMLPath) get(root *xmlquery.Node) (texts []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() {
		if recover() != nil { // the library panics on an argument of the wrong type
			texts = nil
		}
	}()
	switch v := p.expr.Evaluate(xmlquery.CreateXPathNavigator(root)).(type) {
	case *xpath.NodeIterator:
		for v.MoveNext() {
			texts = append(texts, nodeText(v.Current().(*xmlquery.NodeNavigator)))
		}
	case bool:
		if v {
			texts = []string{"true"}
		}
	default:
		texts = []string{Plain(v)}
	}
	return texts
}

func nodeText(n *xmlquery.NodeNavigator) string {
	if n.NodeType() == xpath.ElementNode {
		return n.Current().OutputXML(true)
	}
	return n.Value()
}

func xPath(c *compiler, o object, name, pointer string) (value, error) {
	text, inner, err := c.operand(o, name, pointer)
	if err != nil {
		return nil, err
	}
	namespaces := map[string]string{}
	if raw := o["xPathNamespaces"]; raw != nil {
		if namespaces, err = stringMap(raw); err != nil {
			return nil, fmt.Errorf("xPathNamespaces: %v", err)
		}
	}
	path, err := CompileXPath(text, namespaces)
	if err != nil {
		return nil, err
	}
	return test(func(s *subject) bool {
		root := s.asXML()
		if root == nil {
			return false
		}
		texts := path.get(root)
		if inner == nil {
			return len(texts) > 0
		}
		return single{inner}.distances(texts, s.now) == 0
	}), nil
}

// xmlComparison compares documents as WireMock does: comments, white space around texts and the order of elements of
// different names do not count.
type xmlComparison struct {
	placeholders bool
	open, shut   string
}

func equalXML(_ *compiler, o object, name, _ string) (value, error) {
	for _, option := range []string{"exemptedComparisons", "namespaceAwareness", "ignoreOrderOfSameNode"} {
		if raw := string(o[option]); raw != "" && raw != "null" && raw != "false" && raw != `"STRICT"` && raw != "[]" {
			return nil, fmt.Errorf("%s is not supported here; use matchesXPath", option)
		}
	}
	text, err := o.text(name)
	if err != nil {
		return nil, err
	}
	want := decodeXML(text)
	if want == nil {
		return nil, fmt.Errorf("%s: %.200q is not XML", name, text)
	}
	how := xmlComparison{placeholders: o.flag("enablePlaceholders"), open: `\$\{`, shut: `\}`}
	delimiters := map[string]*string{
		"placeholderOpeningDelimiterRegex": &how.open, "placeholderClosingDelimiterRegex": &how.shut,
	}
	for option, to := range delimiters {
		if o[option] == nil {
			continue
		}
		if *to, err = o.text(option); err != nil {
			return nil, err
		}
	}
	ignore, err := regexp.Compile(`^\s*` + how.open + `\s*xmlunit\.(ignore|isNumber)\s*` + how.shut + `\s*$`)
	if err != nil || len(how.open)+len(how.shut) > 100 {
		return nil, errors.New("the delimiters of placeholders are not short regular expressions")
	}
	return test(func(s *subject) bool {
		got := s.asXML()
		return got != nil && how.same(want, got, ignore)
	}), nil
}

var number = regexp.MustCompile(`^\s*-?[0-9]+(\.[0-9]+)?\s*$`)

func (how xmlComparison) sameText(want, got string, ignore *regexp.Regexp) bool {
	if m := ignore.FindStringSubmatch(want); m != nil && how.placeholders {
		return m[1] == "ignore" || number.MatchString(got)
	}
	return want == got
}

func (how xmlComparison) same(want, got *xmlquery.Node, ignore *regexp.Regexp) bool {
	if want.Data != got.Data && want.Type == xmlquery.ElementNode || want.NamespaceURI != got.NamespaceURI {
		return false
	}
	wantAttrs, gotAttrs := attributes(want), attributes(got)
	if len(wantAttrs) != len(gotAttrs) {
		return false
	}
	for name, text := range wantAttrs {
		if other, ok := gotAttrs[name]; !ok || !how.sameText(text, other, ignore) {
			return false
		}
	}
	wantText, wantNodes := content(want)
	gotText, gotNodes := content(got)
	if m := ignore.FindStringSubmatch(wantText); m != nil && how.placeholders && m[1] == "ignore" {
		return true
	}
	if !how.sameText(wantText, gotText, ignore) || len(wantNodes) != len(gotNodes) {
		return false
	}
	for i, one := range wantNodes {
		if !how.same(one, gotNodes[i], ignore) {
			return false
		}
	}
	return true
}

func attributes(n *xmlquery.Node) map[string]string {
	out := map[string]string{}
	for _, a := range n.Attr {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			out[a.NamespaceURI+" "+a.Name.Local] = a.Value
		}
	}
	return out
}

// content returns the text of a node and its elements, ordered by their names.
func content(n *xmlquery.Node) (text string, elements []*xmlquery.Node) {
	var out strings.Builder
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		switch child.Type {
		case xmlquery.ElementNode:
			elements = append(elements, child)
		case xmlquery.TextNode, xmlquery.CharDataNode:
			out.WriteString(child.Data)
		}
	}
	slices.SortStableFunc(elements, func(a, b *xmlquery.Node) int { return strings.Compare(a.Data, b.Data) })
	return strings.TrimSpace(out.String()), elements
}

func stringMap(raw []byte) (map[string]string, error) {
	all, ok := decodeJSON(string(raw))
	object, isObject := all.(map[string]any)
	if !ok || !isObject {
		return nil, errors.New("expected an object of texts")
	}
	out := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		text, ok := object[key].(string)
		if !ok {
			return nil, errors.New("expected an object of texts")
		}
		out[key] = text
	}
	return out, nil
}
