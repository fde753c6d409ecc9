package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
)

// parts returns the parts of a world that a state file must preserve.
func (s *running) parts(world string) map[string]string {
	s.t.Helper()
	found := map[string]string{}
	for _, path := range []string{"state", "clock", "faults", "settings"} {
		found[path] = s.ask("GET /__admin/worlds/"+world+"/"+path, "")
	}
	return found
}

// TestAStateFileKeepsEveryWorldWhole checks rows, clock, faults with their counters, settings,
// credentials, and the baseline.
func TestAStateFileKeepsEveryWorldWhole(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	first := serve(t, "--edge-only", "--state", file)
	var made struct{ Credentials map[string][]fake.Credential }
	if err := json.Unmarshal([]byte(first.ask("PUT /__admin/worlds/a",
		`{"seed":{"kickflow":"empty"},"settings":{"limitsOff":true}}`)), &made); err != nil {
		t.Fatal(err)
	}
	first.ask("POST /__admin/worlds", `{"name":"b","fork":"a"}`)
	for _, world := range []string{"default", "a", "b"} {
		first.ask("POST /__admin/worlds/"+world+"/clock/freeze", `{"time":"2026-02-03T04:05:06Z"}`)
		first.ask("POST /__admin/worlds/"+world+"/faults",
			`{"fake":"kickflow","operation":"listGrades","probability":0.5,"seed":7,"fault":{"status":503}}`)
	}
	call := func(s *running) map[string]string {
		got := map[string]string{}
		for _, one := range samples.All {
			got[one.Fake] = s.ask("GET /"+one.Fake+one.Read, "",
				one.CredentialHeader(made.Credentials[one.Fake][0].Value))
		}
		return got
	}
	first.ask("POST /kickflow/v1/categories", `{"name":"only in a"}`,
		"Authorization: Bearer "+made.Credentials["kickflow"][0].Value)
	want, rows := map[string]map[string]string{}, call(first)
	for _, world := range []string{"default", "a", "b"} {
		want[world] = first.parts(world)
	}
	first.stop()

	second := serve(t, "--edge-only", "--state", file)
	got := map[string]map[string]string{}
	for _, world := range []string{"default", "a", "b"} {
		got[world] = second.parts(world)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after a restart: %s", diff)
	}
	if diff := cmp.Diff(rows, call(second)); diff != "" {
		t.Errorf("by credential: %s", diff)
	}
	if !strings.Contains(rows["kickflow"], "only in a") {
		t.Errorf("world a has %s", rows["kickflow"])
	}
	second.ask("POST /__admin/worlds/a/reset", "")
	after := call(second)
	if strings.Contains(after["kickflow"], "only in a") {
		t.Error("a reset keeps what came after the world was made")
	}
	second.stop()
}

// TestAStateFileStaysUntilAWorldChanges adds blank lines between runs.
func TestAStateFileStaysUntilAWorldChanges(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.json")
	first := serve(t, "--edge-only", "--state", file)
	first.ask("PUT /__admin/worlds/a", `{"seed":{"kickflow":"empty"}}`)
	first.stop()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := append(text, "\n\n"...)
	for _, body := range []string{"", `{"name":"new"}`} {
		if err := os.WriteFile(file, edited, 0o600); err != nil {
			t.Fatal(err)
		}
		s := serve(t, "--edge-only", "--state", file)
		s.ask("GET /__admin/worlds/a/state", "")
		if body != "" {
			s.ask("POST /__admin/worlds", body)
		}
		s.stop()
		now, err := os.ReadFile(file)
		if same := bytes.Equal(now, edited); err != nil || same != (body == "") {
			t.Errorf("after a run that creates %q, the file is the same: %v, %v", body, same, err)
		}
	}
}
