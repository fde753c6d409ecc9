package mutant

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
)

// requests are the operators that misread a request.
var requests = []*Operator{
	{
		Name: "parameter ignored", About: "It ignores a query parameter: a filter, an order, a page",
		places: func(x *exchange) []string { return queryNames(x, nil) },
		around: asking(func(r *http.Request, _, place string) {
			editQuery(r, place, func(string) (string, bool) { return "", false })
		}),
	},
	{
		Name: "limit one more", About: "A page has one element more than was asked for",
		places: func(x *exchange) []string { return queryNames(x, limits) },
		around: asking(func(r *http.Request, _, place string) { editQuery(r, place, plus(1)) }),
	},
	{
		Name: "limit one less", About: "A page has one element less than was asked for",
		places: func(x *exchange) []string { return queryNames(x, limits) },
		around: asking(func(r *http.Request, _, place string) { editQuery(r, place, plus(-1)) }),
	},
	{
		Name: "page off by one", About: "It answers the page, or the offset, after the one that was asked for",
		places: func(x *exchange) []string { return queryNames(x, pages) },
		around: asking(func(r *http.Request, _, place string) { editQuery(r, place, plus(1)) }),
	},
	{
		Name: "field ignored", About: "It ignores a field of the request's body",
		most: 6, places: bodyNames,
		around: asking(func(r *http.Request, asked, place string) { setBody(r, without(asked, place)) }),
	},
	{
		Name: "comparison exchanged", About: "It reads one comparison, conjunction or order for another, " +
			"such as desc for asc; pairs in contracts/mutant/requests.go has the words that it knows",
		places: comparisons,
		around: asking(exchangeComparison),
	},
}

var (
	limits = regexp.MustCompile(`(?i)^(limit|per_?page|page_?size|first|last)$`)
	pages  = regexp.MustCompile(`(?i)^(page|offset)$`)
)

// asking makes an operator that changes the request before the fake receives it.
func asking(change func(r *http.Request, asked, place string)) func(http.Handler, *mutatedTarget) http.Handler {
	return func(own http.Handler, b *mutatedTarget) http.Handler {
		return handling(own, b, func(r *http.Request) *contracts.Answer {
			change(r, bodyOf(r), b.mutant.Place)
			r.RequestURI = r.URL.RequestURI()
			return ask(own, r)
		})
	}
}

func queryNames(x *exchange, like *regexp.Regexp) (found []string) {
	_, names := parameters(x.request.URL.RawQuery)
	for _, name := range names {
		if name != "" && (like == nil || like.MatchString(name)) {
			found = append(found, name)
		}
	}
	return found
}

// editQuery changes the value of a parameter or removes the parameter.
func editQuery(r *http.Request, name string, do func(value string) (string, bool)) {
	pieces, names := parameters(r.URL.RawQuery)
	var kept []string
	for i, piece := range pieces {
		if names[i] != name {
			kept = append(kept, piece)
			continue
		}
		key, value, _ := strings.Cut(piece, "=")
		if value, keep := do(value); keep {
			kept = append(kept, key+"="+value)
		}
	}
	r.URL.RawQuery = strings.Join(kept, "&")
}

func plus(n int) func(string) (string, bool) {
	return func(value string) (string, bool) {
		if old, err := strconv.Atoi(value); err == nil && old+n > 0 {
			value = strconv.Itoa(old + n)
		}
		return value, true
	}
}

// bodyNames returns the fields of a JSON object, of the objects in a JSON list, of the variables of
// a GraphQL request, or of a form.
func bodyNames(x *exchange) (names []string) {
	v, ok := decode(x.requestBody)
	if !ok {
		form, err := url.ParseQuery(x.requestBody)
		if err == nil && strings.Contains(x.request.Header.Get("Content-Type"), "form-urlencoded") {
			for name := range form {
				names = append(names, name)
			}
		}
		return names
	}
	depth := 0
	if fields, _ := v.(map[string]any); fields["query"] != nil {
		depth = 1
	}
	visit(v, "", "", func(path, key string, _ any) {
		inVariables := strings.HasPrefix(path, "variables.")
		if key != "" && (depth == 0 || inVariables) && strings.Count(path, ".") <= depth+1 {
			names = append(names, path)
		}
	})
	return names
}

// without removes a field from a body.
func without(asked, place string) string {
	if v, ok := decode(asked); ok {
		return encode(edit(v, "", place, func(string, any) (string, any) { return "", gone{} }))
	}
	form, err := url.ParseQuery(asked)
	if err != nil {
		return asked
	}
	form.Del(place)
	return form.Encode()
}

// pairs lists comparisons, conjunctions and orders of the fakes' query languages, each with its
// replacement.
var pairs = [][2]string{
	{"[eq]", "[neq]"}, {"[neq]", "[eq]"}, {"[gt]", "[gte]"}, {"[gte]", "[gt]"}, {"[lt]", "[lte]"}, {"[lte]", "[lt]"},
	{"[like]", "[ilike]"}, {"[ilike]", "[like]"}, {"[startsWith]", "[like]"}, {"[in]", "[eq]"}, {"[is]", "[eq]"},
	{"and(", "or("}, {"or(", "and("}, {"not(", "and("},
	{"AscNullsFirst", "AscNullsLast"}, {"AscNullsLast", "AscNullsFirst"}, {"DescNullsFirst", "DescNullsLast"},
	{"DescNullsLast", "DescNullsFirst"}, {" gt:", " gte:"}, {" gte:", " gt:"}, {" lt:", " lte:"}, {" lte:", " lt:"},
	{" eq:", " neq:"}, {" neq:", " eq:"}, {" like:", " ilike:"}, {" ilike:", " like:"}, {"{gt:", "{gte:"},
	{"{gte:", "{gt:"}, {"{lt:", "{lte:"}, {"{lte:", "{lt:"}, {"{eq:", "{neq:"}, {"{neq:", "{eq:"},
	{"{like:", "{ilike:"}, {"{ilike:", "{like:"}, {`"gt":`, `"gte":`}, {`"gte":`, `"gt":`}, {`"lt":`, `"lte":`},
	{`"lte":`, `"lt":`}, {`"eq":`, `"neq":`}, {`"neq":`, `"eq":`}, {`"like":`, `"ilike":`}, {`"ilike":`, `"like":`},
	{`"and":`, `"or":`}, {`"or":`, `"and":`}, {"and:", "or:"}, {"or:", "and:"}, {"-desc", ""}, {"-desc", "-asc"},
	{" desc", " asc"}, {" asc", " desc"}, {"desc", "asc"}, {"asc", "desc"}, {"DESC", "ASC"}, {"ASC", "DESC"},
	{">=", ">"}, {"<=", "<"}, {"!=", "="}, {"==", "="}, {">=", "<="}, {"<=", ">="},
	{"_min=", "_max="}, {"_max=", "_min="}, {"min_", "max_"}, {"max_", "min_"}, {"Min=", "Max="}, {"Max=", "Min="},
	{"_gt=", "_gte="}, {"_gte=", "_gt="}, {"_lt=", "_lte="}, {"_lte=", "_lt="}, {"_from=", "_to="}, {"_to=", "_from="},
	{"_after=", "_before="}, {"_before=", "_after="}, {"=-", "="}, {",-", ","},
}

// descending matches a minus before a name, which asks for the opposite order; before a digit it is that of a number.
var descending = regexp.MustCompile(`[=,]-[A-Za-z]`)

// compares reports whether a text has a word of pairs.
func compares(text, word string) bool {
	return strings.Contains(text, word) && (!strings.HasSuffix(word, "-") || descending.MatchString(text))
}

func comparisons(x *exchange) (found []string) {
	query := plainQuery(x.request)
	for _, p := range pairs {
		text := query
		if !strings.Contains(text, p[0]) && graphql(x.requestBody) {
			text = x.requestBody
		}
		if i := strings.Index(text, p[0]); compares(text, p[0]) && !letterBefore(text, i, p[0]) {
			found = append(found, p[0]+" for "+p[1])
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// letterBefore reports whether the word at i is only the end of a longer one.
func letterBefore(text string, i int, word string) bool {
	isLetter := func(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
	return i > 0 && isLetter(word[0]) && isLetter(text[i-1])
}

func graphql(asked string) bool {
	v, _ := decode(asked)
	fields, _ := v.(map[string]any)
	_, ok := fields["query"].(string)
	return ok
}

func plainQuery(r *http.Request) string {
	text, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		return r.URL.RawQuery
	}
	return text
}

func exchangeComparison(r *http.Request, asked, place string) {
	was, now, _ := strings.Cut(place, " for ")
	if strings.Contains(plainQuery(r), was) {
		pieces, _ := parameters(r.URL.RawQuery)
		for i, piece := range pieces {
			if plain, err := url.QueryUnescape(piece); err == nil && compares(plain, was) {
				pieces[i] = escapeParameter(strings.Replace(plain, was, now, 1))
			}
		}
		r.URL.RawQuery = strings.Join(pieces, "&")
		return
	}
	if graphql(asked) {
		setBody(r, strings.Replace(asked, was, now, 1))
	}
}

// escapeParameter encodes a parameter again. It splits at the last equals sign, because earlier
// ones may belong to a comparison in the name.
func escapeParameter(plain string) string {
	i := strings.LastIndex(plain, "=")
	if i < 0 {
		return url.QueryEscape(plain)
	}
	return url.QueryEscape(plain[:i]) + "=" + url.QueryEscape(plain[i+1:])
}
