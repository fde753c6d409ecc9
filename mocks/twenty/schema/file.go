package schema

import (
	"path"
	"strings"
)

// File is an uploaded file, or an announced one.
type File struct {
	ID        string `json:"id"`
	Name      string `json:"name"` // as the client called it
	Folder    string `json:"folder"`
	FieldID   string `json:"fieldId,omitempty"` // universal, of the field of files that it was made for
	Place     string `json:"place,omitempty"`   // the whole path, of a file of an application
	CreatedAt string `json:"createdAt"`
	Received  bool   `json:"received"` // its bytes have come
	Data      []byte `json:"data"`
}

// Held returns how many bytes the file takes.
func (f File) Held() int { return len(f.Data) }

// Extension returns the extension of the file's name with its dot, "" if it has none.
func (f File) Extension() string { return path.Ext(f.Name) }

// Path returns where the server stores the file: fixtures/twenty/files_and_attachments 3 and 17.
func (f File) Path() string {
	if f.Place != "" {
		return f.Place
	}
	return path.Join(f.Folder, f.FieldID, f.ID+f.Extension())
}

// The folders of files that are here, by the name that their paths have.
const (
	FilesFolder    = "files-field"
	PicturesFolder = "core-picture"
)

// contentTypes are the types of files by their extension. That of texts is recorded.
var contentTypes = map[string]string{
	".txt": "text/plain", ".csv": "text/csv", ".md": "text/markdown", ".html": "text/html", ".css": "text/css",
	".xml": "application/xml", ".json": "application/json", ".pdf": "application/pdf", ".zip": "application/zip",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".svg": "image/svg+xml", ".mp3": "audio/mpeg", ".mp4": "video/mp4", ".doc": "application/msword",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	".xls":  "application/vnd.ms-excel", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// ContentType returns the type with which the file is downloaded.
func (f File) ContentType() string {
	if t := contentTypes[strings.ToLower(f.Extension())]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// AddFile stores a file under a new identifier.
func (t *Tables) AddFile(f File) (File, error) {
	f.ID, f.CreatedAt = t.State.NewID(), stamp(t.State.Now())
	return t.Files.Insert(f)
}
