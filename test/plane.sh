#!/usr/bin/env bash
# Everything that needs a plane or a real host: starts a plane of its own (own home, own port) with this machine's libvirt
# and two separate hosts, runs the contract, local and on-host tests, and ends it.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=test/plane-env.sh
. test/plane-env.sh
node local/start.ts --hosts 2
# no file touches what another makes
vitest run --project contract --project waiting --maxWorkers 3
vitest run --project local
vitest run --project restart
vitest run --project outages
# behind all whose audits would find operations that were accepted in the future
vitest run --project two-weeks
# behind all that needs the test image, which it deletes
bash test/schemathesis.sh
vitest run --project powers
