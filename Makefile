# make check: all that .ci/run demands. make build: the binary. make image: the container, for amd64 and arm64.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
IMAGE ?= mockserver
ARCHS = amd64 arm64

.PHONY: check build generate image $(ARCHS:%=image-%)

check:
	.ci/run

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o mockserver ./cmd/mockserver

generate:
	go generate ./...

image: $(ARCHS:%=image-%)

$(ARCHS:%=image-%): image-%:
	DOCKER_BUILDKIT=1 docker build --platform linux/$* --build-arg VERSION=$(VERSION) -t $(IMAGE):$* .
