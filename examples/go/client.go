// Package grades is a small client of kickflow, to show how it is tested.
package grades

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Client asks kickflow at URL with a bearer token.
type Client struct {
	URL, Token string
	Wait       time.Duration // before an answer of 503 is asked for again
}

// Grade is a rank in a company.
type Grade struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Level int    `json:"level"`
}

// Grades returns all grades. A server that is down for a moment is asked three times.
func (c Client) Grades(ctx context.Context) (grades []Grade, err error) {
	for range 3 {
		var status int
		if status, err = c.get(ctx, "/v1/grades", &grades); status != http.StatusServiceUnavailable {
			return grades, err
		}
		time.Sleep(c.Wait)
	}
	return nil, err
}

func (c Client) get(ctx context.Context, path string, into any) (status int, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+c.Token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return res.StatusCode, fmt.Errorf("GET %s: %s", path, res.Status)
	}
	return res.StatusCode, json.NewDecoder(res.Body).Decode(into)
}
