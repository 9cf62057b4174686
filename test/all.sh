#!/usr/bin/env bash
# npm test: every check, from the fastest to the slowest; stops at the first that fails.
set -euo pipefail
cd "$(dirname "$0")/.."

step() {
  local title=$1 begun=$SECONDS
  shift
  printf '\n== %s\n' "$title"
  "$@"
  printf '== %s: %d s\n' "$title" "$((SECONDS - begun))"
}

TEST_COUNTS=$(mktemp)
export TEST_COUNTS
trap 'rm -f "$TEST_COUNTS"' EXIT

step 'prerequisites' node local/prerequisites-of-tests.ts
step 'lint' bash test/lint.sh
step 'unit' vitest run --project 'unit*' --coverage
step 'faults' vitest run --project faults
step 'fuzz' vitest run --project fuzz
step 'host unit' bash test/host.sh
step 'synth' bash test/synth.sh
step 'stacks' vitest run --project stacks
step 'real hosts' npm run --silent test:host
step 'contract and local' bash test/plane.sh

printf '\n== all of it, beside the tests of the host unit, of real hosts and the fuzz of the API: %d s\n' "$SECONDS"
node test/sum.ts "$TEST_COUNTS"
