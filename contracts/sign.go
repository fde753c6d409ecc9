package contracts

import (
	"io/fs"
	"net/textproto"
	"path"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// Signer signs recorded deliveries again after their bodies and the secrets of their receivers have
// been replaced.
type Signer struct {
	rule          *compare.Signature // nil if the vendor does not sign, or if the rule is unknown
	before, after compare.Secrets
}

// NewSigner returns the Signer of a fake by its rules.yaml in fsys.
func NewSigner(fsys fs.FS, fake string) (*Signer, error) {
	s := &Signer{before: compare.Secrets{}, after: compare.Secrets{}}
	if fsys == nil {
		return s, nil
	}
	rules, err := loadRules(fsys, path.Join(fake, "rules.yaml"))
	if err == nil {
		s.rule = rules.Deliveries.Signature
	}
	return s, err
}

// Learn finds receivers with their secrets in a body of the conversation, before and after replacing.
func (s *Signer) Learn(before, after string) {
	if s.rule != nil {
		s.before.Learn(s.rule, before)
		s.after.Learn(s.rule, after)
	}
}

// Sign replaces the signature of a delivery to an address if it was signed with a known secret.
func (s *Signer) Sign(before, after *Delivery, addressBefore, addressAfter string) {
	if s.rule == nil {
		return
	}
	name := textproto.CanonicalMIMEHeaderKey(s.rule.Header)
	now := compare.ValuesOf(before.Header, name)
	for n, secret := range s.before[addressBefore] {
		if known := s.after[addressAfter]; len(now) > 0 && s.rule.Of(before, secret) == now[0] && n < len(known) {
			after.Header.Set(name, s.rule.Of(after, known[n]))
		}
	}
}
