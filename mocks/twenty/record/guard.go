package record

import (
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
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
var guards = map[string]map[Verb]*reject.Error{
	"workspaceMember": {CreateOne: errMember, CreateMany: errMember, UpdateMany: errMember, DeleteOne: errRemoval,
		DeleteMany: errMember, DestroyOne: errMember, DestroyMany: errMember, RestoreOne: errMember,
		RestoreMany: errMember},
	"workflowVersion": {CreateOne: errNoWrite, CreateMany: errNoWrite, UpdateMany: errNoWrite,
		DeleteMany: errNoWrite},
	"workflowRun": {CreateOne: errNoWrite, CreateMany: errNoWrite, UpdateOne: errNoWrite, UpdateMany: errNoWrite,
		DeleteOne: errNoWrite, DeleteMany: errNoWrite},
	"workflow":  {UpdateMany: errNoWrite},
	"blocklist": {CreateOne: errNoUser, CreateMany: errNoUser, UpdateOne: errNoUser, UpdateMany: errNoUser},
}

// may returns an error for a write that the caller's role or the object does not permit. Without a
// caller everything is permitted.
func (s *Scope) may(do schema.Action, write Verb) error {
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
