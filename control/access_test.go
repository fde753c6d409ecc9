package control_test

import (
	"testing"

	"github.com/afba07b5/mockserver/control"
)

func TestWhoMayDriveTheServer(t *testing.T) {
	t.Parallel()
	open, guarded := start(t, control.Options{Hosts: []string{"mock.example.com"}}),
		start(t, control.Options{Token: "t0ken"})
	for _, c := range []struct {
		name    string
		g       *rig
		req     string
		headers []string
		want    int
	}{
		{"this machine may", open, "GET /__admin/worlds", nil, 200},
		{"a page of its own origin may", open, "GET /__admin/worlds", []string{"Origin: " + open.url}, 200},
		{"a page of elsewhere may not", open, "POST /__admin/reset", []string{"Origin: https://evil.example"}, 403},
		{"a page without origin may not", open, "POST /__admin/reset", []string{"Origin: null"}, 403},
		{"not even ask for health", open, "GET /__admin/health", []string{"Origin: https://evil.example"}, 403},
		{"a rebound name may not", open, "GET /__admin/worlds", []string{"Host: evil.example"}, 403},
		{"localhost may", open, "GET /__admin/worlds", []string{"Host: localhost:4000"}, 200},
		{"a subdomain of localhost may", open, "GET /__admin/worlds", []string{"Host: w.alpha.localhost"}, 200},
		{"the public host may", open, "GET /__admin/worlds", []string{"Host: mock.example.com"}, 200},
		{"a fake's own control, from this machine", open, "GET /alpha/__jobs", nil, 200},
		{"a fake's own control, from a page of elsewhere", open, "GET /alpha/__jobs",
			[]string{"Origin: https://evil.example"}, 403},
		{"no token", guarded, "GET /__admin/worlds", nil, 401},
		{"a wrong token", guarded, "GET /__admin/worlds", []string{"Authorization: Bearer token"}, 401},
		{"the token", guarded, "GET /__admin/worlds", []string{"Authorization: Bearer t0ken"}, 200},
		{"the token for another host", guarded, "GET /__admin/worlds",
			[]string{"Authorization: Bearer t0ken", "Host: mock:4000"}, 200},
		{"the token from a page of elsewhere", guarded, "GET /__admin/worlds",
			[]string{"Authorization: Bearer t0ken", "Origin: https://evil.example"}, 403},
		{"health needs none", guarded, "GET /__admin/health", nil, 200},
		{"the fakes need none", guarded, "GET /alpha/notes", nil, 200},
		{"a fake's own control needs it", guarded, "GET /alpha/__jobs", nil, 401},
		{"also in a world", guarded, "GET /__world/default/alpha/__jobs", nil, 401},
		{"also by host", guarded, "GET /__jobs", []string{"Host: api.alpha.test"}, 401},
		{"with the token in its own header", guarded, "GET /alpha/__jobs", []string{"Mockserver-Admin-Token: t0ken"},
			200},
		{"a page that browsers are sent to does not", guarded, "GET /alpha/__consent", nil, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if status, text := c.g.ask(c.req, "", c.headers...); status != c.want {
				t.Errorf("answered %d %s, want %d", status, text, c.want)
			}
		})
	}
}
