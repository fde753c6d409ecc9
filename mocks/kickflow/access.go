package kickflow

import (
	"cmp"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Token is a bearer token. A personal token acts as its owner, that of a service account as the
// user in X-Caller-Id.
type Token struct {
	Value string `json:"value"`
	Kind  string `json:"kind"` // personal or service
	// owner of a personal token; caller in examples of a service token
	UserID string `json:"userId,omitempty"`
	Name   string `json:"name"` // name of the principal
	// name or id of a role that a seed gives to the owner, beside those in roleMembers
	Role    string `json:"role,omitempty"`
	About   string `json:"about,omitempty"` // its permissions, in a few words
	Revoked bool   `json:"revoked,omitempty"`
}

// assignRoles makes the owners of a seed's tokens members of the roles that the tokens name.
func (a *api) assignRoles() error {
	for t := range a.tokens.All() {
		if t.Role == "" {
			continue
		}
		role, names := a.roleNamed(t.Role)
		if role == "" {
			return fmt.Errorf("token %s: no role %q%s; roles: %s", t.Name, t.Role, fake.Hint(t.Role, names),
				strings.Join(names, ", "))
		}
		if a.users.Row(t.UserID) == nil {
			return fmt.Errorf("token %s: the role %q needs a user in userId, and %q is none", t.Name, t.Role, t.UserID)
		}
		a.addMember(role, t.UserID)
	}
	return nil
}

// addMember gives a role to a user who may have it already.
func (a *api) addMember(roleID, userID string) {
	m := RoleMember{RoleID: roleID, UserID: userID}
	if _, has := a.roleMembers.Find(roleID + "/" + userID); !has {
		a.roleMembers.Insert(m) // cannot fail: the table has no other key
	}
}

// roleNamed returns the id of the role with that id or name, and the names of all roles.
func (a *api) roleNamed(nameOrID string) (id string, names []string) {
	for r := range a.roles.All() {
		names = append(names, r.Name)
		if r.ID == nameOrID || r.Name == nameOrID {
			id = r.ID
		}
	}
	return id, names
}

// rolesOf describes what a token permits: in the words of the seed, or by the names of its owner's roles.
func (a *api) rolesOf(t Token) string {
	if t.About != "" {
		return t.About
	}
	var names []string
	for m := range a.roleMembers.By("user", t.UserID) {
		role, _ := a.roles.Find(m.Value.RoleID)
		names = append(names, role.Name)
	}
	return cmp.Or(strings.Join(names, ", "), "no administrator role")
}

// founder returns a token for the first active user of a seed without tokens, who becomes a member of the built-in
// role, as a tenant has an administrator.
func (a *api) founder() (tokens []Token) {
	for u := range a.users.All() {
		if u.Status != "activated" {
			continue
		}
		var builtIn Role
		for r := range a.roles.All() {
			if !r.Editable {
				builtIn = r
			}
		}
		if builtIn.ID == "" {
			builtIn, _ = a.roles.Insert(Role{Name: "全管理者"}) // cannot fail: the table has no other key
		}
		a.addMember(builtIn.ID, u.ID)
		return []Token{{Kind: "personal", UserID: u.ID, Name: u.Email}}
	}
	return nil
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

// authenticate finds the caller. Documented: a failure is a 401, a missing permission a 403.
// Inferred: a missing or unknown X-Caller-Id and a suspended or deactivated caller are a 401;
// X-Caller-Id with a personal token is ignored.
func authenticate(r *fake.Request) error {
	k := fake.Of[api](r.State)
	token, ok := k.tokens.Find(credentialOf(r.HTTP))
	if !ok || token.Revoked {
		return dialect.Stated(dialect.Reference+"#section/authentication",
			dialect.Refuse(http.StatusUnauthorized, "the bearer token is unknown or revoked"))
	}
	id := token.UserID
	if token.Kind == "service" {
		id = strings.ToLower(r.Header("X-Caller-Id"))
	}
	row := k.users.Row(id)
	if row == nil {
		return dialect.Refuse(http.StatusUnauthorized, "a service account needs X-Caller-Id, the UUID of a user")
	}
	user := &row.Value
	if user.Status == "suspended" || user.Status == "deactivated" {
		return dialect.Refuse(http.StatusUnauthorized, "the caller is "+user.Status)
	}
	r.Caller = user
	if needed := permits[r.Op.ID]; len(needed) > 0 && !k.holds(user.ID, needed...) {
		return dialect.Stated(dialect.Definition, dialect.Refuse(http.StatusForbidden,
			"needs the permission "+strings.Join(needed, " or ")))
	}
	return nil
}

func caller(r *fake.Request) User { return *r.Caller.(*User) }

func knownCredentials(s *fake.State) (out []fake.Credential) {
	for t := range fake.Of[api](s).tokens.All() {
		state := "valid"
		if t.Revoked {
			state = "revoked"
		}
		out = append(out, fake.Credential{Principal: t.Name, Role: fake.Of[api](s).rolesOf(t), State: state,
			Value: t.Value})
	}
	return out
}

// newCredentials gives a world new tokens for every principal, the first one with the given value.
func newCredentials(s *fake.State, value string) (out []fake.Credential) {
	k, done := fake.Of[api](s), map[string]bool{}
	patterns := slices.Collect(k.tokens.All())
	if len(patterns) == 0 && value != "" {
		patterns = k.founder()
	}
	for _, t := range patterns {
		if t.Revoked || done[t.Name] { // a forked world already has generated ones
			continue
		}
		done[t.Name] = true
		t.Value = newKey(s)
		if len(out) == 0 && value != "" {
			t.Value = value
		}
		if _, err := k.tokens.Insert(t); err != nil {
			continue // the token has that value already
		}
		if value != "" && len(out) == 0 {
			s.RegisterCredential(value)
		}
		out = append(out, fake.Credential{Principal: t.Name, Role: k.rolesOf(t), State: "valid", Value: t.Value})
	}
	return out
}

const (
	keyPrefix = "kf_"
	keyDigits = 32
)

// newKey generates a bearer token: kf_, the world's name and _ unless it is the default world, 32
// hexadecimal digits.
func newKey(s *fake.State) string {
	key := keyPrefix
	if name := s.World().Label(); name != "" {
		key += name + "_"
	}
	return key + s.NewToken("key")[:keyDigits]
}

// credentialWorld implements Def.CredentialWorld.
func credentialWorld(credential string) string {
	key, ok := strings.CutPrefix(credential, keyPrefix)
	end := strings.LastIndexByte(key, '_')
	if !ok || end < 0 || len(key)-end-1 != keyDigits {
		return ""
	}
	return key[:end]
}

// permits maps operations to the permissions that allow them; one of several suffices. Every user
// may call an operation that is not listed (documented, or not mentioned), or its handler checks
// permissions itself.
var permits = byOperation(map[string]string{
	"workflow_misc": "createCategory updateCategory deleteCategory createFolder updateFolder deleteFolder",
	"user": "listGrades createGrade getGrade updateGrade deleteGrade setDefaultGrade createUser updateUser " +
		"deleteUser " +
		"reinviteUser suspendUser reactivateUser listProxyApplicants listProxyApprovers",
	"team": "listOrganizationCharts createOrganizationChart getOrganizationChart updateOrganizationChart " +
		"deleteOrganizationChart " +
		"getCurrentOrganizationChart activateOrganizationChart listTeams createTeam getTeam updateTeam deleteTeam " +
		"listTeamMembers " +
		"createTeamMembers deleteTeamMembers updateTeamMember listUserTeams",
	"role": "listRoles createRole getRole updateRole deleteRole listRoleMembers createRoleMembers deleteRoleMember " +
		"listUserRoles",
	"master": "listGeneralMasters getGeneralMaster listGeneralMasterItems getGeneralMasterItem createGeneralMaster " +
		"updateGeneralMaster deleteGeneralMaster createGeneralMasterItem updateGeneralMasterItem " +
		"deleteGeneralMasterItem",
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

// audited wraps a handler so that a successful request is added to the audit log.
func (a *api) audited(h fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		answer, err := h(r)
		if err == nil && r.Op.Writes {
			a.record(r)
		}
		return answer, err
	}
}

// grants returns the entries of a user's roles for a permission.
func (a *api) grants(userID, permission string) iter.Seq[Permission] {
	return func(yield func(Permission) bool) {
		for m := range a.roleMembers.By("user", userID) {
			role, _ := a.roles.Find(m.Value.RoleID)
			// the built-in role has every permission
			if !role.Editable && !yield(Permission{Permission: permission}) {
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

// holds reports whether the user has one of the permissions, possibly with a restricted scope.
func (a *api) holds(userID string, permissions ...string) bool {
	for _, permission := range permissions {
		for range a.grants(userID, permission) {
			return true
		}
	}
	return false
}

// manages reports whether the user has the permission without restriction, or in a scope for which
// covers is true. If covers is nil, only an unrestricted permission counts.
func (a *api) manages(userID, permission string, covers func(Permission) bool) bool {
	for p := range a.grants(userID, permission) {
		if !p.Restricted || covers != nil && covers(p) {
			return true
		}
	}
	return false
}

// scoped returns a 403 for a resource outside the caller's scope.
func (a *api) scoped(r *fake.Request, permission string, covers func(Permission) bool) error {
	if a.manages(caller(r).ID, permission, covers) {
		return nil
	}
	return dialect.Stated(dialect.Definition, dialect.Refuse(http.StatusForbidden,
		"the permission "+permission+" is restricted to another scope"))
}
