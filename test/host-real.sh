#!/usr/bin/env bash
# npm run test:host: the host unit on real libvirt hosts, two labs at once, for a guest that boots keeps one processor busy
# at most and the rest is waiting.
set -euo pipefail
cd "$(dirname "$0")/.."

# shellcheck source=test/beside.sh
. test/beside.sh
# two labs that lack the same package would wait for each other's apt
# shellcheck source=local/packages.sh
. local/packages.sh
need_packages gcc libc6-dev xfsprogs

# lab NET FILE...: one after the other, each on a host of its own in that net, up to the first that fails
lab() {
  local file
  export NOVACRON_LAB_NET=$1
  shift
  for file; do /usr/bin/python3 "test/host-real/$file.py" -f || return; done
}

beside lab 10.77.1 test_faults
failed=0
lab 10.77.2 test_life test_power || failed=1
joined || failed=1
((failed == 0))
