package graphql

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// memberResolvers read and change who belongs to the workspace, and the workspace: fixtures/twenty/surface_members.
func memberResolvers() map[string]resolver {
	out := map[string]resolver{
		"Query.currentUser":      userOnly(currentUser),
		"Query.currentWorkspace": func(c *call, _ any, _ map[string]any) (any, error) { return c.workspace(), nil },
		// no mailbox is connected
		"Query.getInviteSuggestions": userOnly(
			func(*call, any, map[string]any) (any, error) { return []any{}, nil }),
		"Mutation.updateWorkspace":               setting(schema.SettingWorkspace, updateWorkspace),
		"Mutation.updateWorkspaceMemberSettings": updateMemberSettings,
	}
	addUnconnected(out)
	for name, resolve := range map[string]resolver{
		"Query.findWorkspaceInvitations": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(slices.Collect(c.tables.Invitations.All())), nil
		},
		"Query.getApprovedAccessDomains": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(slices.Collect(c.tables.Domains.All())), nil
		},
		"Mutation.createApprovedAccessDomain": func(c *call, _ any, args map[string]any) (any, error) {
			return c.tables.ApproveDomain(textIn(input(args, "")["domain"]))
		},
		// known from the vendor's public source, but for the message for a domain that is not there
		"Mutation.deleteApprovedAccessDomain": func(c *call, _ any, args map[string]any) (any, error) {
			if !c.tables.Domains.Delete(textIn(input(args, "")["id"])) {
				return nil, notHere("mutation", "deleteApprovedAccessDomain of an unknown domain")
			}
			return true, nil
		},
		"Mutation.sendInvitations": userOnly(sendInvitations),
		"Mutation.resendWorkspaceInvitation": userOnly(func(c *call, _ any, args map[string]any) (any, error) {
			made, err := c.tables.Reinvite(textIn(args["appTokenId"]))
			if err != nil {
				return nil, err
			}
			return sent([]schema.Invitation{made}, nil), nil
		}),
		"Mutation.deleteWorkspaceInvitation": userOnly(func(c *call, _ any, args map[string]any) (any, error) {
			found, err := c.tables.DeleteInvitation(textIn(args["appTokenId"]))
			if !found {
				return orRefused("error", err)
			}
			return "success", nil
		}),
		"Mutation.deleteUserFromWorkspace": userOnly(func(c *call, _ any, args map[string]any) (any, error) {
			if _, ok := c.tables.UserOfMember(textIn(args["workspaceMemberIdToDelete"])); !ok {
				return nil, guarded(invalid, "Workspace member to delete not found in workspace")
			}
			return nil, notHere("mutation", "deleteUserFromWorkspace of a member")
		}),
	} {
		out[name] = setting(schema.SettingMembers, resolve)
	}
	return out
}

// addUnconnected adds the answers of a workspace without mailboxes and without analytics, which are known from the
// vendor's public source.
func addUnconnected(out map[string]resolver) {
	for _, field := range []string{"myConnectedAccounts", "myMessageChannels", "myMessageFolders",
		"myCalendarChannels"} {
		out["Query."+field] = userOnly(func(*call, any, map[string]any) (any, error) { return []any{}, nil })
	}
	for _, field := range []string{"trackAnalytics", "createObjectEvent"} {
		out["Mutation."+field] = func(*call, any, map[string]any) (any, error) {
			return map[string]any{"success": true}, nil
		}
	}
}

// inviteTexts are the reasons why an invitation failed, in the language of the inviting member.
// Languages without a recording are answered in English.
var inviteTexts = map[string]map[string]string{
	"en": {schema.AlreadyInvited: "An invitation has already been sent to this email.",
		schema.AlreadyMember: "This user is already a member of the workspace."},
	"fr-FR": {schema.AlreadyInvited: "Une invitation a déjà été envoyée à cette adresse e-mail.",
		schema.AlreadyMember: "Cet utilisateur est déjà membre de l'espace de travail."},
}

func sendInvitations(c *call, _ any, args map[string]any) (any, error) {
	emails := textsIn(items(args["emails"]))
	for _, email := range emails {
		if !emailAddress.MatchString(email) {
			return nil, guarded(badInput, "each value in emails must be an email")
		}
	}
	var role *string
	if id, ok := args["roleId"].(string); ok {
		role = &id
	}
	made, reasons, err := c.tables.Invite(emails, role)
	if err != nil {
		return nil, err
	}
	words := inviteTexts[c.locale()]
	if words == nil {
		words = inviteTexts["en"]
	}
	return sent(made, js.Map(reasons, func(reason string) any { return words[reason] })), nil
}

// sent is the answer to invitations.
func sent(made []schema.Invitation, refused []any) map[string]any {
	return map[string]any{"success": len(refused) == 0, "errors": append([]any{}, refused...),
		"result": append([]any{}, items(made)...)}
}

// locale returns the language in the caller's member record.
func (c *call) locale() string {
	for _, me := range c.people(func(u schema.User) bool { return u.ID == c.caller.User.ID }) {
		return cmp.Or(textIn(member(me, "locale")), "en")
	}
	return "en"
}

// updateMemberSettings changes a member's record without updatedBy. A language is also set on the
// membership, which decides the language of errors.
func updateMemberSettings(c *call, _ any, args map[string]any) (any, error) {
	id, update := textIn(input(args, "")["workspaceMemberId"]), asMap(input(args, "")["update"])
	u, ok := c.tables.UserOfMember(id)
	m := c.tables.Schema().Singular("workspaceMember")
	if !ok || m == nil {
		return nil, guarded(internal, "Workspace member not found")
	}
	if self := c.caller.User != nil && c.caller.User.ID == u.ID; !self && !c.caller.MaySet(schema.SettingMembers) {
		return nil, &Failure{Message: noPermission,
			Extensions: &Extensions{Code: denied, SubCode: "PERMISSION_DENIED",
				UserFriendlyMessage: "User does not have permission."}}
	}
	for _, name := range slices.Sorted(maps.Keys(update)) {
		if a := m.Attr(name); a == nil || a.ApplicationID == c.tables.Workspace().CustomApplicationID {
			return nil, &Failure{Message: "Cannot update custom workspaceMember field via this endpoint: " + name,
				Extensions: &Extensions{Code: badInput,
					UserFriendlyMessage: fmt.Sprintf("\"%s\" is not a valid workspace member field.", name)}}
		}
	}
	s := write.NewScope(c.context, c.Store, c.caller, m)
	if _, err := s.UpdateAsServer(id, write.ObjectOf(update)); err != nil {
		return nil, err
	}
	return orRefused(true, c.tables.ChangeMember(u, update["locale"]))
}
