package twenty

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Tokens in addresses of files. They name the file as their subject; how long downloads last is inferred from the
// time for which they may be cached.
const (
	fileToken   = "FILE"
	uploadToken = "FILE_UPLOAD"
	fileLife    = 24 * time.Hour
)

func (a *api) fileOps() fake.Ops {
	return fake.Ops{"uploadFile": a.uploadFile, "downloadFile": a.downloadFile, "getPublicAsset": publicAsset}
}

// addressToken returns the token in the address of a file, which authenticates its caller.
func addressToken(r *http.Request) string {
	if path := strings.ToLower(r.URL.Path); strings.HasPrefix(path, "/file/") || strings.HasPrefix(path,
		"/file-upload/") {
		return r.URL.Query().Get("token")
	}
	return ""
}

// FileURL returns an address to download a file.
func (t sessionTokens) FileURL(base string, f schema.File) string {
	return base + "/file/" + f.Folder + "/" + f.ID + "?token=" + t.forFile(fileToken, f.ID, t.Now().Add(fileLife))
}

// UploadURL returns an address to send the bytes of a file to.
func (t sessionTokens) UploadURL(base string, f schema.File, until time.Time) string {
	return base + "/file-upload/" + f.ID + "?token=" + t.forFile(uploadToken, f.ID, until)
}

func (t sessionTokens) forFile(kind, id string, until time.Time) string {
	w := t.World()
	c := claims{Sub: id, WorkspaceID: workspaceID, Type: kind, World: w.Label(), Iat: t.Now().Unix(), Exp: until.Unix()}
	return signToken(c, signing+w.Nonces()[0])
}

// fileOf returns the file that a request's token is for.
func (a *api) fileOf(r *fake.Request, kind, id string) (schema.File, error) {
	c, ok := a.readToken(r.Query("token"))
	f, known := a.tables.Files.Find(id)
	if !ok || !known || c.Type != kind || c.Sub != id || c.Exp <= r.Now().Unix() {
		e := nest(http.StatusForbidden, "Forbidden", "Forbidden resource")
		e.Rule, e.Source = "an address of a file is signed", "fixtures/twenty/files_and_attachments"
		return f, e
	}
	return f, nil
}

// uploadFile takes the bytes of a file that was announced. That they may be sent again is inferred.
func (a *api) uploadFile(r *fake.Request) (any, error) {
	f, err := a.fileOf(r, uploadToken, r.Path("fileId"))
	if err != nil {
		return nil, err
	}
	if r.TooLong() {
		return nil, tooLarge()
	}
	f.Data, f.Received = r.Body(), true
	return &fake.Response{Status: http.StatusNoContent}, a.tables.Files.Set(f)
}

// shownInline are the types that a browser may show; others it has to store (inferred: only texts were recorded).
var shownInline = []string{"text/plain", "text/csv", "text/markdown", "application/pdf", "image/png",
	"image/jpeg", "image/gif", "image/webp", "audio/", "video/"}

func (a *api) downloadFile(r *fake.Request) (any, error) {
	f, err := a.fileOf(r, fileToken, r.Path("id"))
	if err != nil {
		return nil, err
	}
	disposition := "attachment"
	for _, kind := range shownInline {
		if strings.HasPrefix(f.ContentType(), kind) {
			disposition = "inline"
		}
	}
	return &fake.Response{Status: http.StatusOK, Body: f.Data, Header: http.Header{"Content-Type": {f.ContentType()},
		"Cache-Control": {"private, max-age=86400, immutable"}, "Content-Disposition": {disposition},
		"X-Content-Type-Options": {"nosniff"}}}, nil
}

// publicAsset always fails: no application of the fake has public assets.
func publicAsset(*fake.Request) (any, error) {
	return nil, coded(http.StatusNotFound, "FILE_NOT_FOUND", "File not found")
}

// fileMark begins the address of a file in a printed record.
var fileMark = []byte(`\u0000`)

// withFileURLs writes the addresses of files into an answer.
func withFileURLs(r *fake.Request, body []byte) []byte {
	if r.Op == nil || !bytes.Contains(body, fileMark) {
		return body
	}
	t := sessionTokens{fake.Of[api](r.State)}
	return record.ExpandFileURLs(body, func(id string) string {
		return t.FileURL(r.Base, schema.File{ID: id, Folder: schema.FilesFolder})
	})
}
