package ticket

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// CommentOps makes the tables of comments and adds their operations.
func (a *API) CommentOps(ops fake.Ops) {
	a.comments = org.NewTable(a.API.API, "comments", func(c Comment) string { return c.ID },
		func(c *Comment) { dialect.SetDefaults(a, &c.ID, nil, &c.CreatedAt, &c.UpdatedAt) })
	org.Index(a.comments, "ticket", false, func(c Comment) []string { return []string{c.TicketID} })
	known := dialect.Orders[Comment]{"createdAt": nil}
	ops["listComments"] = dialect.On(a.seen, func(r *fake.Request, t Ticket) (any, error) {
		return dialect.ListRows(r, a.comments.By("ticket", t.ID), known, func(c *Comment) fake.Raw {
			return a.commentView(r, c)
		})
	})
	ops["getComment"] = dialect.On(a.comment, func(r *fake.Request, c Comment) (any, error) {
		return a.commentView(r, &c), nil
	})
	ops["createComment"] = dialect.OnBody(a.seen, a.createComment)
	ops["updateComment"] = dialect.OnBody(a.ownComment, a.updateComment)
	ops["deleteComment"] = dialect.On(a.ownComment, a.deleteComment)
}

// comment returns the path's comment on the path's ticket.
func (a *API) comment(r *fake.Request) (Comment, error) {
	t, err := a.seen(r)
	if err != nil {
		return Comment{}, err
	}
	c, err := a.comments.Get(strings.ToLower(r.Path("commentId")))
	if err == nil && c.TicketID != t.ID {
		return c, dialect.Absent("the ticket has no such comment")
	}
	return c, err
}

// ownComment returns the path's comment, or a 403 if the caller is not its author (inferred).
func (a *API) ownComment(r *fake.Request) (Comment, error) {
	c, err := a.comment(r)
	switch {
	case err != nil:
		return c, err
	case c.UserID != org.Caller(r).ID:
		return c, dialect.Forbidden("a comment is changed by who wrote it")
	case c.DeletedAt != nil:
		return c, dialect.Invalid("base", "the comment is deleted")
	}
	return c, nil
}

type newComment struct {
	Body  string
	Files []string
}

func (a *API) createComment(r *fake.Request, t Ticket, body newComment) (any, error) {
	if !*a.workflow(&t).CommentingEnabled {
		// except for the wording
		return nil, dialect.Stated(dialect.Definition, dialect.Invalid("base",
			"comments are not allowed by the workflow"))
	}
	if err := dialect.FirstError(dialect.RequireText("body", body.Body),
		a.attach("files", body.Files, t.ID)); err != nil {
		return nil, err
	}
	return a.commentView(r, new(a.addComment(r, t.ID, body.Body, body.Files))), nil
}

func (a *API) addComment(r *fake.Request, ticket, body string, files []string) Comment {
	c, err := a.comments.Insert(Comment{TicketID: ticket, UserID: org.Caller(r).ID, Body: body,
		FileIDs: slices.Clone(files)})
	if err != nil {
		panic(err) // its identifier is new
	}
	a.emitComment(r, "comment_created", &c)
	return c
}

func (a *API) updateComment(r *fake.Request, c Comment, body newComment) (any, error) {
	if err := dialect.RequireText("body", body.Body); err != nil {
		return nil, err
	}
	c.Body, c.UpdatedAt = body.Body, dialect.FormatTime(r.Now())
	if err := a.comments.Set(c); err != nil {
		return nil, err
	}
	a.emitComment(r, "comment_updated", &c)
	return a.commentView(r, &c), nil
}

func (a *API) deleteComment(r *fake.Request, c Comment) (any, error) {
	c.Body, c.FileIDs, c.DeletedAt = "", nil, new(dialect.FormatTime(r.Now()))
	if err := a.comments.Set(c); err != nil {
		return nil, err
	}
	a.emitComment(r, "comment_deleted", &c)
	return nil, nil
}
