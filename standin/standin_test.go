package standin_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"

	standin "github.com/afba07b5/mockserver/standin"
)

// image names the image to test; the tests need it and a Docker engine.
func image(t *testing.T) string {
	name := os.Getenv("MOCKSERVER_IMAGE")
	if name == "" {
		t.Skip("MOCKSERVER_IMAGE names no image; .ci/image builds one and sets it")
	}
	return name
}

func TestEachFakeHasItsURL(t *testing.T) {
	ctr, err := standin.Run(t.Context(), image(t), standin.WithSeed("kickflow", "empty"),
		standin.WithSeed("twenty", "empty"))
	testcontainers.CleanupContainer(t, ctr)
	if err != nil {
		t.Fatal(err)
	}
	for name, url := range map[string]func(context.Context) (string, error){
		"flosum": ctr.FlosumURL, "twenty": ctr.TwentyURL, "flexcrm": ctr.FlexCRMURL, "kickflow": ctr.KickflowURL,
	} {
		own, err := url(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		common, err := ctr.URL(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, base := range []string{own, common} {
			res, err := http.Get(base + "/openapi.yaml")
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusOK {
				t.Errorf("%s at %s answered %s", name, base, res.Status)
			}
		}
	}
	if _, err := ctr.URL(t.Context(), "kickflo"); err == nil || !strings.Contains(err.Error(), "kickflow") {
		t.Errorf("the URL of an unknown fake: %v", err)
	}
	admin, err := ctr.Admin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Settings struct {
			Extended struct {
				Mockserver struct{ Seeds map[string]string }
			}
		}
	}
	if err := admin.Do(t.Context(), http.MethodGet, "/settings", nil, &settings); err != nil {
		t.Fatal(err)
	}
	if seeds := settings.Settings.Extended.Mockserver.Seeds; seeds["kickflow"] != "empty" ||
		seeds["twenty"] != "empty" {
		t.Errorf("seeds: %v", seeds)
	}
	if err := admin.Reset(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAWorldHasURLsAndCredentialsOfItsOwn(t *testing.T) {
	ctr, err := standin.Run(t.Context(), image(t), standin.WithWorld("mine"))
	testcontainers.CleanupContainer(t, ctr)
	if err != nil {
		t.Fatal(err)
	}
	url, err := ctr.KickflowURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(url, "/__world/mine") {
		t.Errorf("the URL %s is not that of the world", url)
	}
	admin, err := ctr.Admin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fork, err := admin.NewWorld(t.Context(), standin.WorldOrder{Name: "fork", Fork: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	mine := ctr.World().Credentials["kickflow"]
	if len(mine) == 0 || mine[0].Value == fork.Credentials["kickflow"][0].Value {
		t.Errorf("credentials of the world and its fork: %v, %v", mine, fork.Credentials["kickflow"])
	}
	if err := admin.Do(t.Context(), http.MethodGet, "/worlds/nope", nil, nil); err == nil ||
		!strings.Contains(err.Error(), "no world") {
		t.Errorf("asking for a world that is not there: %v", err)
	}
}

func ExampleRun() {
	ctx := context.Background()
	ctr, err := standin.Run(ctx, "mockserver:latest", standin.WithSeed("kickflow", "empty"))
	defer testcontainers.TerminateContainer(ctr)
	if err != nil {
		panic(err)
	}
	url, err := ctr.KickflowURL(ctx)
	if err != nil {
		panic(err)
	}
	http.Get(url + "/v1/grades")
}
