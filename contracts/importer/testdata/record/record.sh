#!/bin/sh
# Records the conversation with every tool that is there; what is missing is said and left as it was.
# NODE_DIR is a folder in which axios, @pollyjs/{core,adapter-node-http,persister-fs}, nock and postman-collection
# are installed. vcrpy and VCR are packages of Debian: python3-vcr, python3-requests, ruby-vcr and ruby-webmock.
# WIREMOCK_JAR is WireMock's standalone jar, which needs java and curl.
# OUT_DIR is where the recordings go instead of beside this folder; PYTHON is a Python that has vcrpy and requests.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "${OUT_DIR:-$here/..}" && pwd)
export KICKFLOW_ADMIN="$KICKFLOW_API_BASE_URL"
cd "$here"
rm -f "$out"/*.y*ml
if [ -n "${WIREMOCK_JAR:-}" ]; then
  BASE=$KICKFLOW_API_BASE_URL OUT=$out sh wiremock.sh
fi
GOFLAGS="-mod=mod -trimpath" go run . "$KICKFLOW_API_BASE_URL" "$out" \
  "${PYTHON:-/usr/bin/python3} '$here/vcrpy.py'" "ruby '$here/vcr.rb'" "cd '${NODE_DIR:-.}' && node '$here/node.mjs'"
