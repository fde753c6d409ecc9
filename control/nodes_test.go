package control_test

import (
	"net/http"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestNodesAskForJournalsAlone asks what another node may, and what it may not.
func TestNodesAskForJournalsAlone(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	plane := control.New(srv, control.Options{})
	const world = control.Prefix + "/worlds/default"
	for _, tt := range []struct {
		method, path string
		want         int
	}{
		{"GET", world + "/requests?offset=0&limit=3", http.StatusOK},
		{"POST", world + "/requests/count", http.StatusOK},
		{"POST", world + "/journal/find", http.StatusOK},
		{"GET", world + "/requests?limit=-1", http.StatusBadRequest},
		{"POST", world + "/requests/remove", http.StatusForbidden},
		{"DELETE", world + "/requests", http.StatusForbidden},
		{"POST", world + "/reset", http.StatusForbidden},
		{"GET", world + "/state", http.StatusForbidden},
		{"DELETE", world, http.StatusForbidden},
		{"GET", "%", http.StatusBadRequest},
	} {
		q := control.Question{Method: tt.method, Path: tt.path}
		if got := plane.Answer(q); got.Status != tt.want {
			t.Errorf("%s %s: %d %s, want %d", tt.method, tt.path, got.Status, got.Body, tt.want)
		}
	}
}
