package write

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// compositeNames are what messages call the composite types.
var compositeNames = map[schema.Type]string{
	schema.FullName: "full name", schema.Emails: "emails", schema.Phones: "phones", schema.Links: "links",
	schema.Address: "address", schema.Currency: "currency", schema.Actor: "actor", schema.RichText: "rich text",
}

// composite reads a composite value. null changes nothing, but for RICH_TEXT, on which the vendor trips.
func (r *reader) composite(a *schema.Attr, v any) error {
	if v == nil && a.Type == schema.RichText {
		return reject.Crash("TypeError", "Cannot read properties of null (reading 'blocknote')")
	}
	if v == nil {
		return nil
	}
	o, err := r.parts(a, v)
	if err != nil {
		return err
	}
	if read := compositeReaders[a.Type]; read != nil {
		return read(r, a, o)
	}
	return r.eachPart(a, o, nil)
}

// compositeReaders read the composites whose parts are not read one by one.
var compositeReaders = map[schema.Type]func(*reader, *schema.Attr, *js.Object) error{
	schema.Emails: (*reader).emails, schema.Phones: (*reader).phones, schema.Links: (*reader).linksValue,
	schema.Actor: (*reader).actor, schema.RichText: (*reader).richText}

// parts checks that a value is an object with known keys.
func (r *reader) parts(a *schema.Attr, v any) (*js.Object, error) {
	o, ok := v.(*js.Object)
	switch v := v.(type) {
	case []any:
		if o = (&js.Object{}); len(v) > 0 {
			return nil, badPart(a, "0")
		}
	case string:
		if checkDocument(v, a.Name) == nil {
			return nil, badPart(a, "0") // the keys of a text are the places of its letters
		}
	}
	if o == nil && !ok {
		return nil, badObject(v, a.Name)
	}
	for _, m := range o.Members {
		if _, known := a.Sub(m.Key); !known {
			return nil, badPart(a, m.Key)
		}
	}
	return o, nil
}

func badPart(a *schema.Attr, key string) *reject.Error {
	if a.Type == schema.RichText {
		key = "'" + key + "'"
	}
	name := compositeNames[a.Type]
	return reject.Data("Invalid value for "+name+".", `Invalid subfield %s for %s field "%s"`, key, name, a.Name)
}

// eachPart reads the parts of a composite value one by one, but for those that skip takes.
func (r *reader) eachPart(a *schema.Attr, o *js.Object, skip func(c *record.Column, v any) (bool, error)) error {
	for _, m := range o.Members {
		c := r.layout.Column(a.Name + "." + m.Key)
		done := false
		if skip != nil {
			var err error
			if done, err = skip(c, m.Value); err != nil {
				return err
			}
		}
		if done {
			continue
		}
		if err := r.plain(c, c.Path, m.Value); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) part(a *schema.Attr, sub string) *record.Column {
	return r.layout.Column(a.Name + "." + sub)
}

// isEmail reports whether the vendor accepts an address: text on both sides of one @, up to 64 and
// 255 characters, without blanks, and no quotes before it. Known from the public source of the
// library that validates it.
func isEmail(s string) bool {
	name, host, _ := strings.Cut(s, "@")
	fits := func(part string, most int, not string) bool {
		n := utf8.RuneCountInString(part)
		return n > 0 && n <= most && !strings.ContainsAny(part, not) &&
			!strings.ContainsFunc(part, func(r rune) bool { return unicode.Is(unicode.Z, r) })
	}
	return fits(name, 64, "\t\n\f\r\"") && fits(host, 255, "\t\n\f\r@")
}

// emails are kept in lower case. A primary address that is left out is cleared, additional ones are kept:
// corpus_composite_patch_101.
func (r *reader) emails(a *schema.Attr, o *js.Object) error {
	primary, additional := r.part(a, "primaryEmail"), r.part(a, "additionalEmails")
	r.out.set[primary] = nil
	return r.eachPart(a, o, func(c *record.Column, v any) (bool, error) {
		if c == primary {
			s, err := checkEmail(v, c.Path)
			r.setText(c, s)
			return true, err
		}
		list, err := emailList(v, additional.Path)
		r.out.set[c] = list
		return true, err
	})
}

func checkEmail(v any, name string) (string, error) {
	s, ok := v.(string)
	if v != nil && !ok || s != "" && !isEmail(s) {
		return "", reject.BadValue(reject.CodeData, "Invalid value: ", v, "Invalid string value %s for email field %s",
			name)
	}
	return strings.ToLower(s), nil
}

func emailList(v any, name string) (any, error) {
	items, ok := v.([]any)
	if s, isText := v.(string); isText {
		if _, err := checkEmail(s, name); err != nil {
			return nil, err
		}
		parsed, err := js.ParseJSON(s)
		if err != nil {
			return nil, reject.Crash("SyntaxError", "%s", err.Error())
		}
		items, ok = parsed.([]any)
	}
	if v == nil || ok && len(items) == 0 {
		return nil, nil
	}
	if !ok {
		return nil, notTexts(v, name)
	}
	out := make([]any, len(items))
	for i, x := range items {
		if x == nil {
			return nil, notTexts(v, name)
		}
		s, err := checkEmail(x, name)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

// jsonList reads a list that may be written as JSON text.
func jsonList(v any) ([]any, error) {
	if s, ok := v.(string); ok {
		if s == "" {
			return nil, nil
		}
		parsed, err := js.ParseJSON(s)
		if err != nil {
			return nil, reject.Crash("SyntaxError", "%s", err.Error())
		}
		v = parsed
	}
	list, _ := v.([]any)
	return list, nil
}

// partsBut reads the parts of a composite, but for a document, which it returns.
func (r *reader) partsBut(document *record.Column, a *schema.Attr, o *js.Object) (rest any, err error) {
	err = r.eachPart(a, o, func(c *record.Column, v any) (bool, error) {
		if c != document {
			return false, nil
		}
		rest = v
		return true, checkDocument(v, c.Path)
	})
	return rest, err
}

// linksValue: omitted parts are cleared; entries without a URL are dropped, and the first entry
// with one is the primary: corpus_composite_patch_101. An entry keeps its URL and its label
// (kind_values_links 118).
func (r *reader) linksValue(a *schema.Attr, o *js.Object) error {
	label, url, more := r.part(a, "primaryLinkLabel"), r.part(a, "primaryLinkUrl"), r.part(a, "secondaryLinks")
	rest, err := r.partsBut(more, a, o)
	if err != nil {
		return err
	}
	all, err := secondaryLinks(rest)
	if err != nil {
		return err
	}
	first := js.NewObject("url", js.StringOf(r.out.set[url]), "label", o.Value(label.Sub))
	kept, err := keptLinks(append([]any{first}, all...))
	if err != nil {
		return err
	}
	r.out.set[label], r.out.set[url], r.out.set[more] = nil, nil, nil
	if len(kept) == 0 {
		return nil
	}
	if s, ok := kept[0]["label"].(string); ok {
		r.out.set[label] = s // an empty label is not NULL: corpus_rest_query_101 #71
	}
	r.out.set[url] = kept[0]["url"]
	if len(kept) > 1 {
		list := make([]any, 0, len(kept)-1)
		for _, item := range kept[1:] {
			list = append(list, item)
		}
		r.out.set[more] = list
	}
	return nil
}

// secondaryLinks reads the other links, which may be written as JSON text. The server trips over an object.
func secondaryLinks(v any) ([]any, error) {
	if _, ok := v.(*js.Object); ok {
		return nil, reject.Crash("TypeError", "(secondaryLinks ?? []) is not iterable")
	}
	return jsonList(v)
}

// keptLinks drops links without a URL and rejects those with an invalid one.
func keptLinks(items []any) (kept []map[string]any, err error) {
	for _, item := range items {
		o, _ := item.(*js.Object)
		if o == nil {
			continue
		}
		s := js.StringOf(o.Value("url"))
		if s == "" {
			continue
		}
		if !value.Linkable(s) {
			return nil, reject.Coded("INVALID_URL", "Invalid URL format.", "The URL of the link is not valid")
		}
		entry := map[string]any{"url": value.TidyURL(s)}
		if label, given := o.Get("label"); given {
			entry["label"] = js.Plain(label)
		}
		kept = append(kept, entry)
	}
	return kept, nil
}

// actor merges its keys with the present value: corpus_rest_write_101 #98.
func (r *reader) actor(a *schema.Attr, o *js.Object) error { return r.eachPart(a, o, nil) }

// richText: the text that is left out is made from the other; {} and null clear both.
func (r *reader) richText(a *schema.Attr, o *js.Object) error {
	blocknote, markdown := r.part(a, "blocknote"), r.part(a, "markdown")
	if err := r.eachPart(a, o, checkBlocks); err != nil {
		return err
	}
	blocks, md := js.StringOf(r.out.set[blocknote]), js.StringOf(r.out.set[markdown])
	switch {
	case blocks != "" && md == "":
		md = value.Markdown(blocks)
	case md != "" && blocks == "":
		blocks = string(jsonb.Encode(value.Blocks(md, r.scope.State.NewID)))
	}
	r.out.set[blocknote], r.out.set[markdown] = nil, nil
	if blocks != "" || md != "" {
		r.setText(blocknote, blocks)
		r.setText(markdown, md)
	}
	return nil
}

// checkBlocks rejects a blocknote text that is not a JSON list: kind_validation_order 21; that it
// must be a list is known from the vendor's public source.
func checkBlocks(c *record.Column, v any) (bool, error) {
	text, _ := v.(string)
	if c.Sub != "blocknote" || text == "" {
		return false, nil
	}
	reason := "must contain valid JSON"
	if blocks, err := js.ParseJSON(text); err == nil {
		if _, ok := blocks.([]any); ok {
			return false, nil
		}
		reason = "must be a JSON array of blocks"
	}
	return false, reject.Data("Invalid value for rich text.", `Invalid blocknote value for field "%s" - %s`,
		c.Path, reason)
}

// phones: the parts of the primary number are merged one by one, omitted additional numbers are
// cleared, and a number is parsed with the country in the data: corpus_composite_patch_101.
func (r *reader) phones(a *schema.Attr, o *js.Object) error {
	number, country, calling := r.part(a, "primaryPhoneNumber"), r.part(a, "primaryPhoneCountryCode"),
		r.part(a, "primaryPhoneCallingCode")
	more := r.part(a, "additionalPhones")
	rest, err := r.partsBut(more, a, o)
	if err != nil {
		return err
	}
	p, wrong := value.Phone{Number: o.Value(number.Sub), Country: o.Value(country.Sub),
		Calling: o.Value(calling.Sub)}.Infer()
	if wrong != nil {
		return phoneError(wrong)
	}
	for c, v := range map[*record.Column]any{number: p.Number, country: p.Country, calling: p.Calling} {
		if s, ok := v.(string); ok {
			r.setText(c, s)
		} else if c == country && js.StringOf(p.Number) != "" {
			delete(r.out.set, c)
		}
	}
	items, err := jsonList(rest)
	if err != nil {
		return err
	}
	r.out.set[more] = nil
	if list, err := inferAll(items); err != nil {
		return err
	} else if len(list) > 0 {
		r.out.set[more] = list
	}
	return nil
}

// inferAll parses additional numbers; an entry without a number is unchanged. A value that is no
// object leaves an empty entry: kind_values_composites 28.
func inferAll(items []any) ([]any, error) {
	var out []any
	for _, item := range items {
		if item == nil { // inferred: what the engine does with the vendor's public source
			return nil, reject.Crash("TypeError",
				"Cannot destructure property 'callingCode' of 'object null' as it is null.")
		}
		o, ok := item.(*js.Object)
		if !ok {
			o = &js.Object{}
		}
		p, wrong := value.Phone{Number: o.Value("number"), Country: o.Value("countryCode"),
			Calling: o.Value("callingCode")}.Infer()
		if wrong != nil {
			return nil, phoneError(wrong)
		}
		entry := map[string]any{}
		for key, v := range map[string]any{"number": p.Number, "countryCode": p.Country, "callingCode": p.Calling} {
			if _, given := o.Get(key); given || v != nil {
				entry[key] = v
			}
		}
		out = append(out, entry)
	}
	return out, nil
}

func phoneError(e *value.PhoneError) *reject.Error {
	return reject.Coded(e.Code, e.Message, "%s", e.Message)
}
