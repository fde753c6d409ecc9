# make check: all that .ci/run demands. make build: the binary. make image: the container, for amd64 and arm64.
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT = $(shell git rev-parse --short=12 HEAD 2>/dev/null)
DATE = $(shell git log -1 --format=%cI 2>/dev/null)
STAMP = -X main.release=$(VERSION) -X main.commit=$(COMMIT) -X main.date=$(DATE)
IMAGE ?= mockserver
ARCHS = amd64 arm64

.PHONY: check build generate image $(ARCHS:%=image-%)

check:
	.ci/run

build:
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w $(STAMP)" -o mockserver ./cmd/mockserver

generate:
	go generate ./...

image: $(ARCHS:%=image-%)

$(ARCHS:%=image-%): image-%:
	DOCKER_BUILDKIT=1 docker build --platform linux/$* --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) --build-arg DATE=$(DATE) -t $(IMAGE):$* .
