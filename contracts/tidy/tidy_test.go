package tidy_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts/tidy"
)

// TestFormat breaks lines, and names what occurs again.
func TestFormat(t *testing.T) {
	t.Parallel()
	user := func(name string) string {
		return `{"id": "u1", "code": "ada", "name": "` + name + `", "` + strings.Repeat("k", 80) + `": ` +
			strings.Repeat("1", 15) + `, "` + strings.Repeat("l", 160) + `": true}`
	}
	got, err := tidy.Format([]byte(`steps:
- request: {url: "/v1/users", headers: {Accept: "*/*"}}
  response: {status: 200, body: [` + user("Ada") + "," + user("Ada") + "," + user("Eva") + `]}
- request: {url: "/v1/x", text: "a\nb\n"}
  response: {status: 404, text: "` + strings.Repeat("字 ", 60) + `"}
`))
	want := `steps:
  - request: {url: /v1/users, headers: {Accept: "*/*"}}
    response:
      status: 200
      body:
        - &body-ada
          id: u1
          code: ada
          name: Ada
          ` + strings.Repeat("k", 80) + `: 111111111111111
          ` + strings.Repeat("l", 160) + `: true
        - *body-ada
        - <<: *body-ada
          name: Eva
  - request:
      url: /v1/x
      text: |
        a
        b
    response:
      status: 404
      text: "` + strings.Repeat("字 ", 43) + "字\\\n        \\ " + strings.Repeat("字 ", 16) + "\"\n"
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if _, err := tidy.Format([]byte("steps: [] # none\n")); err == nil {
		t.Error("a comment is lost")
	}
}

// TestFormatKeepsContents formats random cases. Format itself compares the contents; the result is stable.
func TestFormatKeepsContents(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"", " ", "a", "a: b", "- x", "#", "yes", "~", "1", "0x1", "1e3", "null", "*a", "&a", "<<",
		"{{id:uuid}}", "日本 語", "a\nb", " a\n b\n", "a\n\n", "\t", "a\tb\nc", "\\", `"`, "'", "\u2028", "\x7f", "😀",
		"|", ">-", "%", "@", "`", "?", "2026-11-21", "=", "a #b", "a:", ":a",
		strings.Repeat("長 ", 90), strings.Repeat(`\"`, 99),
		strings.Repeat("x\n", 70)}
	var value func(depth int) any
	value = func(depth int) any {
		switch k := r.IntN(9); {
		case k < 2 && depth > 0:
			list := []any{}
			for range r.IntN(4) {
				list = append(list, value(depth-1))
			}
			return list
		case k < 6 && depth > 0:
			object := map[string]any{}
			for range r.IntN(6) {
				object[words[r.IntN(len(words))]] = value(depth - 1)
			}
			return object
		case k == 6:
			return []any{nil, true, false, 0, -1, 1.5, 1e21, 1234567890123456789}[r.IntN(8)]
		}
		return words[r.IntN(len(words))]
	}
	for range 80 {
		pool := []any{value(3), value(2)}
		var steps []any
		for range 4 {
			body := map[string]any{"one": pool[r.IntN(2)], "two": value(2), "three": pool[r.IntN(2)], "four": value(1)}
			steps = append(steps, map[string]any{"response": map[string]any{"status": 200, "body": body}})
		}
		data, err := json.Marshal(map[string]any{"steps": steps})
		if err != nil {
			t.Fatal(err)
		}
		once, err := tidy.Format(data)
		if err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		twice, err := tidy.Format(once)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%v: formatted twice, another text:\n%s\n%s", err, once, twice)
		}
	}
}

func ExampleFormat() {
	steps := `{"steps": [{"request": {"url": "/v1/users/none"}, "response": {"status": 404}}]}`
	formatted, err := tidy.Format([]byte(steps))
	fmt.Println(err)
	fmt.Print(string(formatted))
	// Output:
	// <nil>
	// steps:
	//   - request: {url: /v1/users/none}
	//     response: {status: 404}
}
