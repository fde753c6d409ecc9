package main

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/store"
	"github.com/afba07b5/mockserver/unfriendly"
)

// settings holds the flags of serve and exec.
type settings struct {
	host        string
	port        int
	ports       map[string]*int // fake → its port, -1 = the port after the previous fake's
	edgeOnly    bool
	seeds       []string
	tokens      []string
	limits      string
	unfriendly  string
	state       string
	store       store.Options
	mappings    string
	initDir     string
	stories     string
	publicURL   string
	webhooks    []string
	refuse      string
	noEvidence  bool
	silences    []string // of the audit: rule=reason
	adminToken  string
	drain       time.Duration
	bodyTimeout time.Duration
	bug         func(error)
	stderr      io.Writer
	maxWorlds   int
	log         control.Log
	verbose     bool
	interception
	bounds   [4]int             // in bytes: journal, undo, deliveries, files
	switches map[string]*bool   // vendor switches, by Flag.Name
	texts    map[string]*string // by Flag.Name
}

func (s *settings) register(f *pflag.FlagSet, defs []*fake.Def, port int) {
	f.SortFlags = false
	f.String("config", "", "YAML file with flags by name, for what neither the command line nor the environment sets; "+
		"default mockserver.yaml, if it exists")
	f.StringVar(&s.host, "host", "localhost",
		"address to listen on: localhost is 127.0.0.1 and, where there is one, ::1; "+
			"0.0.0.0 or :: for all, IPv4 and IPv6; then the control plane asks for a token")
	f.IntVar(&s.port, "port", port, "port of the edge, where /<fake>/... reaches every fake; 0 = free ports for all")
	s.ports = map[string]*int{}
	for i, def := range defs {
		s.ports[def.Name] = f.Int(def.Name+"-port", -1,
			fmt.Sprintf("port of %s alone, at the root of its origin; 0 = a free one; -1 = --port plus %d", title(def),
				i+1))
	}
	f.BoolVar(&s.edgeOnly, "edge-only", false, "listen on the edge port only")
	f.StringSliceVar(&s.seeds, "seed", nil, "FAKE=name of a seed or file.yaml, or several of them with commas, "+
		"the later ones put on the earlier; may be repeated")
	f.StringSliceVar(&s.tokens, "token", nil,
		"FAKE=value: a credential to accept in addition to the seed's; may be repeated")
	f.StringVar(&s.limits, "limits", "on", "the vendors' rate limits: on or off")
	registerStore(f, s)
	f.StringVar(&s.mappings, "mappings", "",
		"folder with WireMock's mappings and __files: stubs that every world starts with")
	s.registerHooks(f)
	f.StringVar(&s.publicURL, "public-url", "",
		"origin under which clients reach the edge port, for URLs in answers; default: what the client asked for")
	f.StringSliceVar(&s.webhooks, "webhook-targets", nil,
		"host names besides this machine that webhooks may go to; private for the addresses of private networks, "+
			"* for all")
	f.StringVar(&s.refuse, "refuse", "", "inferred: operations without evidence answer 501")
	f.BoolVar(&s.noEvidence, "no-evidence-header", false, "leave the Mockserver-Evidence header out of answers")
	f.StringArrayVar(&s.silences, "audit-silence", nil,
		"RULE=reason: leave the findings of a rule out of the audit; may be repeated")
	f.StringVar(&s.adminToken, "admin-token", "",
		"token for /__admin; by default generated and printed if --host is more than this machine")
	f.StringVar(&s.log.Mode, "log", "",
		"requests to log on standard error: requests, refusals (and unknown paths) or off; default: refusals,"+
			" with -v requests")
	f.StringVar(&s.log.Format, "log-format", "text", "format of the log: text or json")
	f.BoolVarP(&s.verbose, "verbose", "v", false, "log all requests")
	f.IntVar(&s.maxWorlds, "max-worlds", 10_000, "maximum number of worlds, the default one included")
	s.registerBounds(f)
	s.interception.register(f)
	f.DurationVar(&s.bodyTimeout, "body-timeout", listen.Stall, "the longest silence in a body; see docs/running.md")
	f.DurationVar(&s.drain, "drain", 10*time.Second, "how long a stop waits for requests in flight")
	s.switches, s.texts = map[string]*bool{}, map[string]*string{}
	for _, def := range defs {
		for _, flag := range def.Flags {
			if flag.Text {
				s.texts[flag.Name] = f.String(def.Name+"-"+flag.Name, "", flag.Usage)
			} else {
				s.switches[flag.Name] = f.Bool(def.Name+"-"+flag.Name, false, flag.Usage)
			}
		}
	}
}

func (s *settings) registerBounds(f *pflag.FlagSet) {
	f.StringVar(&s.unfriendly, "unfriendly", "",
		"SEED[:NAME,...]: vary answers in ways that the vendors may; docs/unfriendly.md")
	f.Lookup("unfriendly").NoOptDefVal = "1"
	for i, what := range []struct{ flag, usage string }{
		{"journal", "requests with their answers that a world keeps; default 16777216"},
		{"undo", "writes that a world can rewind; default 67108864"},
		{"delivery", "log of webhooks that a fake keeps in a world; default 16777216"},
		{"file", "uploaded files that a fake keeps in a world; default 1073741824"},
	} {
		f.IntVar(&s.bounds[i], what.flag+"-bytes", 0, "bytes of the "+what.usage)
	}
}

func (s *settings) registerHooks(f *pflag.FlagSet) {
	f.StringVar(&s.stories, "stories", "", "file or folder of stories to play, besides the built-in ones")
	f.StringVar(&s.initDir, "init-dir", "",
		"folder of files to apply at start: YAML goes to the control plane before the "+
			"server is ready, programs run once it is")
}

func title(def *fake.Def) string {
	if def.Title != "" {
		return def.Title
	}
	return def.Name
}

// options converts the flags to the options of the server. Every invalid value is an error.
func (s *settings) options(defs []*fake.Def) (fake.Config, error) {
	if err := s.checkNumbers(); err != nil {
		return fake.Config{}, err
	}
	o := fake.Config{Bug: s.bug, MaxWorlds: s.maxWorlds, PublicURL: s.publicURL, NoEvidence: s.noEvidence,
		WebhookTargets: s.webhooks, Seeds: map[string][]fake.Seed{}}
	o.JournalBytes, o.UndoBytes, o.DeliveryBytes, o.FileBytes = s.bounds[0], s.bounds[1], s.bounds[2], s.bounds[3]
	o.Settings = fake.Settings{Seeds: map[string]string{}, Features: map[string]bool{}, Texts: map[string]string{}}
	for name, on := range s.switches {
		o.Settings.Features[name] = *on
	}
	for name, text := range s.texts {
		o.Settings.Texts[name] = *text
	}
	if err := s.checkTexts(defs); err != nil {
		return o, err
	}
	if err := s.checkStore(); err != nil {
		return o, err
	}
	if err := s.interception.check(); err != nil {
		return o, err
	}
	var err error
	if o.Hosts, err = s.hostMap(defs); err != nil {
		return o, err
	}
	if s.limits != "on" && s.limits != "off" {
		return o, fmt.Errorf("--limits %s: expected on or off", s.limits)
	}
	o.Settings.LimitsOff, o.Settings.Unfriendly = s.limits == "off", s.unfriendly
	if s.refuse != "" && s.refuse != "inferred" {
		return o, fmt.Errorf("--refuse %s: expected inferred", s.refuse)
	}
	o.RefuseInferred = s.refuse == "inferred"
	if s.publicURL != "" && !strings.HasPrefix(s.publicURL, "http://") && !strings.HasPrefix(s.publicURL, "https://") {
		return o, fmt.Errorf("--public-url %s: expected an origin like https://mock.example.com", s.publicURL)
	}
	tokens, err := forFakes("token", s.tokens, defs)
	if err != nil {
		return o, err
	}
	o.Started = func(state *fake.State) error { return giveTokens(find(defs, state.Fake()), state, tokens) }
	if s.mappings != "" {
		if o.Stubs, err = mappingFolder(s.mappings).read(); err == nil {
			err = control.CheckStubs(defs, o.Stubs.Stubs...)
		}
		if err != nil {
			return o, fmt.Errorf("--mappings: %w", err)
		}
	}
	err = s.readSeeds(&o, defs)
	return o, err
}

// checkNumbers returns an error for a number or a duration that means nothing.
func (s *settings) checkNumbers() error {
	switch {
	case s.bodyTimeout <= 0:
		return fmt.Errorf("--body-timeout %v: expected a duration like 30s", s.bodyTimeout)
	case s.drain < 0:
		return fmt.Errorf("--drain %v: expected a duration like 10s, or 0", s.drain)
	case s.maxWorlds < 1:
		return fmt.Errorf("--max-worlds %d: expected a number from 1", s.maxWorlds)
	}
	for _, name := range s.webhooks {
		if name == "" || strings.ContainsAny(name, "/: ") && net.ParseIP(name) == nil {
			return fmt.Errorf("--webhook-targets %s: expected a host name without scheme, port and path", name)
		}
	}
	for _, bytes := range s.bounds {
		if bytes < 0 {
			return fmt.Errorf("a bound of %d bytes: expected 1 or more, or 0 for the default", bytes)
		}
	}
	return nil
}

// checkTexts validates the text settings with the fakes' own checks.
func (s *settings) checkTexts(defs []*fake.Def) error {
	if _, err := unfriendly.Parse(s.unfriendly); err != nil {
		return fmt.Errorf("--unfriendly: %w", err)
	}
	for _, def := range defs {
		for _, flag := range def.Flags {
			if !flag.Text || flag.Check == nil || *s.texts[flag.Name] == "" {
				continue
			}
			if err := flag.Check(*s.texts[flag.Name]); err != nil {
				return fmt.Errorf("--%s-%s %s: %v", def.Name, flag.Name, *s.texts[flag.Name], err)
			}
		}
	}
	return nil
}

// forFakes parses FAKE=value pairs.
func forFakes(flag string, pairs []string, defs []*fake.Def) (map[string][]string, error) {
	var names []string
	for _, def := range defs {
		names = append(names, def.Name)
	}
	out := map[string][]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || value == "" {
			return nil, fmt.Errorf("--%s %s: expected FAKE=value, like %s=default", flag, pair, names[0])
		}
		if def := find(defs, name); def == nil {
			return nil, fmt.Errorf("--%s %s: no fake %q%s; fakes: %s", flag, pair, name, fake.Hint(name, names),
				strings.Join(names, ", "))
		}
		out[name] = append(out[name], value)
	}
	return out, nil
}

func find(defs []*fake.Def, name string) *fake.Def {
	for _, def := range defs {
		if def.Name == name {
			return def
		}
	}
	return nil
}

func giveTokens(def *fake.Def, state *fake.State, tokens map[string][]string) error {
	if len(tokens[def.Name]) > 0 && def.Credentials == nil {
		return fmt.Errorf("--token: %s takes no credentials", def.Name)
	}
	return state.Issue(func() error {
		for _, value := range tokens[def.Name] {
			all := append(def.Credentials(state, value), def.Known(state)...)
			if !slices.ContainsFunc(all, func(c fake.Credential) bool { return c.Value == value }) {
				return fmt.Errorf("--token %s=%s: the seed has nobody to give it to; put yours on a seed that has: "+
					"--seed %s=empty,FILE", def.Name, value, def.Name)
			}
		}
		return nil
	})
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
