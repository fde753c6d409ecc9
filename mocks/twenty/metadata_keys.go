package twenty

import (
	"net/http"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// keyView is an API key as clients see it.
type keyView struct {
	schema.APIKey
	RoleID    hidden `json:"roleId,omitempty"`
	Principal hidden `json:"principal,omitempty"`
	Unlisted  hidden `json:"unlisted,omitempty"`
}

func viewOfKey(key schema.APIKey) keyView { return keyView{APIKey: key} }

// session lets only signed-in users through: fixtures/twenty/metadata_webhooks_apikeys.
func session(do fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		if r.Caller.(*schema.Caller).User == nil {
			e := coded(http.StatusBadRequest, "FORBIDDEN_EXCEPTION", "This endpoint requires a session access token")
			e.Rule, e.Source = "keys do not make keys", "fixtures/twenty/metadata_webhooks_apikeys"
			return nil, e
		}
		return do(r)
	}
}

func (a *api) listKeys(*fake.Request) (any, error) {
	return js.Map(a.tables.ActiveKeys(), viewOfKey), nil
}

// getKey answers with one key, or an empty body for an unknown id:
// fixtures/twenty/metadata_webhooks_apikeys.
func (a *api) getKey(r *fake.Request) (any, error) {
	key, ok := a.tables.Keys.Find(r.Path("id"))
	if !ok {
		return nothing(r)
	}
	return viewOfKey(key), nil
}

// nothing answers for an identifier that is not there: an empty body, unless it could not be one.
func nothing(r *fake.Request) (any, error) {
	if id := r.Path("id"); !schema.IsUUID(id) {
		return nil, refuse(http.StatusBadRequest, badUUID(id))
	}
	return nil, nil
}

// createKey makes a key. Its token is made by GraphQL alone.
func (a *api) createKey(r *fake.Request) (any, error) {
	return shown(viewOfKey)(a.tables.CreateKey(object(r)))
}

func (a *api) updateKey(r *fake.Request) (any, error) {
	body := object(r)
	if revoked := body["revokedAt"]; revoked == nil || revoked == "" { // unlike in GraphQL
		delete(body, "revokedAt")
	}
	return a.changedKey(r, func(id string) (schema.APIKey, error) { return a.tables.UpdateKey(id, body) })
}

func (a *api) revokeKey(r *fake.Request) (any, error) { return a.changedKey(r, a.tables.RevokeKey) }

// changedKey answers a change of a key, with an empty body if there is no such key.
func (a *api) changedKey(r *fake.Request, change func(id string) (schema.APIKey, error)) (any, error) {
	if _, ok := a.tables.Keys.Find(r.Path("id")); !ok {
		return nothing(r)
	}
	return shown(viewOfKey)(change(r.Path("id")))
}
