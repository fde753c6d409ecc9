package kickflow

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Comment is a remark on a ticket. A deleted one stays, without its text (inferred).
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

type commentView struct {
	Comment
	TicketID       hidden       `json:"ticketId,omitempty"`
	UserID         hidden       `json:"userId,omitempty"`
	FileIDs        hidden       `json:"fileIds,omitempty"`
	Attachments    []attachment `json:"attachments"`
	User           *plainUser   `json:"user"`
	MentionedUsers []plainUser  `json:"mentionedUsers"`
}

func (k *api) commentOps(ops fake.Ops) {
	k.comments = fake.NewTable(k.State, "comments", func(c Comment) string { return c.ID }, func(c *Comment) {
		k.born(&c.ID, nil, &c.CreatedAt, &c.UpdatedAt)
	})
	index(k.comments, "ticket", false, func(c Comment) []string { return []string{c.TicketID} })
	known := orders[Comment]{"createdAt": func(c *Comment) string { return c.CreatedAt }}
	ops["listComments"] = func(r *fake.Request) (any, error) {
		t, err := k.seen(r)
		if err != nil {
			return nil, err
		}
		return list(r, k.comments.By("ticket", t.ID), known, func(c Comment) any { return k.commentView(r, c) })
	}
	ops["getComment"] = func(r *fake.Request) (any, error) {
		c, err := k.comment(r)
		if err != nil {
			return nil, err
		}
		return k.commentView(r, c), nil
	}
	ops["createComment"] = k.createComment
	ops["updateComment"] = k.updateComment
	ops["deleteComment"] = k.deleteComment
}

// comment is the path's comment on the path's ticket.
func (k *api) comment(r *fake.Request) (Comment, error) {
	t, err := k.seen(r)
	if err != nil {
		return Comment{}, err
	}
	c, err := k.comments.Get(strings.ToLower(r.Path("commentId")))
	if err == nil && c.TicketID != t.ID {
		return c, absent("the ticket has no such comment")
	}
	return c, err
}

// ownComment is the path's comment, if the caller wrote it: 403 otherwise (inferred).
func (k *api) ownComment(r *fake.Request) (Comment, error) {
	c, err := k.comment(r)
	switch {
	case err != nil:
		return c, err
	case c.UserID != caller(r).ID:
		return c, refuse(http.StatusForbidden, "a comment is changed by who wrote it")
	case c.DeletedAt != nil:
		return c, invalid("base", "the comment is deleted")
	}
	return c, nil
}

func (k *api) createComment(r *fake.Request) (any, error) {
	t, err := k.seen(r)
	if err != nil {
		return nil, err
	}
	if w, _ := k.workflows.Find(t.WorkflowVersionID); !*w.CommentingEnabled {
		return nil, stated(definition, invalid("base", "comments are not allowed by the workflow")) // but for the words
	}
	var body struct {
		Body  string   `json:"body"`
		Files []string `json:"files"`
	}
	if err := first(r.Decode(&body), need("body", body.Body), k.attach("files", body.Files, t.ID)); err != nil {
		return nil, err
	}
	return k.commentView(r, k.addComment(r, t.ID, body.Body, body.Files)), nil
}

func (k *api) addComment(r *fake.Request, ticket, body string, files []string) Comment {
	c, err := k.comments.Insert(Comment{TicketID: ticket, UserID: caller(r).ID, Body: body, FileIDs: slices.Clone(files)})
	if err != nil {
		panic(err) // its identifier is new
	}
	k.emitComment(r, "comment_created", c)
	return c
}

func (k *api) updateComment(r *fake.Request) (any, error) {
	c, err := k.ownComment(r)
	if err != nil {
		return nil, err
	}
	if err := first(r.Decode(&struct {
		Body *string `json:"body"`
	}{&c.Body}), need("body", c.Body)); err != nil {
		return nil, err
	}
	c.UpdatedAt = stamp(r.Now())
	if err := k.comments.Set(c); err != nil {
		return nil, err
	}
	k.emitComment(r, "comment_updated", c)
	return k.commentView(r, c), nil
}

func (k *api) deleteComment(r *fake.Request) (any, error) {
	c, err := k.ownComment(r)
	if err != nil {
		return nil, err
	}
	c.Body, c.FileIDs, c.DeletedAt = "", nil, ptr(stamp(r.Now()))
	if err := k.comments.Set(c); err != nil {
		return nil, err
	}
	k.emitComment(r, "comment_deleted", c)
	return nil, nil
}

// mention is how a comment speaks to somebody: assumed, the vendor's own spelling is not published.
var mention = regexp.MustCompile(`@([a-zA-Z0-9_-]+)`)

func (k *api) commentView(r *fake.Request, c Comment) commentView {
	v := commentView{Comment: c, Attachments: k.attachments(r, c.FileIDs), User: k.person(c.UserID), MentionedUsers: []plainUser{}}
	for _, found := range mention.FindAllStringSubmatch(c.Body, -1) {
		if row := k.users.One("code", found[1]); row != nil {
			v.MentionedUsers = append(v.MentionedUsers, plainUser{User: row.Value})
		}
	}
	return v
}
