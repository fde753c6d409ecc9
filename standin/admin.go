package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Admin is the control plane of a running mockserver.
type Admin struct {
	URL   string // ends with /__admin
	Token string // goes with every request as a bearer token
}

// World is an isolated copy of all fakes.
type World struct {
	Name        string                  `json:"name"`
	URLs        map[string]string       `json:"urls"`        // fake → base URL
	Credentials map[string][]Credential `json:"credentials"` // fake → who a client can be
}

// Credential authenticates a principal. A request that carries it belongs to its world, whatever URL it has.
type Credential struct {
	Principal string `json:"principal"`
	Role      string `json:"role"`
	State     string `json:"state"` // valid, revoked or expired
	Value     string `json:"value"`
	Secret    string `json:"secret"`
}

// WorldOrder says what a new world starts with; all of it may be empty.
type WorldOrder struct {
	Name string            `json:"name,omitempty"`
	Seed map[string]string `json:"seed,omitempty"` // fake → named seed
	Fork string            `json:"fork,omitempty"` // the world to copy
}

// NewWorld makes a world.
func (a *Admin) NewWorld(ctx context.Context, order WorldOrder) (*World, error) {
	var w World
	return &w, a.Do(ctx, http.MethodPost, "/worlds", order, &w)
}

// Reset gives the default world its seeds again.
func (a *Admin) Reset(ctx context.Context) error {
	return a.Do(ctx, http.MethodPost, "/reset", nil, nil)
}

// Do sends a request to a path below URL, with body as JSON unless it is nil, and decodes the answer into
// answer unless that is nil. An answer from 400 on is an error.
func (a *Admin) Do(ctx context.Context, method, path string, body, answer any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, a.URL+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if text, err = io.ReadAll(res.Body); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s answered %s: %s", method, path, res.Status, text)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(text, answer)
}
