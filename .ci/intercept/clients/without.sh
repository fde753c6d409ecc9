# Runs a command without the variables that make clients trust the authority.
unset SSL_CERT_FILE REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS PHP_INI_SCAN_DIR
export SSL_CERT_DIR=/none
export JAVA_TOOL_OPTIONS="$(echo "$JAVA_TOOL_OPTIONS" | sed 's/-Djavax[^ ]*//g')"
exec "$@"
