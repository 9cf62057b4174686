#!/usr/bin/env bash
# npm run lint: types, format and rules, import directions, dead code, shell scripts, Python and Perl syntax.
set -euo pipefail
cd "$(dirname "$0")/.."

tsc -p .
biome check .
depcruise bin lib lambdas cli local --config .dependency-cruiser.cjs --output-type err
knip
if command -v shellcheck >/dev/null; then
  # parts/ are pieces of documents, checked whole by test/host/test_documents.py
  git ls-files -z '*.sh' '.ci/run' ':!ssm-documents/parts' | xargs -0 shellcheck -x
else
  echo "shellcheck is not installed: apt-get install shellcheck" >&2
  exit 1
fi
python3 -m compileall -q local/emulator local/ssm-agent ssm-documents/host-unit
# it uses neither itself, which would cost its users what it is there to save
perl -Mstrict -Mwarnings=FATAL,all -c ssm-documents/host-unit/ask.pl
