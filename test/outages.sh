#!/usr/bin/env bash
# npm run test:outages: AWS throttled for a minute, replies cut, SNS and Slack away for ten minutes, on a plane of its own
# (own home, own port). `vitest run --project outages` on a plane that runs plays the short forms. About 25 minutes.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=test/plane-env.sh
. test/plane-env.sh
NOVACRON_CASES=10000 vitest run --project outages "$@"
