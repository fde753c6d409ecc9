package graphql

import (
	"fmt"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Upload is a file that came with a document.
type Upload struct {
	Name    string
	Data    []byte
	Missing bool // the request announced the file and did not carry it
}

const (
	largestUpload = 1 << 30          // fixtures/twenty/files_and_attachments 19
	uploadLife    = 15 * time.Minute // fixtures/twenty/files_and_attachments 1
)

// fileResolvers take uploads: fixtures/twenty/files_and_attachments. That the logo goes where pictures of members go,
// and that fields are found by their universal identifiers alike, is inferred.
func fileResolvers() map[string]resolver {
	return map[string]resolver{
		"Mutation.createFileUpload":   createFileUpload,
		"Mutation.completeFileUpload": completeFileUpload,
		"Mutation.uploadFilesFieldFile": func(c *call, _ any, args map[string]any) (any, error) {
			field, err := c.fieldOfFiles(args, "fieldMetadataId")
			return c.receive(args, schema.FilesFolder, field, err)
		},
		"Mutation.uploadFilesFieldFileByUniversalIdentifier": func(c *call, _ any, args map[string]any) (any, error) {
			field, err := c.fieldOfFiles(args, "fieldMetadataUniversalIdentifier")
			return c.receive(args, schema.FilesFolder, field, err)
		},
		"Mutation.uploadWorkspaceMemberProfilePicture": func(c *call, _ any, args map[string]any) (any, error) {
			return c.receive(args, schema.PicturesFolder, "", nil)
		},
		"Mutation.uploadWorkspaceLogo": setting(schema.SettingWorkspace, func(c *call, _ any,
			args map[string]any) (any, error) {
			return c.receive(args, schema.PicturesFolder, "", nil)
		}),
	}
}

// receive stores the file of a mutation.
func (c *call) receive(args map[string]any, folder, field string, err error) (any, error) {
	up, _ := args["file"].(Upload)
	switch {
	case err != nil:
		return nil, err
	case up.Missing:
		return nil, guarded(internal, "File missing in the request.")
	}
	f, err := c.tables.AddFile(schema.File{Name: up.Name, Folder: folder, FieldID: field, Received: true,
		Data: up.Data})
	return orRefused(c.signedFile(f), err)
}

// signedFile is a file with an address to download it.
func (c *call) signedFile(f schema.File) any {
	return map[string]any{"id": f.ID, "path": f.Path(), "size": float64(len(f.Data)), "createdAt": f.CreatedAt,
		"url": c.Tokens.FileURL(c.base, f)}
}

// fieldOfFiles returns the universal identifier of the field that an argument names.
func (c *call) fieldOfFiles(args map[string]any, key string) (string, error) {
	id := textIn(args[key])
	if key == "fieldMetadataId" {
		if a := c.tables.Schema().Attr(id); a != nil {
			return a.UniversalIdentifier, nil
		}
	}
	for f := range c.tables.Fields.All() {
		if key != "fieldMetadataId" && f.UniversalIdentifier == id {
			return id, nil
		}
	}
	column := map[string]string{"fieldMetadataId": "id", "fieldMetadataUniversalIdentifier": "universalIdentifier"}[key]
	return "", guarded(internal,
		fmt.Sprintf(
			"Could not find any entity of type \"FieldMetadataEntity\" matching: {\n    \"select\": [\n        "+
				"\"applicationId\",\n        \"universalIdentifier\"\n    ],\n    \"where\": {\n        \"%s\": %s,\n"+
				"        \"workspaceId\": \"%s\"\n    }\n}",
			column, jsonb.AppendString(nil, id), c.tables.Workspace().ID))
}

// createFileUpload announces a file. The client then sends its bytes to the address in the answer.
func createFileUpload(c *call, _ any, args map[string]any) (any, error) {
	size, _ := args["size"].(float64)
	key := "fieldMetadataId"
	if args[key] == nil {
		key = "fieldMetadataUniversalIdentifier"
	}
	switch {
	case textIn(args["fileFolder"]) != "FilesField":
		return nil, notHere("mutation", "createFileUpload to the folder "+textIn(args["fileFolder"]))
	case size <= 0 || size > largestUpload:
		return nil, &Failure{Message: fmt.Sprintf("Invalid file size %.0f (max %d bytes)", size, largestUpload),
			Extensions: &Extensions{Code: internal,
				UserFriendlyMessage: "The file is empty or exceeds the maximum allowed size."}}
	case args[key] == nil:
		const none = "fieldMetadataId or fieldMetadataUniversalIdentifier must be provided"
		return nil, &Failure{Message: none, Extensions: &Extensions{Code: internal, UserFriendlyMessage: none}}
	}
	field, err := c.fieldOfFiles(args, key)
	if err != nil {
		return nil, err
	}
	f, err := c.tables.AddFile(schema.File{Name: textIn(args["filename"]), Folder: schema.FilesFolder, FieldID: field})
	until := c.tables.State.Now().Add(uploadLife)
	return orRefused(map[string]any{"fileId": f.ID, "uploadUrl": c.Tokens.UploadURL(c.base, f, until),
		"contentType": "application/octet-stream", "expiresAt": until.UTC().Format("2006-01-02T15:04:05.000Z")}, err)
}

// completeFileUpload completes an announced upload. The answer for a file whose bytes are missing
// was not recorded.
func completeFileUpload(c *call, _ any, args map[string]any) (any, error) {
	f, ok := c.tables.Files.Find(textIn(args["fileId"]))
	switch {
	case !ok:
		return nil, &Failure{Message: "File not found: " + textIn(args["fileId"]),
			Extensions: &Extensions{Code: internal, UserFriendlyMessage: "File not found."}}
	case !f.Received:
		return nil, notHere("mutation", "completeFileUpload before the bytes came")
	}
	return c.signedFile(f), nil
}
