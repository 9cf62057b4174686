#!/usr/bin/env bash
# The tests of the host unit and of the documents, several files at once: most of their time is waiting.
set -euo pipefail
cd "$(dirname "$0")/host"

printf '%s\n' test_*.py | sed 's/\.py$//' | xargs -n 1 -P 4 /usr/bin/python3 -m unittest -q
