#!/bin/sh
# Asks each fake for a row of its file in seeds. Run it with: mockserver exec -- sh test.sh
set -eu
: "${MOCKSERVER_URL:?no fakes; run: mockserver exec -- sh test.sh}"

# check URL HEADER ROW
check() {
  if curl -fsS -H "$2" "$1" | grep -q "$3"; then echo "ok   $1"; else echo "FAIL $1 lacks $3"; exit 1; fi
}
{{range .}}
check "${{.Env}}_URL{{.Path}}" "{{.Header}}: {{.Scheme}}${{.Env}}_TOKEN" "{{.Row}}"
{{- end}}
