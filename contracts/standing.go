package contracts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Standing is a thing that a workspace has before a conversation begins, like its member. Another workspace has it
// under another identifier; a replay finds it there by what it is, and binds the recorded identifier to it.
type Standing struct {
	ID        string            `yaml:"id"` // the recorded identifier
	About     string            `yaml:"about"`
	Request   string            `yaml:"request"`   // a GET that lists such things, like /rest/workspaceMembers
	Principal string            `yaml:"principal"` // who asks
	List      string            `yaml:"list"`      // keys of the list in the answer, like data.workspaceMembers
	By        map[string]string `yaml:"by"`        // what the thing is: keys of an element and their values
}

func (s *Standing) check() error {
	if t, ok := tokenAt(s.ID, 0); !ok || t.end != len(s.ID) || t.shape != uuidShape {
		return fmt.Errorf("standing: id %q: expected a UUID", s.ID)
	}
	if s.About == "" || !strings.HasPrefix(s.Request, "/") || s.Principal == "" || s.List == "" || len(s.By) == 0 {
		return errors.New("standing: id, about, request, principal, list and by are needed")
	}
	return nil
}

// bindStanding finds the standing things that the case's requests name, where the target does not have them under the
// recorded identifiers. Nothing is asked of a world whose seed has the recorded identifier.
func (p *replayer) bindStanding(ctx context.Context) error {
	for _, s := range slices.Concat(p.c.Info.Standing, p.c.rules.Standing) {
		rec, _ := tokenAt(s.ID, 0)
		named := slices.ContainsFunc(p.c.interactions, func(i *interaction) bool { return strings.Contains(i.url+i.body, s.ID) })
		if p.c.handWritten || !named || p.bind.literals[rec.key()] || p.bind.bound(rec) {
			continue
		}
		id, err := p.lookUp(ctx, s)
		if _, skip := errors.AsType[*Skip](err); skip {
			continue // nobody can ask
		}
		if err != nil {
			return err
		}
		if got, ok := tokenAt(id, 0); ok && got.shape == uuidShape {
			p.bind.join(rec, got.plain)
		}
	}
	return nil
}

// lookUp returns the target's identifier of a standing thing; "" if it has no such thing, which the answers will show.
func (p *replayer) lookUp(ctx context.Context, s *Standing) (string, error) {
	credential, err := p.credential(Principal{Principal: s.Principal})
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+s.Request, http.NoBody)
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+credential)
	answer, err := p.send(r)
	if err != nil {
		return "", err
	}
	body, err := parseJSON(answer.body)
	if err != nil || body.at(s.List) == nil {
		return "", nil
	}
	for _, element := range body.at(s.List).kids {
		if id := element.get("id"); id != nil && s.is(element) {
			return id.text, nil
		}
	}
	return "", nil
}

func (s *Standing) is(element *node) bool {
	for key, want := range s.By {
		if value := element.at(key); value == nil || value.text != want {
			return false
		}
	}
	return true
}

// standing reports whether two objects are the same standing thing of two workspaces: the target's is one of its seed,
// the recorded one is none, and what they are is equal. It binds their identifiers.
func (c *comparison) standing(rec, got *node) bool {
	r, g := rec.get("id"), got.get("id")
	if r == nil || g == nil || r.kind != text || g.kind != text || len(c.rules.Identities) == 0 {
		return false
	}
	rt, okR := tokenAt(r.text, 0)
	gt, okG := tokenAt(g.text, 0)
	if !okR || !okG || rt.shape != uuidShape || !c.identical(rec, got) {
		return false
	}
	if c.binding.to[rt.key()] == gt.plain {
		return c.binding.seeded[gt.key()]
	}
	if !c.binding.literals[gt.key()] || c.binding.bound(rt) || sameForm(rt, gt) != "" {
		return false
	}
	if c.binding.literals[rt.key()] {
		return rt.key() == gt.key()
	}
	c.binding.bindSeeded(rt, gt)
	return true
}

// identical reports whether two objects have one of the rules' keys, all of them, with the same values.
func (c *comparison) identical(rec, got *node) bool {
	return slices.ContainsFunc(c.rules.Identities, func(keys []string) bool {
		for _, key := range keys {
			r, g := rec.get(key), got.get(key)
			if r == nil || g == nil || r.kind != text || r.String() != g.String() {
				return false
			}
		}
		return true
	})
}

// bindSeeded binds a recorded identifier to one of the target's seed.
func (b *binding) bindSeeded(rec, got token) {
	r, g := rec.key(), got.key()
	if b.seeded == nil {
		b.seeded = map[string]bool{}
	}
	delete(b.literals, g)
	b.to[r], b.from[g], b.seeded[g] = got.plain, rec.plain, true
	b.log = append(b.log, func() {
		b.literals[g] = true
		delete(b.to, r)
		delete(b.from, g)
		delete(b.seeded, g)
	})
}

// compareStamp compares a time of a standing thing: each workspace was set up at its own time. It reports false for
// what is no time, or if the conversation has set it.
func (c *comparison) compareStamp(rec, got *node) bool {
	r, okR := wholeTime(rec)
	g, okG := wholeTime(got)
	return okR && okG && c.binding.literals[g.key()] && sameForm(r, g) == ""
}
