package write

import (
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// The handles of a blocklist, but for two dots in a row in an address.
var (
	blockedEmail  = regexp.MustCompile(`^([\w'+-][\w'+\-.]*)?[\w+-]@([A-Za-z0-9][A-Za-z0-9-]*\.)+[A-Za-z]{2,}$`)
	blockedDomain = regexp.MustCompile(`^@(xn--)?[a-z0-9][a-z0-9_-]{0,61}[a-z0-9]?\.[a-z0-9-]{1,61}(\.[a-z]{2,})?$`)
)

// blocklistHook checks the handle of a member's blocklist: an address, or a domain behind an @, once each. Documented:
// packages/twenty-server/src/modules/blocklist/blocklist-validation-manager/services/blocklist-validation.service.ts,
// and src/engine/utils/is-domain.ts. That two failed alternatives are an invalid input is zod's, which it calls.
func (s *Scope) blocklistHook(write verb.Verb, id string, c *change) error {
	handles, members := s.Layout(s.Model).Column("handle"), s.Layout(s.Model).Column("workspaceMemberId")
	handle, _ := c.set[handles].(string)
	member, said := c.set[members]
	row, self, address := s.Row(s.Model, id), s.Caller.User.WorkspaceMemberID, js.Trim(handle)
	listed := func(r *record.Row) bool {
		return r.Value.ID != id && !r.Value.Deleted() && handle != "" && r.Value.At(handles) == handle
	}
	refused := func(message string, hint ...string) error {
		return reject.With("BAD_REQUEST", append(hint, message+".")[0], "%s", message).By(
			"a blocklist has addresses and domains of its member, once each")
	}
	switch made := write != verb.UpdateOne; {
	case made && handle == "":
		return refused("Blocklist handle is required")
	case handle != "" && !blockedDomain.MatchString(handle) &&
		(strings.Contains(address, "..") || !blockedEmail.MatchString(address)):
		return refused("Invalid input", "Invalid email or domain.")
	case !made && row == nil: // the write finds that it is missing
		return nil
	case !made && (!said || member != row.Value.At(members)):
		return refused("Workspace member cannot be updated")
	case made && member != nil && member != self:
		return refused("Cannot create blocklist entry for another workspace member")
	case slices.ContainsFunc(s.Referring(s.Model, members.Path, self), listed):
		return refused("Blocklist handle already exists")
	}
	return nil
}
