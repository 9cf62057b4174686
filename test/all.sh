#!/usr/bin/env bash
# npm test: every check, from the fastest to the slowest; stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=test/beside.sh
. test/beside.sh

step() {
  local title=$1 begun=$SECONDS
  shift
  printf '\n== %s\n' "$title"
  "$@"
  printf '== %s: %d s\n' "$title" "$((SECONDS - begun))"
}

# The host unit's tests wait for more than half of their time, and share nothing with the others.
synth_and_stacks_beside_host_unit() {
  beside bash test/host.sh
  bash test/synth.sh
  vitest run --project stacks
  joined
}

# The plane waits for guests, hosts and timers for much of its time; the fuzz of the API needs nothing but a processor.
plane_beside_fuzz() {
  beside at_leisure vitest run --project fuzz
  bash test/plane.sh
  joined
}

# What the test runner and the command line have in common from run to run is compiled once.
export NODE_COMPILE_CACHE=$PWD/.novacron/cache/compiled
TEST_COUNTS=$(mktemp)
export TEST_COUNTS
trap 'rm -f "$TEST_COUNTS"; forsaken' EXIT

step 'prerequisites' node local/prerequisites-of-tests.ts
step 'lint' bash test/lint.sh
step 'unit' vitest run --project 'unit*' --coverage
step 'faults' vitest run --project faults
step 'host unit, synth and stacks' synth_and_stacks_beside_host_unit
step 'real hosts' npm run --silent test:host
step 'contract and local, and fuzz' plane_beside_fuzz

printf '\n== all of it, beside the tests of the host unit, of real hosts and the fuzz of the API: %d s\n' "$SECONDS"
node test/sum.ts "$TEST_COUNTS"
