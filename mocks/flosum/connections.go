package flosum

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Connection is a Salesforce organisation attached to a tenant, with its content.
type Connection struct {
	ID                int64    `json:"id"`
	ExternalID        int64    `json:"externalId"`
	Name              string   `json:"name"`
	UserFullName      string   `json:"userFullName"`
	UserName          string   `json:"userName"`
	SalesforceOrgID   string   `json:"salesforceOrgId"`
	SalesforceOrgType string   `json:"salesforceOrgType"` // PRODUCTION or SANDBOX
	TenantID          int64    `json:"tenantId"`          // 1 if zero
	Objects           []Object `json:"objects"`           // a few usual ones if nil
}

// Object is an object of an organisation that backups copy.
type Object struct {
	Name string `json:"name"`
	// empty, metadata, binary, big, feed, share, history, customMetadataType or tag
	Kind    string `json:"kind,omitempty"`
	Records int64  `json:"records"`
	Size    int64  `json:"size"` // bytes
}

type connectionItem struct {
	ID                int64  `json:"id"`
	ExternalID        int64  `json:"externalId"`
	Name              string `json:"name"`
	UserName          string `json:"userName"`
	SalesforceOrgType string `json:"salesforceOrgType"`
}

type connectionPage struct {
	Total int              `json:"total"`
	Items []connectionItem `json:"items"`
}

type connectionView struct {
	connectionItem
	UserFullName    string `json:"userFullName"`
	SalesforceOrgID string `json:"salesforceOrgId"`
}

type connectionInfo struct {
	ID                int64  `json:"id"`
	Name              string `json:"name"`
	UserName          string `json:"userName"`
	SalesforceOrgID   string `json:"salesforceOrgId"`
	SalesforceOrgType string `json:"salesforceOrgType"`
}

// Settings of a connection.
type Settings struct {
	ConnectionID              int64      `json:"connectionId"`
	APIQuota                  Quota      `json:"apiQuota"`
	Scheduler                 Permission `json:"scheduler"`
	InitialBinaryRecordsLimit int64      `json:"initialBinaryRecordsLimit"`
}

// Quota is the percentage of Salesforce's daily calls that jobs may use.
type Quota struct {
	Rest int `json:"rest"`
	Bulk int `json:"bulk"`
}

// Permission says what schedulers must not run.
type Permission struct {
	IsBackupsDisabled  bool `json:"isBackupsDisabled"`
	IsArchivesDisabled bool `json:"isArchivesDisabled"`
}

type settingsView struct {
	APIQuota                  Quota          `json:"apiQuota"`
	Info                      connectionInfo `json:"info"`
	Scheduler                 Permission     `json:"scheduler"`
	InitialBinaryRecordsLimit int64          `json:"initialBinaryRecordsLimit"`
}

func (a *api) fillConnection(c *Connection) {
	a.number("connections", &c.ID)
	c.ExternalID = cmp.Or(c.ExternalID, 1000+c.ID)
	c.TenantID = cmp.Or(c.TenantID, 1)
	c.SalesforceOrgType = cmp.Or(c.SalesforceOrgType, "PRODUCTION")
	if c.Objects == nil {
		c.Objects = []Object{{Name: "Account", Records: 1000, Size: 2_000_000},
			{Name: "Contact", Records: 2000, Size: 3_000_000}, {Name: "Opportunity", Records: 500, Size: 1_000_000}}
	}
	if a.settings.Row(key(c.ID)) == nil { // quotas as in the vendor's help; the limit as in its example
		must(a.settings.Insert(Settings{ConnectionID: c.ID, APIQuota: Quota{80, 80}, InitialBinaryRecordsLimit: 5000}))
	}
}

func (c Connection) item() connectionItem {
	return connectionItem{c.ID, c.ExternalID, c.Name, c.UserName, c.SalesforceOrgType}
}

// inConnection wraps a handler of a path below a connection. A connection of another tenant is a
// 404; one of the caller's tenant that the caller was not given is a 403 (assumed).
func (a *api) inConnection(do func(*fake.Request, Connection) (any, error)) fake.Handler {
	return func(r *fake.Request) (any, error) {
		id := pathID(r, "connectionId")
		c, err := a.connections.Get(id)
		if err != nil {
			return nil, err
		}
		if err := a.visible(r, c); err != nil {
			return nil, err
		}
		return do(r, c)
	}
}

func (a *api) visible(r *fake.Request, c Connection) error {
	who := r.Caller.(caller)
	switch {
	case c.TenantID != who.User.TenantID:
		return missing("connections", key(c.ID))
	case !who.sees(c.ID):
		return &fake.Error{Status: http.StatusForbidden, Message: "Forbidden resource",
			Rule: "the user's role does not reach this connection", Evidence: fake.Inferred,
			Source: "the vendor declares no 403"}
	}
	return nil
}

// pathID returns a number of the path in canonical form.
func pathID(r *fake.Request, name string) string {
	n, err := strconv.ParseInt(r.Path(name), 10, 64)
	if err != nil {
		return r.Path(name)
	}
	return key(n)
}

func (a *api) findConnections(r *fake.Request) (any, error) {
	who := r.Caller.(caller)
	var rows []Connection
	for row := range a.connections.By("tenant", key(who.User.TenantID)) {
		if c := row.Value; who.sees(c.ID) && found(r, c.Name) {
			rows = append(rows, c)
		}
	}
	items := []connectionItem{}
	for _, c := range cut(r, rows) {
		items = append(items, c.item())
	}
	return connectionPage{len(rows), items}, nil
}

func (a *api) findConnection(_ *fake.Request, c Connection) (any, error) {
	return connectionView{c.item(), c.UserFullName, c.SalesforceOrgID}, nil
}

// findConnectionID accepts both forms of a Salesforce id: the long one is the short one with a
// check suffix.
func (a *api) findConnectionID(r *fake.Request) (any, error) {
	id := r.Path("salesforceOrgId")
	for row := range a.connections.By("salesforce", shortOrgID(id)) {
		c := row.Value
		if len(id) == 18 && len(c.SalesforceOrgID) == 18 && id != c.SalesforceOrgID ||
			c.TenantID != r.Caller.(caller).User.TenantID {
			continue
		}
		if err := a.visible(r, c); err != nil {
			return nil, err
		}
		return map[string]int64{"connectionId": c.ID}, nil
	}
	return nil, missing("connections", id)
}

func shortOrgID(id string) string { return id[:min(len(id), 15)] }

func (a *api) findSettings(_ *fake.Request, c Connection) (any, error) {
	x, err := a.settings.Get(key(c.ID))
	if err != nil {
		return nil, err
	}
	info := connectionInfo{c.ID, c.Name, c.UserName, c.SalesforceOrgID, c.SalesforceOrgType}
	return settingsView{x.APIQuota, info, x.Scheduler, x.InitialBinaryRecordsLimit}, nil
}

func (a *api) updateSettings(r *fake.Request, c Connection) (any, error) {
	_, err := table.Update(a.settings, key(c.ID), func(x Settings) (Settings, error) {
		body := struct {
			*Permission
			InitialBinaryRecordsLimit *int64 `json:"initialBinaryRecordsLimit"`
		}{&x.Scheduler, &x.InitialBinaryRecordsLimit}
		return x, r.Decode(&body)
	})
	if err != nil {
		return nil, err
	}
	return message{"Connection settings were updated successfully."}, nil
}
