package schema

// ActiveKeys returns the API keys that lists show: those that are not revoked.
func (t *Tables) ActiveKeys() (out []APIKey) {
	for key := range t.Keys.All() {
		if key.RevokedAt == nil && !key.Unlisted {
			out = append(out, key)
		}
	}
	return out
}

// ListedRoles returns the roles that lists show.
func (t *Tables) ListedRoles() (out []Role) {
	for role := range t.Roles.All() {
		if !role.Unlisted {
			out = append(out, role)
		}
	}
	return out
}

var keyMissing = &Refusal{Status: 400, Code: "API_KEY_NOT_FOUND", Message: "API key not found"}

// CreateKey makes an API key. Without a role it gets the workspace's Admin role, as older servers did.
// Assumed: keys are made by users, whose requests were not recorded.
func (t *Tables) CreateKey(name, expires, role string) (APIKey, error) {
	if role == "" {
		for r := range t.Roles.All() {
			if r.CanUpdateAllSettings {
				role = r.ID
			}
		}
	}
	if _, ok := t.Roles.Find(role); !ok {
		return APIKey{}, &Refusal{Status: 400, Code: "ROLE_NOT_FOUND", Message: "Role not found"}
	}
	now := stamp(t.State.Now())
	return t.Keys.Insert(APIKey{WorkspaceID: t.Workspace().ID, ID: t.State.NewID(), Name: name, ExpiresAt: expires, RoleID: role, CreatedAt: now, UpdatedAt: now})
}

// UpdateKey changes a key's name, expiry or revocation.
func (t *Tables) UpdateKey(id string, body map[string]any) (APIKey, error) {
	if _, ok := t.Keys.Find(id); !ok {
		return APIKey{}, keyMissing
	}
	return t.Keys.Update(id, func(key APIKey) (APIKey, error) {
		if name := text(body, "name"); name != nil {
			key.Name = *name
		}
		if expires := text(body, "expiresAt"); expires != nil {
			key.ExpiresAt = *expires
		}
		if revoked := text(body, "revokedAt"); revoked != nil {
			key.RevokedAt = revoked
		}
		key.UpdatedAt = stamp(t.State.Now())
		return key, nil
	})
}

// RevokeKey ends a key.
func (t *Tables) RevokeKey(id string) (APIKey, error) {
	return t.UpdateKey(id, map[string]any{"revokedAt": stamp(t.State.Now())})
}

// DefaultRole is what new members get.
func (t *Tables) DefaultRole() Role {
	for _, role := range t.ListedRoles() {
		if role.IsEditable {
			return role
		}
	}
	return Role{}
}
