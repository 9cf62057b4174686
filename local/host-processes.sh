#!/usr/bin/env bash
# host-processes.sh - the processes of an enrolled host that have no systemd to look after them; run it on the host.
#
#   host-processes.sh start INSTALLATION AGENT STATE    the local SSM agent AGENT with its state directory, and the host unit
#   host-processes.sh stop INSTALLATION AGENT STATE     end both; VMs go on running
#
# Idempotent. The agent is told from a later process by the start time noted beside its pid.
set -euo pipefail
export LC_ALL=C

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=local/process-notes.sh
. "$here/process-notes.sh"
[[ $# == 4 ]] || { sed -n '/^#   host-processes.sh/s/^#   //p' "$0" >&2; exit 2; }
verb=$1 installation=$2 agent=$3 state=$4
note=$state/agent.pid
unit=/usr/lib/novacron/$installation/current

unit_do() { [[ ! -e $unit/VERSION ]] || /usr/bin/python3 -I "$unit" "$installation" "$1"; }

start_agent() {
  still_runs "$note" && return 0
  mkdir -p "$state"
  setsid /usr/bin/python3 "$agent" run --state "$state" </dev/null >>"$state/agent.log" 2>&1 &
  echo "$! $(start_time $!)" >"$note"
  disown
}
stop_agent() {
  local pid
  still_runs "$note" || return 0
  pid=$(cut -d' ' -f1 "$note")
  kill "$pid"
  for _ in $(seq 100); do still_runs "$note" || break; sleep 0.1; done
  if still_runs "$note"; then kill -KILL "$pid"; fi
  rm -f "$note"
}

case $verb in
  start) start_agent; unit_do start-unit;;
  stop) stop_agent; unit_do stop-unit;;
  *) echo "host-processes.sh: no verb '$verb'" >&2; exit 2;;
esac
