package record

import (
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
	if err := s.allow(do); err != nil {
		return err
	}
	e := guards[s.Model.NameSingular][write]
	if e == nil || s.Caller == nil || e == errNoUser && s.Caller.User != nil {
		return nil
	}
	refused := *e
	return &refused
}
