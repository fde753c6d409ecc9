package contracts

import (
	"fmt"
	"net/http"
	"regexp"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake"
)

// credentialHeader matches the header with the credential in a fake's example.
var credentialHeader = regexp.MustCompile(`-H ["']([A-Za-z0-9-]+): ([^"']*)\{credential\}["']`)

// authorize adds the credential of Info.Principal to a request without one, in the form of the
// fake's example. It leaves a request alone that was recorded as unauthorized.
func (p *replayer) authorize(r *http.Request, i *compare.Interaction) error {
	who := p.c.Info.Principal
	if who == "" || i.Status == http.StatusUnauthorized {
		return nil
	}
	def := p.definition()
	if def == nil || def.Credential == nil {
		return fmt.Errorf("principal %s: it is not known how a request to %s carries a credential", who, p.c.Fake)
	}
	if def.Credential(r) != "" {
		return nil
	}
	m := credentialHeader.FindStringSubmatch(def.Example)
	if m == nil {
		return fmt.Errorf("principal %s: the example of %s has no header with a credential", who, def.Name)
	}
	value, err := p.credential(Principal{Principal: who})
	if err == nil {
		r.Header.Set(m[1], m[2]+value)
	}
	return err
}

// definition returns the definition of the case's fake, or nil.
func (p *replayer) definition() *fake.Def {
	if local, ok := p.world.(*localWorld); ok {
		return local.def
	}
	return p.c.def
}

// lacksCaller reports whether a request was refused because the recording does not say who sent it: it carries no
// credential, and the recorded server answered it.
func (p *replayer) lacksCaller(r *http.Request, i *compare.Interaction, got *Answer) bool {
	def := p.definition()
	return !p.c.handWritten && p.c.Info.Principal == "" && def != nil && def.Credential != nil &&
		def.Credential(r) == "" &&
		i.Status < 400 && (got.Status == http.StatusUnauthorized || got.Status == http.StatusForbidden)
}

// callerHint is shown once for a case in which requests lack their caller.
const callerHint = "requests have no credential: --as PRINCIPAL, or principal in case.yaml, says who sent them"

// defOf returns the definition of a fake, or nil.
func (c Config) defOf(name string) *fake.Def {
	for _, def := range c.Defs {
		if def.Name == name {
			return def
		}
	}
	return nil
}
