package contracts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// Standing is an object that a workspace has before a conversation, such as a member. Another
// workspace has it under another identifier; a replay finds it there by its properties and binds
// the recorded identifier to it.
type Standing struct {
	ID    string `yaml:"id"`     // the recorded identifier
	Of    string `yaml:"of"`     // if the identifier is a number: what it identifies, as in the rules about numbers
	IDKey string `yaml:"id-key"` // the key of the identifier; default id
	Table string `yaml:"table"`  // of a seed that has the thing; default: any
	About string `yaml:"about"`
	// a GET that lists such objects, like /rest/workspaceMembers
	Request   string `yaml:"request"`
	Body      string `yaml:"body"`      // of a POST that lists them instead, as in GraphQL
	Principal string `yaml:"principal"` // the caller
	Host      string `yaml:"host"`      // of the request, if it is not that of the case
	// keys of the list in the answer; in nested lists, of all; "" if it is the answer
	List string            `yaml:"list"`
	By   map[string]string `yaml:"by"` // identifying keys of an element and their values
	// of several objects instead: one identifying key, and the recorded identifiers by its values
	Key string            `yaml:"key"`
	IDs map[string]string `yaml:"ids"`
}

// each returns the objects of an entry that names several.
func (s *Standing) each() (all []*Standing) {
	if len(s.IDs) == 0 {
		return []*Standing{s}
	}
	for _, value := range sortedKeys(s.IDs) {
		one := *s
		one.IDs, one.ID, one.By = nil, s.IDs[value], map[string]string{s.Key: value}
		one.About = s.About + " " + value
		all = append(all, &one)
	}
	return all
}

func (s *Standing) idKey() string {
	if s.IDKey != "" {
		return s.IDKey
	}
	return "id"
}

func (s *Standing) check() error {
	if s.Of != "" {
		if s.ID == "" || s.About == "" || s.Request != "" && s.Principal == "" || len(s.By) == 0 {
			return fmt.Errorf("standing: %s %q: id, about, by, and principal with request are needed", s.Of, s.ID)
		}
		return nil
	}
	if t, ok := scan.At(s.ID, 0); !ok || t.End != len(s.ID) || t.Shape != scan.UUID {
		return fmt.Errorf("standing: id %q: expected a UUID, or of, with a rule of that name under numbers "+
			"(words: true if the id is no number)", s.ID)
	}
	if s.About == "" || !strings.HasPrefix(s.Request, "/") || s.Principal == "" || len(s.By) == 0 {
		return errors.New("standing: id, about, request, principal and by are needed")
	}
	return nil
}

// bindStanding finds the standing objects that the case's requests name, if the target does not
// have them under the recorded identifiers. It sends no request to a world whose seed has the
// recorded identifier.
func (p *replayer) bindStanding(ctx context.Context) error {
	lists := map[string]*jsontree.Node{}
	standing := slices.Concat(p.c.Info.Standing, p.c.rules.Standing)
	needed, named := p.c.presupposed(standing), p.c.namedNumbers(standing)
	for n, s := range standing {
		if s.Of != "" {
			ask := func() (string, error) { return p.lookUp(ctx, s, lists) }
			err := p.bindStandingNumber(s, named, n == 0, ask)
			if _, skip := errors.AsType[*Skip](err); err != nil && !skip {
				return err
			}
			continue
		}
		rec, _ := scan.At(s.ID, 0)
		if p.bind.Literals[rec.Key()] || p.bind.Bound(rec) {
			continue
		}
		p.bind.Foreign = p.bind.Foreign || !p.bind.Live
		// The first of them shows whether a real service has the recorded workspace.
		if !needed[s.ID] && !(n == 0 && p.bind.Live) {
			continue
		}
		id, err := p.lookUp(ctx, s, lists)
		if _, skip := errors.AsType[*Skip](err); skip {
			continue // no caller
		}
		if err != nil {
			return err
		}
		got, ok := scan.At(id, 0)
		switch {
		case ok && got.Shape == scan.UUID && got.Key() != rec.Key():
			p.bind.BindSeeded(rec, got)
		case !ok && needed[s.ID]:
			return &startError{fmt.Sprintf("the target lacks what the case presupposes: %s", s.About)}
		}
	}
	return nil
}

// startError says that a target is not in the state in which a case starts.
type startError struct{ why string }

func (e *startError) Error() string { return "start state: " + e.why }

// presupposed returns the identifiers that the case's requests name, and those that finding them takes. An object is
// listed after the objects that its request names.
func (c *Case) presupposed(standing []*Standing) map[string]bool {
	needed := map[string]bool{}
	for n, s := range slices.Backward(standing) {
		needed[s.ID] = c.names(s.ID) || slices.ContainsFunc(standing[n+1:], func(later *Standing) bool {
			return needed[later.ID] && strings.Contains(later.Request, s.ID)
		})
	}
	return needed
}

// names reports whether a request of the case has an identifier in it.
func (c *Case) names(id string) bool {
	return slices.ContainsFunc(c.interactions, func(i *compare.Interaction) bool {
		if !c.handWritten {
			return strings.Contains(i.URL+i.Body, id)
		}
		texts := slices.Concat(slices.Collect(maps.Values(i.Header))...)
		return slices.ContainsFunc(append(texts, i.URL, i.Body), func(s string) bool { return strings.Contains(s, id) })
	})
}

// lookUp returns the target's identifier of a standing object, or "" if it has no such object,
// which the answers will show. It keeps the lists that it has read.
func (p *replayer) lookUp(ctx context.Context, s *Standing, lists map[string]*jsontree.Node) (string, error) {
	key := s.Principal + " " + s.Host + s.Request + " " + s.Body
	list, known := lists[key]
	if !known {
		var err error
		if list, err = p.list(ctx, s); err != nil {
			return "", err
		}
		lists[key] = list
	}
	for _, element := range list.Under(strings.FieldsFunc(s.List, func(r rune) bool { return r == '.' })) {
		if id := element.Get(s.idKey()); id != nil && s.is(element) {
			return id.Text, nil
		}
	}
	return "", nil
}

// list returns an answer that lists standing objects, or nil if it is not JSON.
func (p *replayer) list(ctx context.Context, s *Standing) (*jsontree.Node, error) {
	credential, err := p.credential(Principal{Principal: s.Principal})
	if err != nil {
		return nil, err
	}
	method := http.MethodGet
	if s.Body != "" {
		method = http.MethodPost
	}
	ctx = recording.WithLookUp(ctx)
	r, err := http.NewRequestWithContext(ctx, method, p.hostOf(s)+p.localRequest(s.Request), strings.NewReader(s.Body))
	if err != nil {
		return nil, err
	}
	bodiless(r, s.Body)
	if s.Body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	p.identify(r, credential)
	answer, err := p.send(r)
	if err != nil {
		return nil, err
	}
	if answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden {
		return nil, &startError{fmt.Sprintf("%s %s, by which %s is found, is answered with %d to %s", method, s.Request,
			s.Of, answer.Status, s.Principal)}
	}
	body, err := jsontree.Parse(answer.Body)
	if err != nil {
		return nil, nil
	}
	return body, nil
}

// localRequest returns a path with the target's identifiers.
func (p *replayer) localRequest(path string) string {
	at, _ := p.localNumbers(&compare.Interaction{Method: http.MethodGet, URL: p.bind.LocalIDs(path)})
	return at
}

// hostOf returns the base of a request for standing objects.
func (p *replayer) hostOf(s *Standing) string {
	if s.Host != "" {
		return p.world.Base(s.Host)
	}
	return p.base
}

// identify sets the headers that identify a caller: the credential in the form of the fake's example, and those of the
// rules.
func (p *replayer) identify(r *http.Request, credential string) {
	name, before := "Authorization", "Bearer "
	if def := p.definition(); def != nil {
		if m := credentialHeader.FindStringSubmatch(def.Example); m != nil {
			name, before = m[1], m[2]
		}
	}
	r.Header.Set(name, before+credential)
	for name, value := range p.c.rules.Caller {
		r.Header.Set(name, value)
	}
}

func (s *Standing) is(element *jsontree.Node) bool {
	for key, want := range s.By {
		if value := element.At(key); value == nil || value.Text != want {
			return false
		}
	}
	return true
}

var rowID = regexp.MustCompile(`"id": ?"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"`)

// rowIDs returns the random identifiers of rows, which belong to one workspace only.
func rowIDs(rows []byte) map[string]bool {
	ids := map[string]bool{}
	for _, m := range rowID.FindAllSubmatch(rows, -1) {
		ids[string(m[1])] = true
	}
	return ids
}

// shows reports whether an answer of the recording has one of the identifiers: then the workspace
// is the recorded one and everything in it is literal.
func (c *Case) shows(ids map[string]bool) bool {
	for _, i := range c.interactions {
		for _, t := range scan.Tokens(i.Result) {
			if t.Shape == scan.UUID && ids[t.Plain] {
				return true
			}
		}
	}
	return false
}

// changes reports whether a write changes existing objects and creates none.
func (c *Case) changes(i *compare.Interaction) bool {
	switch i.Method {
	case http.MethodPatch, http.MethodPut, http.MethodDelete:
		return true
	}
	return c.rules.changes != nil && c.rules.changes.MatchString(i.Request())
}
