// Package unfriendly has two clients of kickflow that do the same. Good relies on what the vendor promises; Bad relies
// on what the vendor's server usually does.
package unfriendly

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// User is a person in a company.
type User struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	CreatedAt time.Time `json:"createdAt"`
	Left      *string   `json:"deactivatedAt"` // null, or missing, while the user is active
}

// Good asks kickflow at URL with a bearer token.
type Good struct {
	URL, Token string
	Wait       func(time.Duration) // time.Sleep if nil
}

var next = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// Emails returns the addresses of all users, the oldest user first.
func (c Good) Emails(ctx context.Context) (emails []string, err error) {
	seen := map[string]bool{}
	var all []User
	for url := c.URL + "/v1/users?perPage=3&sortBy=email"; url != ""; {
		var page []User
		res, err := c.get(ctx, url, &page)
		if err != nil {
			return nil, err
		}
		for _, u := range page {
			if !seen[u.ID] { // a row that another client has moved comes twice
				seen[u.ID], all = true, append(all, u)
			}
		}
		url = ""
		if m := next.FindStringSubmatch(res.Header.Get("Link")); m != nil {
			url = m[1]
		}
	}
	slices.SortFunc(all, func(a, b User) int {
		if d := a.CreatedAt.Compare(b.CreatedAt); d != 0 {
			return d
		}
		return slices.Compare([]byte(a.Email), []byte(b.Email))
	})
	for _, u := range all {
		emails = append(emails, u.Email)
	}
	return emails, nil
}

// get asks up to five times: after a rate limit when the server says, after a failure of a gateway a moment later.
func (c Good) get(ctx context.Context, url string, into any) (res *http.Response, err error) {
	for range 5 {
		if res, err = ask(ctx, http.DefaultClient, url, c.Token); err != nil {
			return nil, err
		}
		wait := time.Second
		switch res.StatusCode {
		case http.StatusOK:
			defer res.Body.Close()
			return res, json.NewDecoder(res.Body).Decode(into)
		case http.StatusTooManyRequests:
			if reset, err := strconv.ParseInt(res.Header.Get("RateLimit-Reset"), 10, 64); err == nil {
				wait = max(wait, time.Until(time.Unix(reset, 0)))
			}
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		default:
			res.Body.Close()
			return nil, fmt.Errorf("GET %s: %s", url, res.Status)
		}
		res.Body.Close()
		if c.Wait == nil {
			c.Wait = time.Sleep
		}
		c.Wait(wait)
	}
	return nil, fmt.Errorf("GET %s: %s", url, res.Status)
}

func ask(ctx context.Context, client *http.Client, url, token string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return client.Do(r)
}
