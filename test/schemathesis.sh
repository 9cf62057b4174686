#!/usr/bin/env bash
# Some 200 generated cases through the real gateway of a running plane: no answer of 5xx, no break of the schema. The
# breadth, ten thousand cases and every check, is test/fuzz, in process.
set -euo pipefail
cd "$(dirname "$0")/.."
home=${NOVACRON_HOME:?the home of a running plane}

read -r url token < <(node -e 'const { url, token } = JSON.parse(fs.readFileSync(process.argv[1])); console.log(url, token)' "$home/local.json")
# paths that make or revoke the very token in use, or mint real activations by the hundred, are left to test/fuzz
.novacron/venv/bin/schemathesis run "$url/v1/openapi.json" --url "$url" \
  --header "Authorization: Bearer $token" --workers 2 --seed 1 --phases fuzzing --max-examples "${CASES_PER_ROUTE:-5}" \
  --exclude-path-regex '^/v1/(tokens|hosts/enrol|token)' \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance
