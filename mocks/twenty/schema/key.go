package schema

import (
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// ActiveKeys returns the API keys that lists show: those that are not revoked.
func (t *Tables) ActiveKeys() []APIKey {
	return js.Where(slices.Collect(t.Keys.All()), func(k APIKey) bool { return k.RevokedAt == nil && !k.Unlisted })
}

// ListedRoles returns the roles that lists show, the latest first.
func (t *Tables) ListedRoles() []Role {
	out := js.Where(slices.Collect(t.Roles.All()), func(r Role) bool { return !r.Unlisted })
	slices.Reverse(out)
	return out
}

// CreateKey creates an API key from a body. Recorded: fixtures/twenty/api_keys_by_session.
func (t *Tables) CreateKey(body map[string]any) (APIKey, error) {
	now := stamp(t.State.Now())
	key := APIKey{WorkspaceID: t.Workspace().ID, ID: t.State.NewID(), CreatedAt: now, UpdatedAt: now}
	if err := key.apply(body); err != nil {
		return key, err
	}
	role, _ := body["roleId"].(string)
	if err := t.assignable(role); err != nil {
		return key, err
	}
	key.RoleID = role
	return t.Keys.Insert(key)
}

// assignable rejects a role that API keys cannot have.
func (t *Tables) assignable(id string) error {
	role, ok := t.Roles.Find(id)
	switch {
	case !ok:
		no := relationMissing("role", "roleId")
		no.Status = 400
		return no
	case !role.CanBeAssignedToAPIKeys:
		return &ChangeError{Status: 400, Class: "WorkspaceMigrationBuilderException",
			Message: "Multiple validation errors occurred while creating role targets",
			Action:  `Role "` + role.Label + `" cannot be assigned to API keys`}
	}
	return nil
}

// AssignRole gives a role to a key. That the role can be missing is documented: packages/twenty-server/src/engine/
// core-modules/api-key/services/api-key-role.service.ts.
func (t *Tables) AssignRole(keyID, roleID string) error {
	role, ok := t.Roles.Find(roleID)
	if _, found := t.Keys.Find(keyID); found && !ok {
		return notInWorkspace("Role", roleID)
	} else if found && !role.CanBeAssignedToAPIKeys {
		return &ChangeError{Status: 400, Message: `Role "` + role.Label + `" cannot be assigned to API keys`,
			UserMessage: "This role cannot be assigned to API keys."}
	}
	_, err := t.UpdateKey(keyID, map[string]any{}, func(key *APIKey) { key.RoleID = roleID })
	return err
}

// notInWorkspace is the error for a missing key, or for the missing role of one.
func notInWorkspace(what, id string) *ChangeError {
	return &ChangeError{Status: 404, Code: "API_KEY_NOT_FOUND",
		Message: what + " with id " + id + " not found in workspace"}
}

// UpdateKey changes a key's name, expiry or revocation.
func (t *Tables) UpdateKey(id string, body map[string]any, also ...func(*APIKey)) (APIKey, error) {
	if _, ok := t.Keys.Find(id); !ok {
		return APIKey{}, notInWorkspace("API Key", id)
	}
	return table.Update(t.Keys, id, func(key APIKey) (APIKey, error) {
		if err := key.apply(body); err != nil {
			return key, err
		}
		for _, change := range also {
			change(&key)
		}
		key.UpdatedAt = stamp(t.after(key.UpdatedAt))
		return key, nil
	})
}

// apply takes what a body says; a new key has no expiry. Documented: packages/twenty-server/src/engine/core-modules/
// api-key/api-key.resolver.ts.
func (k *APIKey) apply(body map[string]any) (err error) {
	if revoked, said := body["revokedAt"]; said && slices.Contains([]any{nil, "", 0.0, false}, revoked) {
		k.RevokedAt = nil
	} else if said {
		at, err := asMoment(revoked)
		if k.RevokedAt = &at; err != nil {
			return err
		}
	}
	made := k.ExpiresAt == ""
	if expires, said := body["expiresAt"]; said || made {
		if !said {
			expires = "undefined"
		}
		if k.ExpiresAt, err = asMoment(expires); err != nil {
			return err
		}
	}
	if name, said := body["name"]; name != nil {
		k.Name = *columnText(name)
	} else if said || made {
		return &ChangeError{Status: 400, Message: isNull("apiKey", "name")}
	}
	return nil
}

// asMoment parses a time as JavaScript's Date does, for ISO texts and milliseconds, and rejects
// others as the database rejects an invalid Date.
func asMoment(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return stamp(time.UnixMilli(0)), nil
	case string:
		for _, layout := range []string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05", "2006-01-02 15:04:05",
			"2006-01-02T15:04", "2006-01", "2006"} {
			if at, err := time.Parse(layout, v); err == nil {
				return stamp(at), nil
			}
		}
	case float64:
		return stamp(time.UnixMilli(int64(v))), nil
	}
	return "", &ChangeError{Status: 400,
		Message: `invalid input syntax for type timestamp with time zone: "0NaN-NaN-NaNTNaN:NaN:NaN.NaN+NaN:NaN"`}
}

// after is the time of the world, or a millisecond after a moment that it has not passed yet.
func (t *Tables) after(moment string) time.Time {
	now := t.State.Now()
	if last, err := time.Parse(time.RFC3339Nano, moment); err == nil && stamp(now) <= moment {
		return last.Add(time.Millisecond)
	}
	return now
}

// RevokeKey ends a key. The row is written after the time of the revocation was taken, and says so.
func (t *Tables) RevokeKey(id string) (APIKey, error) {
	old, _ := t.Keys.Find(id)
	at := t.after(old.UpdatedAt)
	key, err := t.UpdateKey(id, map[string]any{"revokedAt": stamp(at)})
	if err != nil {
		return key, err
	}
	key.UpdatedAt = stamp(at.Add(time.Millisecond))
	return key, t.Keys.Set(key)
}

// DefaultRole is what new members get.
func (t *Tables) DefaultRole() Role {
	if id, ok := t.Workspace().Settings["defaultRoleId"].(string); ok {
		role, _ := t.Roles.Find(id)
		return role
	}
	for role := range t.Roles.All() {
		if role.IsEditable && !role.Unlisted {
			return role
		}
	}
	return Role{}
}
