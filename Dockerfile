# A static binary and nothing else. The container needs no rights and no writable file system:
#
#   docker run --rm --read-only -p 4000-4009:4000-4009 mockserver
#
# Beyond loopback the control plane wants a token: give MOCKSERVER_ADMIN_TOKEN, or read it from the log.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH VERSION= COMMIT= DATE=
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -ldflags "-s -w -X main.release=$VERSION -X main.commit=$COMMIT -X main.date=$DATE" -o /mockserver ./cmd/mockserver

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /src/NOTICE /src/licenses/third-party.txt /licenses/
COPY --from=build /mockserver /mockserver
# All addresses, IPv4 and IPv6: Go listens on both where the machine has both.
ENV MOCKSERVER_HOST=0.0.0.0
USER 65532:65532
# One port for all fakes, and one for each.
EXPOSE 4000-4009
HEALTHCHECK --interval=2s --timeout=3s --start-period=2s --retries=3 CMD ["/mockserver", "healthcheck"]
ENTRYPOINT ["/mockserver"]
