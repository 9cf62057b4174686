# shellcheck shell=bash
# Sourced by what has two things done at once, where one waits for most of its time.

# beside COMMAND...: begins it, and keeps what it says.
beside() {
  beside_said=$(mktemp)
  "$@" >"$beside_said" 2>&1 &
  beside_pid=$!
}

# beside at_leisure COMMAND...: with what all else leaves of the processors, in place of the shell that begins it. A priority counts within one session alone (autogroup, sched(7)).
at_leisure() {
  # shellcheck disable=SC2016 # for the inner shell
  exec setsid nice -n 19 bash -c '[ ! -w /proc/self/autogroup ] || echo 19 >/proc/self/autogroup; exec "$@"' - "$@"
}

# forsaken: ends it where nobody waits for it any more, with what it has begun if it is a session of its own.
forsaken() {
  [ -z "${beside_pid:-}" ] || kill -- "-$beside_pid" 2>/dev/null || kill "$beside_pid" 2>/dev/null || true
}

# joined: waits for it, prints what it has said, and ends as it did.
joined() {
  local code=0
  wait "$beside_pid" || code=$?
  beside_pid=
  cat "$beside_said"
  rm "$beside_said"
  return "$code"
}
