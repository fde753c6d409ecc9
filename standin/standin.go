// Package standin runs the mockserver image, fakes of SaaS APIs, in a container for tests:
//
//	ctr, err := standin.Run(ctx, "mockserver:latest", standin.WithSeed("kickflow", "empty"))
//	testcontainers.CleanupContainer(t, ctr)
//	url, err := ctr.KickflowURL(ctx)
//
// All options of testcontainers work as well; environment names such as MOCKSERVER_LIMITS=off set
// the flags of the binary. It has nothing to do with the Java program MockServer and its module.
package standin

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

// The ports of the image: the edge, where every fake has a path, and each fake's own.
const (
	edgePort     = "4000/tcp"
	flosumPort   = "4001/tcp"
	twentyPort   = "4002/tcp"
	flexcrmPort  = "4003/tcp"
	kickflowPort = "4004/tcp"
)

const (
	tokenVariable = "MOCKSERVER_ADMIN_TOKEN"
	seedVariable  = "MOCKSERVER_SEED"
)

// Container is a running mockserver.
type Container struct {
	testcontainers.Container
	token string
	world *World
}

// options are those of this package, which the request of testcontainers has no place for.
type options struct{ world string }

// Option is an option of this package.
type Option func(*options, *testcontainers.GenericContainerRequest) error

// Customize implements testcontainers.ContainerCustomizer for requests that did not come through Run.
func (o Option) Customize(req *testcontainers.GenericContainerRequest) error {
	return o(&options{}, req)
}

// WithSeed starts a fake from one of its named seeds; without it the seed is "default".
func WithSeed(fake, seed string) Option {
	return func(_ *options, req *testcontainers.GenericContainerRequest) error {
		list := fake + "=" + seed
		if before := req.Env[seedVariable]; before != "" {
			list = before + "," + list
		}
		return testcontainers.WithEnv(map[string]string{seedVariable: list})(req)
	}
}

// WithWorld makes a world of that name once the container is up; the URLs are then the world's, and World
// returns its credentials. Without it the URLs are the default world's.
func WithWorld(name string) Option {
	return func(o *options, _ *testcontainers.GenericContainerRequest) error {
		o.world = name
		return nil
	}
}

// Run starts the image and waits until all fakes answer. On an error the container may be there all the same,
// so hand it to testcontainers.CleanupContainer before looking at the error.
func Run(ctx context.Context, img string, opts ...testcontainers.ContainerCustomizer) (*Container, error) {
	var own options
	var request testcontainers.GenericContainerRequest
	all := []testcontainers.ContainerCustomizer{
		testcontainers.WithExposedPorts(edgePort, flosumPort, twentyPort, flexcrmPort, kickflowPort),
		testcontainers.WithEnv(map[string]string{tokenVariable: rand.Text()}),
		testcontainers.WithWaitStrategy(
			wait.ForHTTP("/__admin/ready").WithPort(edgePort).WithPollInterval(20 * time.Millisecond)),
	}
	for _, opt := range opts {
		if o, ok := opt.(Option); ok {
			opt = testcontainers.CustomizeRequestOption(func(req *testcontainers.GenericContainerRequest) error {
				return o(&own, req)
			})
		}
		all = append(all, opt)
	}
	all = append(all, testcontainers.CustomizeRequestOption(func(req *testcontainers.GenericContainerRequest) error {
		request = *req
		return nil
	}))
	ctr, err := testcontainers.Run(ctx, img, all...)
	if ctr == nil {
		return nil, fmt.Errorf("run mockserver: %w", err)
	}
	c := &Container{Container: ctr, token: request.Env[tokenVariable]}
	if err != nil {
		return c, fmt.Errorf("run mockserver: %w", err)
	}
	if own.world != "" {
		c.world, err = c.makeWorld(ctx, own.world)
	}
	return c, err
}

func (c *Container) makeWorld(ctx context.Context, name string) (*World, error) {
	admin, err := c.Admin(ctx)
	if err != nil {
		return nil, err
	}
	return admin.NewWorld(ctx, WorldOrder{Name: name})
}

// URL returns the base URL of any fake, or of a site of one such as flosum/eu, under the common port. The methods with
// a vendor's name return that of the fake's own port, where its paths begin at the root as the vendor's do.
func (c *Container) URL(ctx context.Context, fake string) (string, error) {
	admin, err := c.Admin(ctx)
	if err != nil {
		return "", err
	}
	world := World{Name: "default"}
	if c.world != nil {
		world.Name = c.world.Name
	}
	if err := admin.Do(ctx, http.MethodGet, "/worlds/"+world.Name, nil, &world); err != nil {
		return "", err
	}
	if url := world.URLs[fake]; url != "" {
		return url, nil
	}
	return "", fmt.Errorf("no fake %q; known: %s", fake, strings.Join(slices.Sorted(maps.Keys(world.URLs)), ", "))
}

// FlosumURL returns the base URL of Flosum Cloud Apps.
func (c *Container) FlosumURL(ctx context.Context) (string, error) { return c.url(ctx, flosumPort) }

// TwentyURL returns the base URL of Twenty.
func (c *Container) TwentyURL(ctx context.Context) (string, error) { return c.url(ctx, twentyPort) }

// FlexCRMURL returns the base URL of FlexCRM.
func (c *Container) FlexCRMURL(ctx context.Context) (string, error) { return c.url(ctx, flexcrmPort) }

// KickflowURL returns the base URL of kickflow.
func (c *Container) KickflowURL(ctx context.Context) (string, error) { return c.url(ctx, kickflowPort) }

func (c *Container) url(ctx context.Context, port string) (string, error) {
	url, err := c.PortEndpoint(ctx, port, "http")
	if err == nil && c.world != nil {
		url += "/__world/" + c.world.Name
	}
	return url, err
}

// World returns the world that WithWorld made, nil without it.
func (c *Container) World() *World { return c.world }

// Admin returns the control plane.
func (c *Container) Admin(ctx context.Context) (*Admin, error) {
	url, err := c.PortEndpoint(ctx, edgePort, "http")
	if err != nil {
		return nil, err
	}
	return &Admin{URL: url + "/__admin", Token: c.token}, nil
}
