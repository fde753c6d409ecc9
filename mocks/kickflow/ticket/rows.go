// Package ticket has the applications of users: their states from draft to archived, the forms that
// authors and approvers fill in, comments, viewers, links and files, and the webhooks that say what
// happened. It knows no HTTP beyond the request that an operation answers.
//
// The states of a ticket: draft → in_progress → completed or denied; in_progress → rejected
// (returned to the author) or draft (withdrawn), and from there in_progress again; any state →
// archived.
package ticket

import (
	"cmp"
	"slices"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
)

// Ticket is one application: a completed form with the steps of its route.
type Ticket struct {
	TicketFields
	WorkflowVersionID string             `json:"workflowVersionId"`
	RouteVersionID    string             `json:"routeVersionId,omitempty"` // none if the branching refuses
	AuthorID          string             `json:"authorId,omitempty"`       // none for external guests
	ProxyClientUserID string             `json:"proxyClientUserId,omitempty"`
	SubStatusID       string             `json:"subStatusId,omitempty"`
	LabelIDs          []string           `json:"labelIds,omitempty"`
	Steps             []route.TicketStep `json:"steps,omitempty"`
	Inputs            []form.Input       `json:"inputs,omitempty"`
	SlipItems         []form.SlipItem    `json:"slipItems,omitempty"`
	Sections          []TicketSection    `json:"ticketSections,omitempty"`
	// users by the code of the step for which they were chosen
	Approvers map[string][]string `json:"approvers,omitempty"`
}

// TicketFields are shown as stored.
type TicketFields struct {
	ID               string  `json:"id"`
	TicketNumber     *string `json:"ticketNumber"`
	Title            *string `json:"title"`
	Status           string  `json:"status"`
	CurrentStep      int     `json:"currentStep"`
	CreatedAt        string  `json:"createdAt"`
	OpenedAt         *string `json:"openedAt"`
	CompletedAt      *string `json:"completedAt"`
	ArchivedAt       *string `json:"archivedAt"`
	UpdatedAt        string  `json:"updatedAt"`
	ForcedPublicType string  `json:"forcedPublicType"`
	AuthorTeamID     *string `json:"authorTeamId"`
	LogsCount        int     `json:"logsCount"`
	ClosedAt         *string `json:"closedAt"`
	DeniedAt         *string `json:"deniedAt"`
}

// TicketSection gives a section of the workflow an identifier in the ticket.
type TicketSection struct {
	ID        string `json:"id"`
	SectionID string `json:"sectionId"`
}

// Label marks tickets; labels are managed on the vendor's screens only.
type Label struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	Color       string  `json:"color"` // six hex digits
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
}

// SubStatus refines the status in_progress; sub-statuses are managed on the vendor's screens only.
type SubStatus struct {
	ID              string  `json:"id"`
	Code            string  `json:"code"`
	Name            string  `json:"name"`
	Notes           *string `json:"notes"`
	AllowWithdrawal bool    `json:"allowWithdrawal"`
	AllowRejection  bool    `json:"allowRejection"`
	AllowDenial     bool    `json:"allowDenial"`
	CreatedAt       string  `json:"createdAt"`
	UpdatedAt       string  `json:"updatedAt"`
}

// Link relates two tickets.
type Link struct {
	TicketID string `json:"ticketId"`
	LinkedID string `json:"linkedId"`
}

// numbering counts the tickets of a workflow.
type numbering struct {
	WorkflowCode string `json:"workflowCode"`
	Last         int    `json:"last"`
}

// Viewer is a user or a team that a ticket is shared with.
type Viewer struct {
	ID          string `json:"id"`
	TicketID    string `json:"ticketId"`
	UserID      string `json:"userId,omitempty"`
	TeamID      string `json:"teamId,omitempty"`
	GradeID     string `json:"gradeId,omitempty"`
	Descendants bool   `json:"descendants"`
	CreatedAt   string `json:"createdAt"`
}

// Comment is a comment on a ticket. A deleted one remains, without its text (inferred).
type Comment struct {
	ID        string   `json:"id"`
	Body      string   `json:"body"`
	CreatedAt string   `json:"createdAt"`
	UpdatedAt string   `json:"updatedAt"`
	DeletedAt *string  `json:"deletedAt"`
	TicketID  string   `json:"ticketId"`
	UserID    string   `json:"userId"`
	FileIDs   []string `json:"fileIds,omitempty"`
}

// File is an uploaded file. TicketID is the ticket whose form or comments refer to it.
type File struct {
	SignedID    string `json:"signedId"`
	Filename    string `json:"filename"`
	Checksum    string `json:"checksum"` // MD5 in base64 (inferred)
	ByteSize    int    `json:"byteSize"`
	ContentType string `json:"contentType"`
	CreatedAt   string `json:"createdAt"`
	Data        []byte `json:"data"`
	TicketID    string `json:"ticketId"`
}

// Held returns the size of the file in bytes.
func (f File) Held() int { return len(f.Data) }

// Webhook sends events of workflows to a URL; webhooks are set up on the vendor's screens only.
type Webhook struct {
	ID            string   `json:"id"`
	URL           string   `json:"url"`
	Secret        string   `json:"secret,omitempty"`        // if empty, requests are not signed
	Events        []string `json:"events,omitempty"`        // ping, ticket_opened, comment_created …; none = all
	WorkflowCodes []string `json:"workflowCodes,omitempty"` // none = all
}

// filled returns the form of a ticket with its values.
func (t *Ticket) filled(w *route.Workflow) form.Filled {
	return form.Filled{Form: w.SectionList, Inputs: t.Inputs, SlipItems: t.SlipItems}
}

// application returns what routing knows of a ticket.
func (t *Ticket) application(w *route.Workflow) *route.Application {
	return &route.Application{Filled: t.filled(w), Workflow: w, Applicant: t.applicant(),
		TeamID: dialect.Deref(t.AuthorTeamID), Approvers: t.Approvers}
}

// applicant returns the user that a ticket is for: the represented user, or else the author
// (inferred for proxied tickets).
func (t *Ticket) applicant() string { return cmp.Or(t.ProxyClientUserID, t.AuthorID) }

// assigned reports whether a user is an assignee in one of the states all, current or approved.
func (t *Ticket) assigned(user string, states []string) bool {
	for _, s := range t.Steps {
		for _, a := range s.Assignees {
			if a.UserID != user {
				continue
			}
			current := s.Status == "in_progress" && !a.Completed
			if slices.Contains(states, "all") || current && slices.Contains(states, "current") ||
				a.Completed && slices.Contains(states, "approved") {
				return true
			}
		}
	}
	return false
}

// task returns the caller's open assignment in a ticket.
func (t *Ticket) task(user string) (route.Assignee, bool) {
	if t.Status == "in_progress" && t.CurrentStep > 0 {
		for _, a := range t.Steps[t.CurrentStep-1].Assignees {
			if a.UserID == user && !a.Completed {
				return a, true
			}
		}
	}
	return route.Assignee{}, false
}
