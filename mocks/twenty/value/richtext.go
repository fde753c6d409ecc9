package value

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

var (
	headingLine  = regexp.MustCompile(`^(#{1,6})\s+(.*?)\s*#*$`)
	bulletLine   = regexp.MustCompile(`^\s*[-*+]\s+(.*)$`)
	numberedLine = regexp.MustCompile(`^\s*(\d+)[.)]\s+(.*)$`)
	quoteLine    = regexp.MustCompile(`^>\s?(.*)$`)
	inlineSpan   = regexp.MustCompile("`([^`]+)`|\\*\\*(.+?)\\*\\*|__(.+?)__|\\*([^*\\s][^*]*?)\\*|_([^_\\s][^_]*?)_|" +
		"~~(.+?)~~|\\[([^\\]]*)\\]\\(([^)\\s]*)\\)")
)

// block is one block of a text as the vendor's editor keeps it.
type block struct {
	kind  string
	level int
	start int // the number of a numbered item that does not follow another
	text  string
}

// Blocks makes the editor's blocks of a markdown text: fixtures/twenty/rest_notes_and_targets. newID gives each its id.
func Blocks(markdown string, newID func() string) []any {
	out := []any{}
	for _, b := range readBlocks(markdown) {
		props := js.NewObject("backgroundColor", "default", "textColor", "default")
		if b.kind != "quote" && b.kind != "codeBlock" {
			props.Set("textAlignment", "left")
		}
		switch b.kind {
		case "heading":
			props.Set("level", float64(b.level))
			props.Set("isToggleable", false)
		case "codeBlock":
			props = js.NewObject("language", b.language())
		}
		if b.start > 1 {
			props.Set("start", float64(b.start))
		}
		content := []any{textSpan(b.text)}
		if b.kind != "codeBlock" {
			content = spans(b.text, nil)
		}
		out = append(out, js.NewObject("id", newID(), "type", b.kind, "props", props,
			"content", content, "children", []any{}))
	}
	return out
}

func (b block) language() string { return "text" }

func readBlocks(markdown string) []block {
	var out []block
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, block{kind: "paragraph", text: strings.Join(paragraph, "\n")})
			paragraph = nil
		}
	}
	lines := strings.Split(strings.ReplaceAll(markdown, "\r\n", "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		if strings.HasPrefix(line, "```") {
			flush()
			end := i + 1
			for end < len(lines) && !strings.HasPrefix(lines[end], "```") {
				end++
			}
			out = append(out, block{kind: "codeBlock", text: strings.Join(lines[i+1:end], "\n")})
			i = end
			continue
		}
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		if b, ok := lineBlock(line, out); ok {
			flush()
			out = append(out, b)
			continue
		}
		paragraph = append(paragraph, strings.TrimSpace(line))
	}
	flush()
	return out
}

// lineBlock parses a line that is a block.
func lineBlock(line string, before []block) (block, bool) {
	if m := headingLine.FindStringSubmatch(line); m != nil {
		return block{kind: "heading", level: len(m[1]), text: m[2]}, true
	}
	if m := bulletLine.FindStringSubmatch(line); m != nil {
		return block{kind: "bulletListItem", text: m[1]}, true
	}
	if m := numberedLine.FindStringSubmatch(line); m != nil {
		b := block{kind: "numberedListItem", text: m[2]}
		if n := len(before); n == 0 || before[n-1].kind != b.kind {
			b.start, _ = strconv.Atoi(m[1])
		}
		return b, true
	}
	if m := quoteLine.FindStringSubmatch(line); m != nil {
		return block{kind: "quote", text: m[1]}, true
	}
	return block{}, false
}

func textSpan(s string, styles ...string) *js.Object {
	set := &js.Object{}
	for _, style := range styles {
		set.Set(style, true)
	}
	return js.NewObject("type", "text", "text", s, "styles", set)
}

// spans cuts a line into its styled parts.
func spans(s string, styles []string) []any {
	out := []any{}
	for s != "" {
		m := inlineSpan.FindStringSubmatchIndex(s)
		if m == nil {
			return append(out, textSpan(s, styles...))
		}
		if m[0] > 0 {
			out = append(out, textSpan(s[:m[0]], styles...))
		}
		out = append(out, styled(s, m, styles)...)
		s = s[m[1]:]
	}
	return out
}

// spanStyles are the styles of the groups of inlineSpan.
var spanStyles = []string{"code", "bold", "bold", "italic", "italic", "strike"}

func styled(s string, m []int, styles []string) []any {
	for i, style := range spanStyles {
		if from := m[2+2*i]; from >= 0 {
			inner := s[from:m[3+2*i]]
			if style == "code" {
				return []any{textSpan(inner, append(styles[:len(styles):len(styles)], style)...)}
			}
			return spans(inner, append(styles[:len(styles):len(styles)], style))
		}
	}
	link := js.NewObject("type", "link", "href", s[m[16]:m[17]], "content", spans(s[m[14]:m[15]], styles))
	return []any{link}
}

// Markdown writes the editor's blocks as markdown, which ends with a line break:
// corpus_rest_write_101 #21. Text that the editor cannot parse is kept: known from the vendor's
// public source.
func Markdown(blocks string) string {
	v, err := js.ParseJSON(blocks)
	list, ok := v.([]any)
	if err != nil || !ok {
		return blocks
	}
	if len(list) == 0 {
		return ""
	}
	var out strings.Builder
	number, before := 0, ""
	for _, item := range list {
		o, ok := item.(*js.Object)
		if !ok {
			continue
		}
		kind := stringOf(o.Value("type"))
		if before != "" {
			out.WriteString(blockGap(before, kind))
		}
		if number++; kind != "numberedListItem" {
			number = 0
		}
		out.WriteString(blockMark(o, kind, number) + spanText(o.Value("content")))
		before = kind
	}
	return out.String() + "\n"
}

func blockGap(before, now string) string {
	if before == now && strings.HasSuffix(now, "ListItem") {
		return "\n"
	}
	return "\n\n"
}

func blockMark(o *js.Object, kind string, number int) string {
	switch kind {
	case "heading":
		level := 1
		if props, ok := o.Value("props").(*js.Object); ok {
			if n, ok := props.Value("level").(float64); ok {
				level = int(n)
			}
		}
		return strings.Repeat("#", min(6, max(1, level))) + " "
	case "bulletListItem":
		return "* "
	case "numberedListItem":
		return strconv.Itoa(number) + ". "
	case "quote":
		return "> "
	}
	return ""
}

// markdownSigns are the signs around text of a style.
var markdownSigns = []struct{ style, sign string }{{"italic", "*"}, {"bold", "**"}, {"strike", "~~"}, {"code", "`"}}

func spanText(content any) string {
	var out strings.Builder
	items, _ := content.([]any)
	for _, item := range items {
		o, ok := item.(*js.Object)
		if !ok {
			continue
		}
		if o.Value("type") == "link" {
			out.WriteString("[" + spanText(o.Value("content")) + "](" + stringOf(o.Value("href")) + ")")
			continue
		}
		s := stringOf(o.Value("text"))
		styles, _ := o.Value("styles").(*js.Object)
		for _, sign := range markdownSigns {
			if styles != nil && styles.Value(sign.style) == true && s != "" {
				s = sign.sign + s + sign.sign
			}
		}
		out.WriteString(s)
	}
	return out.String()
}

// stringOf returns a text, "" for any other value.
func stringOf(v any) string {
	s, _ := v.(string)
	return s
}
