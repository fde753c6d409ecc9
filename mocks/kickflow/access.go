package kickflow

import (
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Token is a bearer token: a personal one acts as its owner, one of a service account as the user that
// X-Caller-Id names.
type Token struct {
	Value   string `json:"value"`
	Kind    string `json:"kind"`             // personal or service
	UserID  string `json:"userId,omitempty"` // the owner of a personal token; the first caller for a service token's example
	Name    string `json:"name"`             // of the principal
	Role    string `json:"role"`             // what it may do, in a few words
	Revoked bool   `json:"revoked,omitempty"`
}

func credentialOf(hr *http.Request) string {
	if kind, value, ok := strings.Cut(hr.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "bearer") {
		return strings.TrimSpace(value)
	}
	if strings.HasPrefix(hr.URL.Path, storagePath) { // a storage URL belongs to the world that made it
		return strings.Split(strings.TrimPrefix(hr.URL.Path, storagePath), "/")[0]
	}
	return ""
}

// authenticate finds the caller. Documented: 401 for whoever fails it. Inferred: so do a missing or unknown
// X-Caller-Id and a caller who is suspended or deactivated; X-Caller-Id beside a personal token is ignored.
// Documented: 403 for whoever lacks an operation's permission. Inferred: whatever else is wrong.
func authenticate(r *fake.Request) error {
	k := stateOf(r.State)
	token, ok := k.tokens.Find(credentialOf(r.HTTP))
	if !ok || token.Revoked {
		return stated(reference+"#section/authentication", refuse(http.StatusUnauthorized, "the bearer token is unknown or revoked"))
	}
	id := token.UserID
	if token.Kind == "service" {
		id = strings.ToLower(r.Header("X-Caller-Id"))
	}
	row := k.users.Row(id)
	if row == nil {
		return refuse(http.StatusUnauthorized, "a service account needs X-Caller-Id, the UUID of a user")
	}
	user := &row.Value
	if user.Status == "suspended" || user.Status == "deactivated" {
		return refuse(http.StatusUnauthorized, "the caller is "+user.Status)
	}
	r.Caller = user
	if needed := permits[r.Op.ID]; len(needed) > 0 && !k.holds(user.ID, needed...) {
		return stated(definition, refuse(http.StatusForbidden, "needs the permission "+strings.Join(needed, " or ")))
	}
	return nil
}

func caller(r *fake.Request) User { return *r.Caller.(*User) }

func knownCredentials(s *fake.State) (out []fake.Credential) {
	for t := range stateOf(s).tokens.All() {
		state := "valid"
		if t.Revoked {
			state = "revoked"
		}
		out = append(out, fake.Credential{Principal: t.Name, Role: t.Role, State: state, Value: t.Value})
	}
	return out
}

// newCredentials gives a world tokens of its own for every principal, the given value to the first.
func newCredentials(s *fake.State, value string) (out []fake.Credential) {
	k, done := stateOf(s), map[string]bool{}
	for _, t := range slices.Collect(k.tokens.All()) {
		if t.Revoked || done[t.Name] { // a forked world has minted ones already
			continue
		}
		done[t.Name] = true
		t.Value = newKey(s)
		if len(out) == 0 && value != "" {
			t.Value = value
		}
		if _, err := k.tokens.Insert(t); err != nil {
			continue // the value is the token's already
		}
		if value != "" && len(out) == 0 {
			s.RegisterCredential(value)
		}
		out = append(out, fake.Credential{Principal: t.Name, Role: t.Role, State: "valid", Value: t.Value})
	}
	return out
}

const (
	keyPrefix = "kf_"
	keyDigits = 32
)

// newKey generates a bearer token: kf_, the world's name and _ unless it is the default world, 32 hexadecimal
// digits.
func newKey(s *fake.State) string {
	key := keyPrefix
	if name := s.World().Label(); name != "" {
		key += name + "_"
	}
	return key + s.NewToken("key")[:keyDigits]
}

// credentialWorld is Def.CredentialWorld.
func credentialWorld(credential string) string {
	key, ok := strings.CutPrefix(credential, keyPrefix)
	end := strings.LastIndexByte(key, '_')
	if !ok || end < 0 || len(key)-end-1 != keyDigits {
		return ""
	}
	return key[:end]
}

// permits says which permission an operation needs; any of several will do. What is not listed is open to
// every user (documented, or nothing is said), or looks for itself.
var permits = byOperation(map[string]string{
	"workflow_misc": "createCategory updateCategory deleteCategory createFolder updateFolder deleteFolder",
	"user": "listGrades createGrade getGrade updateGrade deleteGrade setDefaultGrade createUser updateUser deleteUser " +
		"reinviteUser suspendUser reactivateUser listProxyApplicants listProxyApprovers",
	"team": "listOrganizationCharts createOrganizationChart getOrganizationChart updateOrganizationChart deleteOrganizationChart " +
		"getCurrentOrganizationChart activateOrganizationChart listTeams createTeam getTeam updateTeam deleteTeam listTeamMembers " +
		"createTeamMembers deleteTeamMembers updateTeamMember listUserTeams",
	"role": "listRoles createRole getRole updateRole deleteRole listRoleMembers createRoleMembers deleteRoleMember listUserRoles",
	"master": "listGeneralMasters getGeneralMaster listGeneralMasterItems getGeneralMasterItem createGeneralMaster " +
		"updateGeneralMaster deleteGeneralMaster createGeneralMasterItem updateGeneralMasterItem deleteGeneralMasterItem",
	"master_read": "listGeneralMasters getGeneralMaster listGeneralMasterItems getGeneralMasterItem",
	"audit":       "listAuditLogs", // inferred
})

func byOperation(ops map[string]string) map[string][]string {
	permits := map[string][]string{}
	for permission, names := range ops {
		for op := range strings.FieldsSeq(names) {
			permits[op] = append(permits[op], permission)
		}
	}
	return permits
}

// audited puts an operation into the audit log once it was done.
func (a *api) audited(h fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		answer, err := h(r)
		if err == nil && r.Op.Writes {
			a.record(r)
		}
		return answer, err
	}
}

// grants are the entries of a user's roles for a permission.
func (a *api) grants(userID, permission string) iter.Seq[Permission] {
	return func(yield func(Permission) bool) {
		for m := range a.roleMembers.By("user", userID) {
			role, _ := a.roles.Find(m.Value.RoleID)
			if !role.Editable && !yield(Permission{Permission: permission}) { // the built-in role holds everything
				return
			}
			for _, p := range role.PermissionList {
				if p.Permission == permission && !yield(p) {
					return
				}
			}
		}
	}
}

// holds reports whether the user has one of the permissions, be it in a restricted scope.
func (a *api) holds(userID string, permissions ...string) bool {
	for _, permission := range permissions {
		for range a.grants(userID, permission) {
			return true
		}
	}
	return false
}

// manages reports whether the user has the permission without restriction, or in a scope that covers the
// thing in question; a nil covers asks for all of it.
func (a *api) manages(userID, permission string, covers func(Permission) bool) bool {
	for p := range a.grants(userID, permission) {
		if !p.Restricted || covers != nil && covers(p) {
			return true
		}
	}
	return false
}

// scoped refuses what lies outside the caller's scope.
func (a *api) scoped(r *fake.Request, permission string, covers func(Permission) bool) error {
	if a.manages(caller(r).ID, permission, covers) {
		return nil
	}
	return stated(definition, refuse(http.StatusForbidden, "the permission "+permission+" is restricted to another scope"))
}
