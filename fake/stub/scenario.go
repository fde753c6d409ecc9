package stub

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// Scenario is a state machine of stubs.
type Scenario struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	State    string            `json:"state"`
	Possible []string          `json:"possibleStates"`
	Mappings []json.RawMessage `json:"mappings"`
}

// Scenarios returns the scenarios by name.
func (s *Set) Scenarios() []Scenario {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []Scenario{}
	for _, name := range slices.Sorted(maps.Keys(s.states)) {
		out = append(out, s.scenario(name))
	}
	return out
}

func (s *Set) scenario(name string) Scenario {
	one := Scenario{ID: name, Name: name, State: s.states[name], Mappings: []json.RawMessage{}}
	states := map[string]bool{Started: true}
	for _, stub := range s.order {
		if stub.Scenario == name {
			one.Mappings = append(one.Mappings, stub.Text)
			states[stub.RequiredState], states[stub.NewState] = true, true
		}
	}
	delete(states, "")
	one.Possible = slices.Sorted(maps.Keys(states))
	return one
}

// ResetScenarios takes every scenario back to its beginning.
func (s *Set) ResetScenarios() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.states {
		s.states[name] = Started
	}
	s.history = nil
	s.version++
}

// SetState moves a scenario to one of its states; "" is the beginning.
func (s *Set) SetState(name, state string) error {
	all := s.Scenarios()
	at := slices.IndexFunc(all, func(one Scenario) bool { return one.Name == name })
	if at < 0 {
		return &NoScenarioError{name}
	}
	state = cmp.Or(state, Started)
	if !slices.Contains(all[at].Possible, state) {
		return fmt.Errorf("Scenario %s does not support state %s", name, state)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[name] = state
	s.version++
	return nil
}

// NoScenarioError says that no stub has a scenario of that name.
type NoScenarioError struct{ Name string }

func (e *NoScenarioError) Error() string { return fmt.Sprintf("Scenario %s does not exist", e.Name) }

// Settings returns the delays of all answers.
func (s *Set) Settings() Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.settings
}

// SetSettings changes the delays of all answers.
func (s *Set) SetSettings(to Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = to
	s.changed()
}

// Delay draws the delay of an answer that no stub gives.
func (s *Set) Delay(position int) time.Duration {
	settings := s.Settings()
	return settings.waits(rand.New(rand.NewPCG(uint64(position), 0)).Float64)
}

// mostFiles bounds the files of one Set, in bytes.
const mostFiles = 64 << 20

// Files returns the files by name. The caller must not change it.
func (s *Set) Files() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files
}

// PutFile adds a file, or removes it if data is nil. ok is false if there is no room, or nothing to remove.
func (s *Set) PutFile(name string, data []byte) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	files := maps.Clone(s.files) // a request may be reading the old ones
	if files == nil {
		files = map[string][]byte{}
	}
	_, known := files[name]
	delete(files, name)
	if data != nil {
		files[name] = data
	}
	size := 0
	for _, one := range files {
		size += len(one)
	}
	if data != nil && size > mostFiles || data == nil && !known {
		return false
	}
	s.files = files
	s.changed()
	return true
}

// Saved is a Set as a file keeps it.
type Saved struct {
	Stubs    []json.RawMessage `json:"stubs,omitempty"` // the newest first
	States   map[string]string `json:"states,omitempty"`
	Files    map[string][]byte `json:"files,omitempty"`
	Settings Settings          `json:"settings,omitzero"`
}

// Version changes with everything that Save returns.
func (s *Set) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Save returns the Set as it is.
func (s *Set) Save() Saved {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Saved{States: maps.Clone(s.states), Files: s.files, Settings: s.settings}
	for _, one := range s.order {
		out.Stubs = append(out.Stubs, one.Text)
	}
	return out
}

// Restore replaces the Set by what was saved.
func (s *Set) Restore(from Saved) error {
	var stubs []*Stub
	for _, text := range slices.Backward(from.Stubs) {
		one, err := Parse(text)
		if err != nil {
			return fmt.Errorf("stub: %w", err)
		}
		stubs = append(stubs, one)
	}
	s.replace(stubs, from.Files, from.States, from.Settings)
	return nil
}

func (s *Set) replace(stubs []*Stub, files map[string][]byte, states map[string]string, settings Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settings = settings
	s.fill(stubs, files, states)
}

// CopyTo gives another Set the same stubs, states, files and delays.
func (s *Set) CopyTo(other *Set) {
	s.mu.Lock()
	stubs := slices.Clone(s.order)
	files, states, settings := s.files, maps.Clone(s.states), s.settings
	s.mu.Unlock()
	slices.Reverse(stubs)
	other.replace(stubs, files, states, settings)
}
