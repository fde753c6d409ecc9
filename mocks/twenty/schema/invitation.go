package schema

import (
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
)

// Invitation invites a person to the workspace.
type Invitation struct {
	ID        string  `json:"id"`
	Email     string  `json:"email"`
	RoleID    *string `json:"roleId"` // nil for the default role
	ExpiresAt string  `json:"expiresAt"`
}

// ApprovedDomain is a domain whose addresses may join the workspace without an invitation.
type ApprovedDomain struct {
	ID          string `json:"id"`
	Domain      string `json:"domain"`
	IsValidated bool   `json:"isValidated"`
	CreatedAt   string `json:"createdAt"`
}

// RefreshToken is a token that renews a session.
type RefreshToken struct {
	Value     string `json:"value"`
	UserID    string `json:"userId"`
	RevokedAt string `json:"revokedAt,omitempty"` // "" until it is used
}

// invitationLife is how long an invitation holds: fixtures/twenty/surface_members.
const invitationLife = 30 * 24 * time.Hour

// The reasons for a failed invitation.
const (
	AlreadyInvited = "invited"
	AlreadyMember  = "member"
)

// Invite invites addresses to the workspace and returns the new invitations and, for each address that was not
// invited, the reason. Invitations of the same call do not count as earlier ones: fixtures/twenty/surface_members 69.
func (t *Tables) Invite(emails []string, roleID *string) (made []Invitation, reasons []string, err error) {
	if roleID != nil {
		if _, ok := t.Roles.Find(*roleID); !ok { // fixtures/twenty/surface_members 10
			no := permissionRefused("ROLE_NOT_FOUND")
			no.UserMessage = "Role not found."
			return nil, nil, no
		}
	}
	earlier := map[string]string{}
	for i := range t.Invitations.All() {
		earlier[i.Email] = AlreadyInvited
	}
	for u := range t.Users.All() {
		earlier[u.Email] = AlreadyMember
	}
	for _, email := range emails {
		email = strings.ToLower(email)
		if reason := earlier[email]; reason != "" {
			reasons = append(reasons, reason)
			continue
		}
		one, err := t.invite(email, roleID)
		if err != nil {
			return nil, nil, err
		}
		made = append(made, one)
	}
	return made, reasons, nil
}

func (t *Tables) invite(email string, roleID *string) (Invitation, error) {
	return t.Invitations.Insert(Invitation{ID: t.State.NewID(), Email: email, RoleID: roleID,
		ExpiresAt: stamp(t.State.Now().Add(invitationLife))})
}

// Reinvite replaces an invitation by a new one.
func (t *Tables) Reinvite(id string) (Invitation, error) {
	old, err := t.invitation(id)
	if err != nil {
		return old, err
	}
	if old.ID == "" {
		return old, &ChangeError{Status: 500, Fault: "Invalid appToken",
			UserMessage: "There is an issue with your invitation. Please try again."}
	}
	t.Invitations.Delete(id)
	return t.invite(old.Email, old.RoleID)
}

// DeleteInvitation removes an invitation and reports whether there was one.
func (t *Tables) DeleteInvitation(id string) (bool, error) {
	old, err := t.invitation(id)
	if err != nil || old.ID == "" {
		return false, err
	}
	t.Invitations.Delete(id)
	return true, nil
}

// invitation returns an invitation, or the zero value.
func (t *Tables) invitation(id string) (Invitation, error) {
	if !IsUUID(id) {
		return Invitation{}, &ChangeError{Status: 500, Fault: `invalid input syntax for type uuid: "` + id + `"`}
	}
	i, _ := t.Invitations.Find(id)
	return i, nil
}

// ApproveDomain stores a domain whose owner has to confirm it.
func (t *Tables) ApproveDomain(domain string) (ApprovedDomain, error) {
	return t.Domains.Insert(ApprovedDomain{ID: t.State.NewID(), Domain: domain, CreatedAt: stamp(t.State.Now())})
}

// refreshGrace is how long a refresh token may be used again. Inferred from the vendor's source; that it may be used
// again at once is recorded: fixtures/twenty/surface_auth 37.
const refreshGrace = time.Minute

// UseRefreshToken uses up a refresh token. It reports false for a token that was used up before the grace time, and
// then uses up all tokens of that user.
func (t *Tables) UseRefreshToken(value string) (bool, error) {
	token, ok := t.RefreshTokens.Find(value)
	now := t.State.Now()
	switch {
	case !ok:
		return false, nil
	case token.RevokedAt == "":
		token.RevokedAt = stamp(now)
		return true, t.RefreshTokens.Set(token)
	case token.RevokedAt > stamp(now.Add(-refreshGrace)):
		return true, nil
	}
	table.Each(t.RefreshTokens, func(other RefreshToken) RefreshToken {
		if other.UserID == token.UserID {
			other.RevokedAt = token.RevokedAt
		}
		return other
	})
	return false, nil
}

// ChangeMember applies a change of a member's settings to the membership: its language.
func (t *Tables) ChangeMember(u User, locale any) error {
	text, ok := locale.(string)
	if !ok {
		return nil
	}
	u.Locale = text
	return t.Users.Set(u)
}
