package mutant_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/mutant"
	"github.com/afba07b5/mockserver/mocks"
)

func TestRun(t *testing.T) {
	suite, err := contracts.Load(os.DirFS("../../fixtures"), contracts.Config{Fakes: []string{"flosum", "twenty", "flexcrm", "kickflow"}, Only: os.Getenv("ONLY")}, ".")
	if err != nil {
		t.Fatal(err)
	}
	score, err := mutant.Run(context.Background(), suite, mocks.All())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	score.Show(&b, os.Getenv("ALL") != "")
	t.Log(b.String())
}
