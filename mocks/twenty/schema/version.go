package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// VersionSetting is the setting of a world that says which version of the server it imitates.
const VersionSetting = "version"

// Version is a version of the server.
type Version struct {
	Name     string // as the setting has it
	Server   string // as the server calls itself
	Evidence string // of what the fake knows about it
}

// Versions are those that a world can imitate, the oldest first. The first is the default.
var Versions = []Version{
	{"2.21", "2.21.0", "recorded"},
	{"2.43", "2.43.0", "documented"},
}

// Change names one difference between two versions.
type Change string

// The changes that the fake knows.
const (
	RestoreBelowObject Change = "restore below the object"
	ChosenFields       Change = "chosen fields"
	RecordsSDL         Change = "SDL of records"
	NoStepUploads      Change = "no uploads in one step"
	NoApplicationToken Change = "no generateApplicationToken"
	NoDomainEmail      Change = "no sendEmailViaEmailingDomain"
	NoUnsubscribePage  Change = "no unsubscribePagePreviewUrl"
	NewRootFields      Change = "new root fields"
)

// Changelog lists the changes by version, each with its evidence. A further version adds lines.
var Changelog = []struct {
	In     string
	Change Change
	What   string
	Source string
	// The root fields of /metadata that are gone ("-mutation x"), that are there ("+query x: String!") and
	// that are there
	// and not in this fake ("?mutation x").
	Fields []string
}{
	{"2.43", RestoreBelowObject, "PATCH /rest/{objects}/restore and /rest/{objects}/{id}/restore restore; " +
		"/rest/restore/{objects} reads the object as a record's id", "the vendor's public source", nil},
	{"2.43", ChosenFields, "the parameter fields shows some fields of records only", "the vendor's public source", nil},
	{"2.43", RecordsSDL, "the schema of the workspace's records as text", "npm twenty-client-sdk 2.43.0",
		[]string{"+query applicationCoreGraphqlSchema: String!"}},
	{"2.43", NoStepUploads, "files are uploaded in two steps only", "npm twenty-client-sdk 2.43.0",
		[]string{"-mutation uploadFilesFieldFile", "-mutation uploadAiChatFile",
			"-mutation uploadEmailAttachmentFile", "-mutation uploadWorkflowFile"}},
	{"2.43", NoApplicationToken, "applications get their tokens otherwise", "npm twenty-client-sdk 2.43.0",
		[]string{"-mutation generateApplicationToken", "?mutation generateFrontComponentApplicationTokenPair"}},
	{"2.43", NoDomainEmail, "campaigns send, not domains", "npm twenty-client-sdk 2.43.0",
		[]string{"-mutation sendEmailViaEmailingDomain", "?mutation sendMessageCampaignTest",
			"?mutation cancelMessageCampaign"}},
	{"2.43", NoUnsubscribePage, "the page has no preview", "npm twenty-client-sdk 2.43.0",
		[]string{"-query unsubscribePagePreviewUrl"}},
	{"2.43", NewRootFields, "what is new and not in this fake", "npm twenty-client-sdk 2.43.0",
		strings.Split("?query "+strings.Join(strings.Fields(
			`aiChatUsage appKeyValue appMessageChannels applicationConnectedAccounts
		applicationSdkClientChecksums exportApplication callRecordingIdForCalendarEvent chatThreadsForRecord
		currentUserApplicationAuthorizations currentUserSessions getApiKeyRoles getJobs
		findClaimableApplicationRegistration findInstallApplicationJobStatus
		findUninstallApplicationJobStatus getPermissionFlags githubClaimAuthorizationUrl
		isApplicationStopped messageSuppressions metadataTranslations mostlyEmptyFieldMetadataIds
		recordPermissions recordSharing timelineActivityTypes usageLimits usageQuotaDefinitions
		usageQuotaScopeConsumption usageQuotasWithConsumption`), ",?query ")+",?mutation "+strings.Join(strings.Fields(
			`attachChatThreadToRecord completeAppTarballUpload completeApplicationFileUploads
		createApplicationFileUploads completeNewWorkspaceLogoUpload completeWorkspaceLogoUpload
		completeWorkspaceMemberProfilePictureUpload createAppMessageChannel createMessageSuppression
		createNewWorkspaceLogoUpload createUsageLimit deleteAppKeyValue deleteAppMessageChannel
		deleteMessageSuppression deleteUsageLimit detachChatThreadFromRecord disconnectConnectedAccount
		duplicateMessageList enqueueJob enqueueJobs enrichWorkspaceCompany grantApplicationCapabilities
		ingestAppMessages revokeApplicationAuthorization revokeUserSession revokeAllOtherUserSessions
		runApplicationHealthCheck setAppKeyValue setRecordShare signOut startWorkspaceSetupChat
		stopImpersonation triggerInstallApplicationJob triggerUninstallApplicationJob
		updateAppMessageChannel updateApplication updateEmailGroupChannel updateManyObjects
		updateTimelineActivityType updateUsageLimit updateWorkspaceAllowedIframeOrigins`),
			",?mutation "), ",")},
}

// CheckVersion refuses a version that the fake does not know.
func CheckVersion(name string) error {
	if name == "" || slices.ContainsFunc(Versions, func(v Version) bool { return v.Name == name }) {
		return nil
	}
	return fmt.Errorf("no version %q; versions: %s and %s", name, Versions[0].Name, Versions[1].Name)
}

// Version returns the version that the world imitates.
func (t *Tables) Version() Version {
	name := t.State.World().StringSetting(VersionSetting)
	for _, v := range Versions {
		if v.Name == name {
			return v
		}
	}
	return Versions[0]
}

// Has reports whether the world's version has a change.
func (t *Tables) Has(c Change) bool {
	for _, entry := range Changelog {
		if entry.Change == c {
			return entry.In <= t.Version().Name
		}
	}
	return false
}

// compatible refuses an application that asks for another version: what a client of the wrong version sees. The words
// are those of the vendor's public source.
func (t *Tables) compatible(wanted string) error {
	if wanted == "" {
		return nil
	}
	server := t.Version().Server
	fits, ok := satisfies(server, wanted)
	switch {
	case !ok:
		return &ChangeError{Status: 400, Code: "INVALID_APP_ENGINE_REQUIREMENT",
			Message: fmt.Sprintf(
				"App manifest declares invalid engines.twenty value \"%s\". Must be a valid semver range.", wanted)}
	case !fits:
		return &ChangeError{Status: 400, Code: "WORKSPACE_VERSION_INCOMPATIBLE",
			Message: fmt.Sprintf(
				"App requires Twenty server %s but this workspace has only completed the upgrade to %s.",
				wanted, server)}
	}
	return nil
}

// satisfies reports whether a version lies in a range as npm writes it; ok is false for an invalid range.
func satisfies(version, wanted string) (fits, ok bool) {
	c, err := semver.NewConstraint(wanted)
	return err == nil && c.Check(semver.MustParse(version)), err == nil
}
