#!/usr/bin/env bash
# 2,000 generated cases against the running API, by its own OpenAPI: no answer of 5xx, no break of the schema.
set -euo pipefail
cd "$(dirname "$0")/.."
home=${NOVACRON_HOME:?the home of a running plane}

read -r url token < <(node -e 'const { url, token } = JSON.parse(fs.readFileSync(process.argv[1])); console.log(url, token)' "$home/local.json")
# paths that make or revoke the very token in use, or mint real activations by the hundred, are left to their own tests
.novacron/venv/bin/schemathesis run "$url/v1/openapi.json" --url "$url" \
  --header "Authorization: Bearer $token" --workers 2 --seed 1 --max-examples "${CASES_PER_ROUTE:-35}" \
  --exclude-path-regex '^/v1/(tokens|hosts/enrol|token)' \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
