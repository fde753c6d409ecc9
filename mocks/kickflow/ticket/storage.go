package ticket

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

const (
	maxFile     = 50 << 20
	purgeAfter  = 24 * time.Hour  // documented as the minimum
	urlLife     = 5 * time.Minute // documented
	StoragePath = "/storage/"     // the fake's equivalent of the vendor's object store
)

// FileOps makes the tables of files and adds their operations.
func (a *API) FileOps(ops fake.Ops) {
	a.files = fake.NewTable(a.State, "files", func(f File) string { return f.SignedID }, func(f *File) {
		f.ByteSize = len(f.Data)
		sum := md5.Sum(f.Data)
		f.Checksum = base64.StdEncoding.EncodeToString(sum[:])
		dialect.SetDefaults(a, &f.SignedID, nil, &f.CreatedAt, new(string))
		f.ContentType = cmp.Or(f.ContentType, "application/octet-stream")
	})
	a.RegisterJob("purgeFile", org.Job(func(id string) {
		if f, ok := a.files.Find(id); ok && f.TicketID == "" {
			a.files.Delete(id)
		}
	}))
	ops["uploadFile"] = a.uploadFile
	ops["getFile"] = a.getFile
}

func (a *API) uploadFile(r *fake.Request) (any, error) {
	if !a.Enterprise() {
		return nil, dialect.Forbidden("the tenant's plan has no files")
	}
	parts, err := r.Files("file")
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, dialect.Invalid("file", dialect.Blank)
	}
	p := parts[0]
	if len(p.Data) > maxFile {
		return nil, dialect.Refuse(http.StatusRequestEntityTooLarge, "a file has at most 50 MB")
	}
	f, err := a.files.Insert(File{SignedID: a.NewToken("file")[:32], Filename: p.Name, ContentType: p.ContentType,
		Data: p.Data})
	if err != nil {
		return nil, err
	}
	a.ScheduleJob(r.Now().Add(purgeAfter), "purgeFile", f.SignedID)
	a.RegisterCredential(f.SignedID)
	return map[string]string{"signedId": f.SignedID}, nil
}

// getFile returns attached files only: documented, the status is inferred.
func (a *API) getFile(r *fake.Request) (any, error) {
	f, err := a.files.Get(r.Path("signedId"))
	if err != nil {
		return nil, err
	}
	if f.TicketID == "" {
		return nil, dialect.Invalid("base", "the file is not attached to a ticket")
	}
	if t, ok := a.Tickets.Find(f.TicketID); !ok || !a.sees(org.Caller(r).ID, &t) {
		return nil, dialect.NotFound("the caller does not see the file's ticket")
	}
	return dialect.Fields(f, "signedId", "data", "ticketId").Add("url", a.fileURL(r, &f)).Raw(), nil
}

func (a *API) fileURL(r *fake.Request, f *File) string {
	expires := strconv.FormatInt(r.Now().Add(urlLife).Unix(), 10)
	return fmt.Sprintf("%s%s%s/%s?expires=%s&signature=%s", r.Base, StoragePath, f.SignedID,
		url.PathEscape(f.Filename), expires, a.sign(f.SignedID, expires))
}

func (a *API) sign(id, expires string) string {
	return signature(a.Settings().ID, []byte(id+" "+expires))
}

// signature returns the HMAC of a text in hexadecimal digits.
func signature(key string, text []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(text)
	return hex.EncodeToString(mac.Sum(nil))
}

// Download implements the object store: a URL is valid for five minutes, without credentials.
func (a *API) Download(r *fake.Request) (any, error) {
	id, _, _ := strings.Cut(strings.TrimPrefix(r.HTTP.URL.Path, StoragePath), "/")
	f, err := a.files.Get(id)
	if err != nil {
		return nil, err
	}
	expires := r.Query("expires")
	until, _ := strconv.ParseInt(expires, 10, 64)
	if !hmac.Equal([]byte(r.Query("signature")), []byte(a.sign(id, expires))) || r.Now().Unix() > until {
		return nil, dialect.Forbidden("the storage address is not signed or has expired")
	}
	return &fake.Response{Status: http.StatusOK, Body: f.Data, Header: http.Header{
		"Content-Type":        {f.ContentType},
		"Content-Disposition": {mime.FormatMediaType("attachment", map[string]string{"filename": f.Filename})},
	}}, nil
}

// attach assigns files to a ticket; unknown ids are an error (inferred).
func (a *API) attach(field string, ids []string, ticketID string) error {
	for _, id := range ids {
		f, ok := a.files.Find(id)
		if !ok || f.TicketID != "" && f.TicketID != ticketID {
			return dialect.Invalid(field, dialect.Missing)
		}
		f.TicketID = ticketID
		if err := a.files.Set(f); err != nil {
			return err
		}
	}
	return nil
}

func (a *API) attachments(r *fake.Request, ids []string) []fake.Raw {
	return dialect.ShowEach(a.files, ids, func(f *File) fake.Raw {
		return dialect.Object(nil).Add("signedId", f.SignedID).Add("filename", f.Filename).Add("url", a.fileURL(r, f)).
			Add("byteSize", f.ByteSize).Add("contentType", f.ContentType).Raw()
	})
}
