package store

import "testing"

// TestCheckRefusesWhatCannotWork checks the options that a user may get wrong.
func TestCheckRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	const url = "nats://a:4222,tls://b:4222"
	for _, c := range []struct {
		options Options
		want    string
	}{
		{Options{URL: url}, ""},
		{Options{URL: url, Prefix: "team_a-1", Replicas: 3}, ""},
		{Options{URL: "nats://a:4222,b:4222"},
			"b:4222: expected nats://host:port or tls://host:port, several with commas"},
		{Options{URL: "nats://bob:secret@a,tls://token@b:1"}, ""},
		{Options{URL: "nats://"}, "nats://: expected nats://host:port or tls://host:port, several with commas"},
		{Options{URL: "nats://:4222"},
			"nats://:4222: expected nats://host:port or tls://host:port, several with commas"},
		{Options{URL: "nats://bob:secret@a:99999"}, "nats://***@a:99999: port 99999: expected 1 to 65535"},
		{Options{URL: "nats://a:0"}, "nats://a:0: port 0: expected 1 to 65535"},
		{Options{URL: "bob:s@cret@a"}, "***@a: expected nats://host:port or tls://host:port, several with commas"},
		{Options{URL: "nats://bob:s cret%@a"},
			"nats://***@a: expected nats://host:port or tls://host:port, several with commas"},
		{Options{URL: url, Prefix: "a.b"},
			`prefix "a.b": expected letters, digits, dashes and underscores, 32 at most`},
		{Options{URL: url, Replicas: 2}, "2 replicas: expected 1, 3 or 5"},
		{Options{URL: url, Replicas: 7}, "7 replicas: expected 1, 3 or 5"},
		{Options{URL: url, Replicas: -1}, "-1 replicas: expected 1, 3 or 5"},
	} {
		got := ""
		if err := c.options.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q, expected %q", c.options, got, c.want)
		}
	}
}

func TestRedactedShowsNoPassword(t *testing.T) {
	t.Parallel()
	got := Options{URL: "nats://bob:s@cret@a:1,tls://token@b,nats://c:4222"}.Redacted()
	if want := "nats://***@a:1,tls://***@b,nats://c:4222"; got != want {
		t.Errorf("%q, expected %q", got, want)
	}
}
