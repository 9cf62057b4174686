#!/usr/bin/env bash
# npm run test:soak [-- --minutes N --clients N --faults P]: random operations, one in ten of them amid a random fault,
# on a plane of its own with two separate hosts. The invariants are audited each minute, and what lives long is weighed. Two hours by itself.
set -euo pipefail
cd "$(dirname "$0")/.."

export NOVACRON_TEST_HOSTS=2
# shellcheck source=test/plane-env.sh
. test/plane-env.sh
node test/soak/run.ts "$@"
