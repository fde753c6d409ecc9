package fake_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// TestCredentialsThatWereShownAreThoseOfTheRows also with a time in them: a world's rows are made when they are first
// used, and those of a world that nobody uses at each save.
func TestCredentialsThatWereShownAreThoseOfTheRows(t *testing.T) {
	t.Parallel()
	def := toy()
	def.Credentials = func(s *fake.State, _ string) []fake.Credential {
		value := s.NewToken("key") + " until " + s.Now().Add(time.Hour).Format(time.RFC3339Nano)
		if _, err := fake.TableOf[book](s, "books").Insert(book{ID: "key", Title: value}); err != nil {
			panic(err)
		}
		return []fake.Credential{{Value: value}}
	}
	srv, err := fake.New(fake.Config{}, def)
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close()
	w, err := srv.NewWorld("w", fake.Settings{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := w.IssueCredentials()
	if err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Minute)
	again, err := w.IssuedCredentials()
	if err != nil {
		t.Fatal(err)
	}
	state, err := w.State("library")
	if err != nil {
		t.Fatal(err)
	}
	var row book
	for _, text := range state.Dump("books") {
		if err := json.Unmarshal(text, &row); err != nil {
			t.Fatal(err)
		}
	}
	want := shown["library"].([]fake.Credential)[0].Value
	if fmt.Sprint(again) != fmt.Sprint(shown) || row.Title != want {
		t.Errorf("shown: %s\nagain: %v\nrow:   %s", want, again, row.Title)
	}
}
