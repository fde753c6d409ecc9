#!/bin/sh
# The project's own test, in any language.
set -eu
curl -fsS -H "Authorization: Bearer $KICKFLOW_TOKEN" "$KICKFLOW_URL/v1/users" | grep -q '"email"'
echo ok
