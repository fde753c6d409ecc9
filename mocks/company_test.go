package mocks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// person is what the default seeds say of one.
type person struct{ name, number string }

// people reads a table of the default world: persons by their e-mail addresses.
func people[T any](t *testing.T, world *fake.World, name, table string,
	read func(T) (email string, p person)) map[string]person {
	t.Helper()
	state, err := world.State(name)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]person{}
	for _, text := range state.Dump(table) {
		var row T
		if err := json.Unmarshal(text, &row); err != nil {
			t.Fatal(err)
		}
		if email, p := read(row); strings.HasSuffix(email, "@hoshino.example") {
			found[email] = p
		}
	}
	if len(found) < 3 {
		t.Fatalf("%s has %d people of the company", name, len(found))
	}
	return found
}

// TestDefaultSeedsAreOneCompany: everybody is in kickflow, under one name and one number in all fakes.
func TestDefaultSeedsAreOneCompany(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	world, err := srv.World("default")
	if err != nil {
		t.Fatal(err)
	}
	type kickflowUser struct{ Email, LastName, FirstName, EmployeeID string }
	kickflow := people(t, world, "kickflow", "users", func(u kickflowUser) (string, person) {
		return u.Email, person{u.LastName + " " + u.FirstName, u.EmployeeID}
	})
	type flexUser struct {
		Mail, Name string
		Number     string `json:"employee_no"`
	}
	flexcrm := people(t, world, "flexcrm", "users", func(u flexUser) (string, person) {
		return u.Mail, person{u.Name, strings.Replace(u.Number, "E", "0", 1)}
	})
	type member struct {
		UserEmail string
		Name      struct{ FirstName, LastName string }
	}
	twenty := people(t, world, "twenty", "record:workspaceMember", func(m member) (string, person) {
		return m.UserEmail, person{name: m.Name.FirstName + " " + m.Name.LastName}
	})
	type flosumUser struct{ Email, Name string }
	flosum := people(t, world, "flosum", "users", func(u flosumUser) (string, person) {
		return u.Email, person{name: u.Name}
	})
	if len(kickflow) != len(flexcrm) {
		t.Errorf("%d people in kickflow, %d in FlexCRM", len(kickflow), len(flexcrm))
	}
	for email, p := range flexcrm {
		known := kickflow[email]
		if known.name != p.name || known.number != "" && known.number != p.number {
			t.Errorf("%s is %v in FlexCRM and %v in kickflow", email, p, known)
		}
	}
	for email, p := range twenty {
		if other, ok := flosum[email]; kickflow[email].name == "" || ok && other != p {
			t.Errorf("%s is %v in Twenty, %v in Flosum, %v in kickflow", email, p, other, kickflow[email])
		}
	}
	for email := range flosum {
		if kickflow[email].name == "" {
			t.Errorf("%s of Flosum is not in kickflow", email)
		}
	}
}
