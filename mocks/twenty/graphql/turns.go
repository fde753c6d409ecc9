package graphql

import (
	"bytes"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// turns are the fields that the real server resolves asynchronously, with the turn in which they are complete: the keys
// of an object come in the order in which its fields are. All others are there at once, in the order of the selection.
// Recorded: fixtures/twenty/surface_menu_items, surface_views_layouts, surface_auth, surface_members and
// metadata_graphql_read.
var turns = map[string]int{
	"Object.labelSingular": 1, "Object.labelPlural": 1, "Object.description": 1, "Object.icon": 1,
	"Object.indexMetadataList": 2, "Object.fieldsList": 3, "Object.fields": 3, "Field.label": 1, "Field.description": 1,
	"Field.icon": 1, "Field.object": 1, "Role.permissionFlags": 1, "Role.objectPermissions": 1, "Role.apiKeys": 2,
	"Role.workspaceMembers": 3, "View.name": 1, "ViewFieldGroup.name": 1, "CommandMenuItem.label": 1,
	"CommandMenuItem.icon": 1, "CommandMenuItem.shortLabel": 1, "PageLayoutTab.title": 1, "PageLayoutWidget.title": 1,
	"Workspace.isPasswordAuthEnabled": 1, "Workspace.isGoogleAuthEnabled": 1, "Workspace.isMicrosoftAuthEnabled": 1,
	"Workspace.workspaceUrls": 1, "Workspace.logo": 2, "Workspace.fastModel": 2, "Workspace.smartModel": 2,
	"Workspace.featureFlags": 3, "Workspace.workspaceMembersCount": 4, "Workspace.defaultRole": 5,
	"User.currentUserWorkspace": 1, "User.hasPassword": 2, "User.supportUserHash": 2, "User.workspaces": 3,
	"User.currentWorkspace": 4, "User.availableWorkspaces": 5, "User.onboardingStatus": 6, "User.userVars": 6,
	"User.workspaceMember": 6, "User.workspaceMembers": 6,
}

// writtenField is a field of an object in an answer: the turn in which it is complete, and where it stands.
type writtenField struct{ turn, from, to int }

// lastTurn returns the turn after all fields of an object are complete, 0 if all are there at once.
func lastTurn(fields []writtenField) (last int) {
	for _, f := range fields {
		last = max(last, f.turn)
	}
	return last + min(last, 1)
}

// inTurn puts the fields of an object, whose body begins at a place of the answer, into the order of their turns.
func inTurn(out []byte, body int, fields []writtenField) []byte {
	text := bytes.Clone(out[body:])
	slices.SortStableFunc(fields, func(a, b writtenField) int { return a.turn - b.turn })
	out = out[:body]
	for i, f := range fields {
		out = js.Comma(out, i)
		out = append(out, text[f.from-body:f.to-body]...)
	}
	return out
}
