#!/bin/sh
# Records the conversation with WireMock's recorder: BASE is the service, WIREMOCK_JAR WireMock itself, OUT the folder.
set -eu
dir=$(mktemp -d)
java -jar "$WIREMOCK_JAR" --port 0 --root-dir "$dir" >"$dir/log" 2>&1 &
wiremock=$!
trap 'kill $wiremock; rm -rf "$dir"' EXIT
port=
for _ in $(seq 300); do
  port=$(sed -n 's/^port: *\([0-9]*\)$/\1/p' "$dir/log")
  [ -z "$port" ] || break
  sleep 0.2
done
[ -n "$port" ] || { cat "$dir/log"; exit 1; }
own=http://127.0.0.1:$port
curl -fsS -o /dev/null "$own/__admin/recordings/start" -d '{"targetBaseUrl": "'"$BASE"'", "persist": false,
  "captureHeaders": {"Authorization": {}, "User-Agent": {}}, "requestBodyPattern": {"matcher": "equalToJson"}}'
# ask PRINCIPAL METHOD PATH [BODY]
ask() {
  curl -sS -A field/1.0 -H "Authorization: Bearer kickflow-$1-token" -X "$2" "$own$3" \
    ${4:+-H "Content-Type: application/json" -d "$4"}
}
ask admin GET '/v1/users?perPage=2&sortBy=email-asc' >/dev/null
id=$(ask admin POST /v1/grades '{"name":"Recorded","level":77}' | sed 's/^{"id":"\([^"]*\)".*/\1/')
ask admin GET "/v1/grades/$id" >/dev/null
ask member POST /v1/grades '{"name":"Refused","level":78}' >/dev/null
ask revoked GET /v1/users >/dev/null
ask admin GET /v1/users/none >/dev/null
curl -fsS -o "$OUT/wiremock.json" -X POST "$own/__admin/recordings/stop"
