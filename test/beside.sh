# shellcheck shell=bash
# Sourced by what has two things done at once, where one waits for most of its time.

# beside COMMAND...: begins it, and keeps what it says.
beside() {
  beside_said=$(mktemp)
  "$@" >"$beside_said" 2>&1 &
  beside_pid=$!
}

# joined: waits for it, prints what it has said, and ends as it did.
joined() {
  local code=0
  wait "$beside_pid" || code=$?
  cat "$beside_said"
  rm "$beside_said"
  return "$code"
}
