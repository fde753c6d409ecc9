#!/bin/sh
# Compiles the client and its test and runs them. Run it with: mockserver exec -- sh test.sh
set -eu
cd "$(dirname "$0")"
: "${KICKFLOW_URL:?no fakes; run: mockserver exec -- sh test.sh}"
classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
javac -d "$classes" src/*.java test/*.java
java -cp "$classes" CategoriesTest
