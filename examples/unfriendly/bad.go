package unfriendly

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Bad does what Good does, as long as the server answers as usual.
type Bad struct{ URL, Token string }

// Emails returns the addresses of all users, the oldest user first.
func (c Bad) Emails(ctx context.Context) (emails []string, err error) {
	client := &http.Client{Timeout: 100 * time.Millisecond} // it has never taken longer
	for page := 1; ; page++ {
		url := fmt.Sprintf("%s/v1/users?perPage=3&page=%d", c.URL, page) // instead of following the link
		res, err := ask(ctx, client, url, c.Token)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			return nil, err
		}
		users, err := decode(body) // whatever the status is
		if err != nil {
			return nil, err
		}
		for _, u := range users { // in the order in which they come
			emails = append(emails, u["email"].(string))
		}
		if len(users) < 3 { // the last page
			return emails, nil
		}
	}
}

// decode reads users with the keys, and in the form, that they have had so far.
func decode(body []byte) (users []map[string]any, err error) {
	if text := string(body); !strings.HasPrefix(text, `[{"id"`) && text != "[]" {
		return nil, fmt.Errorf("no list of users: %.40s", body)
	}
	if err := json.Unmarshal(body, &users); err != nil {
		return nil, err
	}
	for _, u := range users {
		if _, err := time.Parse("2006-01-02T15:04:05.000-07:00", u["createdAt"].(string)); err != nil {
			return nil, err
		}
		if _, ok := u["deactivatedAt"]; !ok {
			return nil, fmt.Errorf("a user who may be active or not: %v", u["id"])
		}
		for key := range u {
			if strings.HasPrefix(key, "mockserver") {
				return nil, fmt.Errorf("unknown key %s", key)
			}
		}
	}
	return users, nil
}
