package grades_test

import (
	"testing"

	"example.com/grades"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

func TestGrades(t *testing.T) {
	srv := kickflow.NewServer(t, fake.WithSeed("empty"), kickflow.WithGrades(kickflow.Grade{Name: "Captain", Level: 7}))
	found, err := grades.Client{URL: srv.URL, Token: kickflow.AdminToken}.Grades(t.Context())
	if err != nil || len(found) != 2 {
		t.Fatalf("%+v, %v", found, err)
	}
}

func TestGradesAreAskedForAgain(t *testing.T) {
	srv := kickflow.NewServer(t)
	srv.Faults.Add(fake.FaultRule{Operation: "listGrades", Times: 2, Fault: fake.Fault{Status: 503}})
	found, err := grades.Client{URL: srv.URL, Token: kickflow.AdminToken}.Grades(t.Context())
	if err != nil || len(found) == 0 {
		t.Fatalf("%+v, %v", found, err)
	}
}

func TestAnUnknownTokenIsAnError(t *testing.T) {
	srv := kickflow.NewServer(t)
	if found, err := (grades.Client{URL: srv.URL, Token: "unknown"}).Grades(t.Context()); err == nil {
		t.Fatalf("%+v", found)
	}
}
