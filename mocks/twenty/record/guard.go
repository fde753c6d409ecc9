package record

import "github.com/afba07b5/mockserver/mocks/twenty/schema"

// The writes that guards know, by the names that the vendor's hooks have.
const (
	createOne   = "createOne"
	createMany  = "createMany"
	updateOne   = "updateOne"
	updateMany  = "updateMany"
	deleteOne   = "deleteOne"
	deleteMany  = "deleteMany"
	destroyOne  = "destroyOne"
	destroyMany = "destroyMany"
	restoreOne  = "restoreOne"
	restoreMany = "restoreMany"
)

var (
	errMember = Error{Status: 400, Name: "Error", Message: errForbidden.Message, Code: errForbidden.Code,
		Class: "FORBIDDEN",
		Hint:  "User does not have permission.", Rule: "members of the workspace come and go by invitation"}
	errRemoval = Error{Status: 400, Name: badRequest, Message: removal, Code: "BAD_REQUEST", Class: badInput,
		Hint: removal, Rule: errMember.Rule}
	errNoWrite = Error{Status: 400, Name: "Error", Message: "Method not allowed.", Code: "FORBIDDEN",
		Class: "FORBIDDEN",
		Hint:  "You do not have permission to perform this workflow action.",
		Rule:  "the server alone writes versions and runs of workflows"}
	errNoUser = Error{Status: 401, Name: "UnauthorizedException", Message: "User id is required",
		Code: "INVALID_AUTH_CONTEXT", Class: "UNAUTHENTICATED",
		Hint: "User id is required.", Rule: "a blocklist belongs to a user, and an API key is none"}
)

const removal = "Please use /deleteUserFromWorkspace to remove a workspace member."

// guards are the writes that an object rejects before any other check: kind_system_objects 34 to
// 49, kind_foreign_keys 67. Similar ones are known from the vendor's public source.
var guards = map[string]map[string]*Error{
	"workspaceMember": {createOne: &errMember, createMany: &errMember, updateMany: &errMember, deleteOne: &errRemoval,
		deleteMany: &errMember,
		destroyOne: &errMember, destroyMany: &errMember, restoreOne: &errMember, restoreMany: &errMember},
	"workflowVersion": {createOne: &errNoWrite, createMany: &errNoWrite, updateMany: &errNoWrite,
		deleteMany: &errNoWrite},
	"workflowRun": {createOne: &errNoWrite, createMany: &errNoWrite, updateOne: &errNoWrite, updateMany: &errNoWrite,
		deleteOne: &errNoWrite, deleteMany: &errNoWrite},
	"blocklist": {createOne: &errNoUser, createMany: &errNoUser, updateOne: &errNoUser, updateMany: &errNoUser},
}

// may returns an error for a write that the caller's role or the object does not permit. Without a
// caller everything is permitted.
func (s *Scope) may(do schema.Action, write string) error {
	if err := s.allow(do); err != nil {
		return err
	}
	e := guards[s.Model.NameSingular][write]
	if e == nil || s.Caller == nil || e == &errNoUser && s.Caller.User != nil {
		return nil
	}
	refused := *e
	return &refused
}
