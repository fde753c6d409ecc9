curl -sS -o body -w '%{http_code}\n' "$@" -H "Authorization: Bearer $KICKFLOW_TOKEN" https://api.kickflow.com/v1/users
