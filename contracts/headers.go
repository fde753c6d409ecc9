package contracts

import (
	"net/textproto"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// declaredHeaders returns the headers that the fake's document declares for the answer to an interaction.
func (c *Case) declaredHeaders(i *compare.Interaction) (names []string) {
	if op := c.operation(i); op != nil && i.Status != 0 {
		for _, name := range op.Headers(i.Status) {
			names = append(names, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	return names
}

// comparedHeaders returns the headers of an interaction's answer that a replay compares, in order.
func (c *Case) comparedHeaders(i *compare.Interaction) []string {
	look := &compare.Comparison{HandWritten: c.handWritten, Declared: c.declaredHeaders(i),
		Unlimited: !c.handWritten && c.Info.Settings.Limits == "off"}
	return look.ComparedHeaders(i.Answer)
}
