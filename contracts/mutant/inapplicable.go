package mutant

// never lists the operators that cannot break a fake, with the reason: operator → fake → reason. A
// listed pair that does apply is an error, as is an unlisted pair that applies nowhere.
var never = map[string]map[string]string{
	"boolean as text":              {"flexcrm": noBooleans},
	"boolean as number":            {"flexcrm": noBooleans},
	"boolean turned round":         {"flexcrm": noBooleans},
	"text trimmed":                 {"flosum": noBlanks, "flexcrm": noBlanks, "kickflow": noBlanks},
	"identifier changes":           {"flosum": noUUIDs, "flexcrm": noUUIDs},
	"identifier in capitals":       {"flosum": noUUIDs, "flexcrm": noUUIDs},
	"time without its fraction":    {"flexcrm": localTimes},
	"time in microseconds":         {"flexcrm": localTimes},
	"time without a zone":          {"flexcrm": localTimes},
	"time in another zone":         {"flexcrm": localTimes},
	"time with a zone":             {"flosum": zones, "twenty": zones, "kickflow": zones},
	"body for none":                {"flosum": "every answer has a body", "flexcrm": "every answer has a body"},
	"Link names the wrong page":    {"flosum": noLinks, "twenty": noLinks, "flexcrm": noLinks},
	"Link off by one":              {"flosum": noLinks, "twenty": noLinks, "flexcrm": noLinks},
	"redirect without a parameter": {"twenty": noRedirects, "flexcrm": noRedirects, "kickflow": noRedirects},
	"another origin":               {"flosum": noURLs, "flexcrm": noURLs},
	"page off by one":              {"twenty": "it pages with cursors"},
	"refresh token kept":           {"twenty": noCodes, "flexcrm": noCodes, "kickflow": noCodes},
	"code reusable":                {"twenty": noCodes, "flexcrm": noCodes, "kickflow": noCodes},
	"token reusable":               {"twenty": noCodes, "flexcrm": noCodes, "kickflow": noCodes},
	"clock stands still":           {"flexcrm": "nothing in it expires or falls due"},
	"no rate limit":                {"flosum": noLimits, "flexcrm": noLimits},
	"delivery missing":             undelivered,
	"delivery twice":               undelivered,
	"delivery to another path":     undelivered,
	"delivery by another method":   undelivered,
	"delivery without a header":    undelivered,
	"delivery wrongly signed":      undelivered,
	"delivery with a header cut":   undelivered,
	"delivery without a key":       undelivered,
	"delivery with null":           undelivered,
	"delivery with an extra key":   undelivered,
	"switch ignored":               {"kickflow": "its settings are texts, not switches"},
}

// undelivered lists the fakes whose deliveries no case can cause.
var undelivered = map[string]string{"flosum": noHooks, "flexcrm": noHooks,
	"kickflow": "its webhooks are set up on the vendor's screens, by no request"}

const (
	noHooks     = "it sends nothing on its own"
	noBooleans  = "it writes 0 and 1, or texts"
	noBlanks    = "no text of its seeds begins or ends with white space"
	noUUIDs     = "it counts its rows"
	localTimes  = "its times have neither fractions nor zones"
	zones       = "its times have zones"
	noLinks     = "it has no Link header"
	noRedirects = "it does not redirect with parameters"
	noURLs      = "no body has a URL of its own"
	noCodes     = "it has no OAuth endpoints"
	noLimits    = "the vendor publishes no limit, and the fake has none"
)
