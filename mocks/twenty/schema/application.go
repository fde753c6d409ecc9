package schema

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Application is a program that brings its own objects. The standard and the custom application of a workspace are no
// rows; see [Workspace].
type Application struct {
	ID                  string `json:"id"`
	UniversalIdentifier string `json:"universalIdentifier"`
	Name                string `json:"name"`
	DefaultRoleID       string `json:"defaultRoleId,omitempty"`
}

// Registration says who may bring an application; it outlives the application.
type Registration struct {
	ID                  string `json:"id"`
	UniversalIdentifier string `json:"universalIdentifier"`
	Name                string `json:"name"`
	OAuthClientID       string `json:"oAuthClientId"`
	ClientSecret        string `json:"clientSecret,omitempty"`
	CreatedAt           string `json:"createdAt"`
	UpdatedAt           string `json:"updatedAt"`
}

// Missing is what the vendor does and the fake does not.
type Missing struct {
	Endpoint string // "" for /metadata
	Kind     string // "" for a mutation
	What     string
}

func (m *Missing) Error() string { return m.What + " is not in this fake" }

// standardApplication is the universal identifier of the application that every workspace starts with:
// fixtures/twenty/surface_app_sync 48.
const standardApplication = "20202020-64aa-4b6f-b003-9c74b97cee20"

// AllApplications returns the applications of the workspace, its own two first.
func (t *Tables) AllApplications() []Application {
	w := t.Workspace()
	return append([]Application{{ID: w.CustomApplicationID, UniversalIdentifier: w.CustomApplicationID,
		Name: "Custom"},
		{ID: w.StandardApplicationID, UniversalIdentifier: standardApplication, Name: "Standard"}},
		slices.Collect(t.Applications.All())...)
}

// Application returns an application by one of its identifiers, "" for the other.
func (t *Tables) Application(id, universal string) (Application, error) {
	for _, a := range t.AllApplications() {
		if a.ID == id || a.UniversalIdentifier == universal {
			return a, nil
		}
	}
	said := func(text string) string {
		if text == "" {
			return "undefined"
		}
		return text
	}
	return Application{}, &ChangeError{Status: 404, Code: "APPLICATION_NOT_FOUND",
		UserMessage: "Application not found.",
		Message: fmt.Sprintf("Application with id %s or universalIdentifier %s not found", said(id),
			said(universal))}
}

// Register claims a universal identifier for an application.
func (t *Tables) Register(name, universal string) (Registration, error) {
	for r := range t.Registrations.All() {
		if r.UniversalIdentifier == universal {
			return r, &ChangeError{Status: 400, Code: "UNIVERSAL_IDENTIFIER_ALREADY_CLAIMED",
				Message:     "Universal identifier " + universal + " is already claimed",
				UserMessage: "This universal identifier is already claimed by another registration."}
		}
	}
	now := stamp(t.State.Now())
	return t.Registrations.Insert(Registration{ID: t.State.NewID(), UniversalIdentifier: universal, Name: name,
		OAuthClientID: t.State.NewID(),
		ClientSecret:  t.State.NewToken("client secret"), CreatedAt: now, UpdatedAt: now})
}

// Develop makes an application that its developer fills, or returns the one that is there.
func (t *Tables) Develop(name, universal string) (Application, error) {
	if !IsUUID(universal) {
		return Application{}, &ChangeError{Status: 500, Fault: fmt.Sprintf("invalid input syntax for type uuid: \"%s\"",
			universal)}
	}
	if a, err := t.Application("", universal); err == nil {
		return a, nil
	}
	return t.Applications.Insert(Application{ID: t.State.NewID(), UniversalIdentifier: universal, Name: name})
}

// AddApplicationFile stores a file of an application. That it has to be there is inferred.
func (t *Tables) AddApplicationFile(universal, folder, path string, data []byte) (File, error) {
	if _, err := t.Application("", universal); err != nil {
		return File{}, err
	}
	return t.AddFile(File{Name: path, Folder: kebab(folder), Place: kebab(folder) + "/" + path, Received: true,
		Data: data})
}

var hump = regexp.MustCompile(`([a-z])([A-Z])`)

// kebab turns the name of a folder into that of its paths: FilesField is files-field.
func kebab(name string) string { return strings.ToLower(hump.ReplaceAllString(name, "$1-$2")) }

// Uninstall takes an application with its objects, their records and its roles away. Its registration stays.
func (t *Tables) Uninstall(universal string) error {
	a, err := t.Application("", universal)
	if err != nil {
		return err
	}
	if _, own := t.Applications.Find(a.ID); !own {
		return &Missing{What: "uninstallApplication of an application that every workspace has"}
	}
	for _, m := range t.Schema().Models {
		if m.ApplicationID == a.ID {
			if err := t.dropObject(m); err != nil {
				return err
			}
		}
	}
	t.Roles.DeleteIf(func(r Role) bool { return r.ApplicationID == a.ID })
	t.Applications.Delete(a.ID)
	return nil
}

// uuid5 returns the identifier of a name below another one (RFC 9562, version 5): the server derives those of
// what comes
// with an application so, fixtures/twenty/surface_app_sync.
func uuid5(space, name string) string {
	raw, err := hex.DecodeString(strings.ReplaceAll(space, "-", ""))
	if err != nil {
		raw = []byte(space)
	}
	sum := sha1.Sum(append(raw, name...))
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x50, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[0:4], id[4:6], id[6:8], id[8:10], id[10:16])
}
