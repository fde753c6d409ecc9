package write

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

var (
	errMember  = reject.Forbidden().By("members of the workspace come and go by invitation")
	errRemoval = reject.With("BAD_REQUEST", removal, removal).By(errMember.Rule)
	errNoWrite = &reject.Error{Status: 400, Name: "Error", Message: "Method not allowed.", Code: "FORBIDDEN",
		Class: "FORBIDDEN", Hint: "You do not have permission to perform this workflow action.",
		Rule: "the server alone writes versions and runs of workflows"}
	errNoUser = &reject.Error{Status: 401, Name: "UnauthorizedException", Message: "User id is required",
		Code: "INVALID_AUTH_CONTEXT", Class: "UNAUTHENTICATED",
		Hint: "User id is required.", Rule: "a blocklist belongs to a user, and an API key is none"}
)

const removal = "Please use /deleteUserFromWorkspace to remove a workspace member."

// guards are the writes that an object rejects before any other check: kind_system_objects 34 to
// 49, kind_foreign_keys 67. Similar ones are known from the vendor's public source.
var guards = map[string]map[verb.Verb]*reject.Error{
	"workspaceMember": {verb.CreateOne: errMember, verb.CreateMany: errMember, verb.UpdateMany: errMember,
		verb.DeleteOne:  errRemoval,
		verb.DeleteMany: errMember, verb.DestroyOne: errMember, verb.DestroyMany: errMember, verb.RestoreOne: errMember,
		verb.RestoreMany: errMember},
	"workflowVersion": {verb.CreateOne: errNoWrite, verb.CreateMany: errNoWrite, verb.UpdateMany: errNoWrite,
		verb.DeleteMany: errNoWrite},
	"workflowRun": {verb.CreateOne: errNoWrite, verb.CreateMany: errNoWrite, verb.UpdateOne: errNoWrite,
		verb.UpdateMany: errNoWrite,
		verb.DeleteOne:  errNoWrite, verb.DeleteMany: errNoWrite},
	"workflow": {verb.UpdateMany: errNoWrite},
	"blocklist": {verb.CreateOne: errNoUser, verb.CreateMany: errNoUser, verb.UpdateOne: errNoUser,
		verb.UpdateMany: errNoUser},
}

// may returns an error for a write that the caller's role or the object does not permit. Without a
// caller everything is permitted.
func (s *Scope) may(do schema.Action, write verb.Verb) error {
	if err := s.Allow(do); err != nil {
		return err
	}
	e := guards[s.Model.NameSingular][write]
	if e == nil || s.Caller == nil || e == errNoUser && s.Caller.User != nil {
		return nil
	}
	refused := *e
	return &refused
}

// hook checks what the server checks of single objects once the data of a write is read, before the write: of
// workflows and their versions, and of members, whom others change only with a permission. Writes of the server itself
// have no caller. Documented: packages/twenty-server/src/modules/workflow/common/query-hooks and workspace-services/
// workflow-version-validation.workspace-service.ts, and modules/workspace-member/query-hooks.
func (s *Scope) hook(write verb.Verb, id string, changes ...*change) error {
	if s.Caller == nil {
		return nil
	}
	switch name := s.Model.NameSingular; {
	case name == "workspaceMember" && write == verb.UpdateOne && s.Caller.User != nil &&
		s.Caller.User.WorkspaceMemberID != id && !s.Caller.MaySet(schema.SettingMembers):
		e := *errMember
		return &e
	case name == "blocklist" && write != verb.UpdateMany:
		for _, c := range changes {
			if err := s.blocklistHook(write, id, c); err != nil {
				return err
			}
		}
	case name == "workflow":
		for _, c := range changes {
			switch statuses := s.value(c, "statuses"); {
			case statuses != nil && write == verb.UpdateOne:
				return noManual("Statuses cannot be set manually.")
			case statuses != nil:
				return noManual("Statuses cannot be set manually.", errNoWrite.Hint)
			}
		}
	case name == "workflowVersion" && (write == verb.UpdateOne || write == verb.DeleteOne):
		return s.versionHook(id, changes)
	}
	return nil
}

// versionHook checks a change of a version, or its deletion if there are no changes.
func (s *Scope) versionHook(id string, changes []*change) error {
	row := s.Row(s.Model, id)
	if row == nil {
		return nil
	}
	status := s.Layout(s.Model).Column("status")
	draft := status != nil && row.Value.At(status) == "DRAFT"
	for _, c := range changes {
		switch set := s.value(c, "status"); {
		case !draft && (len(c.set) != 1 || s.value(c, "name") == nil):
			return noManual("Workflow version is not in draft status")
		case set != nil && set != row.Value.At(status):
			return noManual("Cannot update workflow version status manually")
		case s.value(c, "steps") != nil:
			return noManual("Updating workflowVersion steps directly is forbidden. Use createWorkflowVersionStep, "+
				"updateWorkflowVersionStep or deleteWorkflowVersionStep endpoint instead.", errNoWrite.Hint)
		}
	}
	switch {
	case len(changes) > 0:
	case !draft:
		return noManual("Workflow version is not in draft status")
	case s.onlyVersion(row.Value):
		return noManual("The initial version of a workflow can not be deleted")
	}
	return nil
}

// onlyVersion reports whether a workflow has no other version outside of the trash.
func (s *Scope) onlyVersion(version *record.Record) bool {
	workflow, _ := version.At(s.Layout(s.Model).Column("workflowId")).(string)
	return !slices.ContainsFunc(s.Referring(s.Model, "workflowId", workflow), func(row *record.Row) bool {
		return row.Value.ID != version.ID && !row.Value.Deleted()
	})
}

// value is what a change sets a column to, nil if it clears it or leaves it.
func (s *Scope) value(c *change, path string) any { return c.set[s.Layout(s.Model).Column(path)] }

// noManual is the error of what the server alone does, with a message for people if that is another one.
func noManual(message string, hint ...string) error {
	e := *errNoWrite
	e.Message, e.Hint = message, append(hint, message)[0]
	return &e
}
