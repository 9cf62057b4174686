# shellcheck shell=bash
# process-notes.sh - sourced by the scripts beside it: which process is meant, told by its pid and its start time.

start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
# still_runs FILE: the process noted in FILE as "pid start-time" (a recycled pid has another start time, and one that
# nobody has reaped does not run).
still_runs() {
  local pid start
  [[ -s $1 ]] && read -r pid start <"$1" || return 1
  [[ -r /proc/$pid/stat && $(start_time "$pid") == "$start" ]] && ! grep -qs ') Z ' "/proc/$pid/stat"
}
