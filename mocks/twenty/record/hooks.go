package record

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

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
func (s *Scope) onlyVersion(version *Record) bool {
	workflow, _ := version.At(s.Layout(s.Model).Column("workflowId")).(string)
	return !slices.ContainsFunc(s.referring(s.Model, "workflowId", workflow), func(row *Row) bool {
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
