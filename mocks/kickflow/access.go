package kickflow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

func credentialOf(hr *http.Request) string {
	if kind, value, ok := strings.Cut(hr.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "bearer") {
		return strings.TrimSpace(value)
	}
	if strings.HasPrefix(hr.URL.Path, ticket.StoragePath) { // a storage URL belongs to the world that made it
		return strings.Split(strings.TrimPrefix(hr.URL.Path, ticket.StoragePath), "/")[0]
	}
	return ""
}

// authenticate finds the caller. Documented: a failure is a 401, a missing permission a 403.
// Inferred: a missing or unknown X-Caller-Id and a suspended or deactivated caller are a 401;
// X-Caller-Id with a personal token is ignored.
func authenticate(r *fake.Request) error {
	a := fake.Of[api](r.State)
	token, ok := a.Tokens.Find(credentialOf(r.HTTP))
	if !ok || token.Revoked {
		return dialect.Stated(dialect.Reference+"#section/authentication",
			dialect.Refuse(http.StatusUnauthorized, "the bearer token is unknown or revoked"))
	}
	id := token.UserID
	if token.Kind == "service" {
		id = strings.ToLower(r.Header("X-Caller-Id"))
	}
	row := a.Users.Row(id)
	if row == nil {
		return dialect.Refuse(http.StatusUnauthorized, "a service account needs X-Caller-Id, the UUID of a user")
	}
	user := &row.Value
	if user.Status == "suspended" || user.Status == "deactivated" {
		return dialect.Refuse(http.StatusUnauthorized, "the caller is "+user.Status)
	}
	r.Caller = user
	if needed := permits[r.Op.ID]; len(needed) > 0 && !a.Holds(user.ID, needed...) {
		return dialect.Stated(dialect.Definition,
			dialect.Forbidden("needs the permission "+strings.Join(needed, " or ")))
	}
	return nil
}

func knownCredentials(s *fake.State) (out []fake.Credential) {
	for t := range fake.Of[api](s).Tokens.All() {
		state := "valid"
		if t.Revoked {
			state = "revoked"
		}
		out = append(out, fake.Credential{Principal: t.Name, Role: fake.Of[api](s).RolesOf(t), State: state,
			Value: t.Value})
	}
	return out
}

// newCredentials gives a world new tokens for every principal, the first one with the given value.
func newCredentials(s *fake.State, value string) (out []fake.Credential) {
	a, done := fake.Of[api](s), map[string]bool{}
	patterns := slices.Collect(a.Tokens.All())
	if len(patterns) == 0 && value != "" {
		patterns = a.Founder()
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
		if _, err := a.Tokens.Insert(t); err != nil {
			continue // the token has that value already
		}
		if value != "" && len(out) == 0 {
			s.RegisterCredential(value)
		}
		out = append(out, fake.Credential{Principal: t.Name, Role: a.RolesOf(t), State: "valid", Value: t.Value})
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
		"deleteUser reinviteUser suspendUser reactivateUser listProxyApplicants listProxyApprovers",
	"team": "listOrganizationCharts createOrganizationChart getOrganizationChart updateOrganizationChart " +
		"deleteOrganizationChart getCurrentOrganizationChart activateOrganizationChart listTeams " +
		"createTeam getTeam updateTeam deleteTeam listTeamMembers createTeamMembers " +
		"deleteTeamMembers updateTeamMember listUserTeams",
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
