#!/usr/bin/env bash
# libvirt.sh - this machine's own libvirt, as Debian ships it, for the local plane.
#
#   libvirt.sh start      start what is not running: virtlogd, libvirtd, the network `default`; prints `started X` for each, or `running`
#   libvirt.sh stop       stop exactly what `start` started, and only while no domain runs
#   libvirt.sh status     one line, exit 0 where libvirt answers
#
# With systemd it asks systemd; without (containers, CI) it starts the daemons itself. What it started is noted in
# $NOVACRON_HOME/libvirt.started (default <clone>/.novacron). Needs root.
set -euo pipefail
export LC_ALL=C

here=$(dirname "$(readlink -f "$0")")
# shellcheck source=local/packages.sh
. "$here/packages.sh"
home=${NOVACRON_HOME:-$here/../.novacron}
note=$home/libvirt.started

log() { printf '%s\n' "libvirt.sh: $*" >&2; }
die() { log "$*"; exit 1; }
# the first answer waits until QEMU was probed, which takes ten seconds on a busy machine
answers() { timeout 60 virsh -q -c qemu:///system version >/dev/null 2>&1; }
answers_soon() {
  local end=$((SECONDS + 60))
  until answers; do ((SECONDS < end)) || return; sleep 0.1; done
}
# only the daemon of our own pid namespace counts, not one of a namespaced test host
own_pid() {
  local pid
  for pid in $(pidof "$1"); do
    [[ $(readlink "/proc/$pid/ns/pid") == "$(readlink /proc/self/ns/pid)" ]] && echo "$pid"
  done
}
started() { mkdir -p "$home"; grep -qx "$1" "$note" 2>/dev/null || echo "$1" >>"$note"; echo "started $1"; }
by_systemd() { [[ -d /run/systemd/system ]]; }

start_daemon() {
  local name=$1; shift
  [[ $(own_pid "$name") ]] && return 0
  if by_systemd; then
    systemctl start "$name" || die "$name does not start; see: journalctl -u $name"
  else
    daemonise "$name" "$@" || die "$name does not start: $(last_words "$name")"
  fi
  started "$name"
}
daemonise() {
  mkdir -p /run/libvirt "$home"
  "$1" -d "${@:2}" 9>&- </dev/null 2>"$home/$1.err"
}
last_words() { tail -n 1 "$home/$1.err" | sed 's/.* error : [^ ]* : //'; }
stop_daemon() {
  local pid
  if by_systemd; then systemctl stop "$1.socket" "$1-ro.socket" "$1-admin.socket" "$1" 2>/dev/null || systemctl stop "$1"; return; fi
  for pid in $(own_pid "$1"); do
    kill "$pid"
    for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  done
}

start() {
  [[ $(id -u) == 0 ]] || die "must run as root"
  command -v libvirtd >/dev/null || die "no libvirtd; install it: apt-get install -y --no-install-recommends libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils python3-libvirt dnsmasq-base iptables"
  open_kvm
  if ! answers; then
    start_daemon virtlogd -p /run/virtlogd.pid
    start_daemon libvirtd -p /run/libvirtd.pid -f /etc/libvirt/libvirtd.conf
    answers_soon || die "libvirtd runs but does not answer; restart it"
  fi
  # no pipe into grep -q: under pipefail, a virsh that still writes when grep is done counts as failed
  if [[ $(virsh -q net-info default 2>/dev/null) =~ Active:\ *no ]]; then
    virsh -q net-start default >/dev/null || die "the network default does not start"
    started network-default
  fi
  [[ -s $note ]] || echo running
}

stop() {
  [[ -s $note ]] || { log "nothing was started by us"; return 0; }
  if answers && [[ $(virsh -q list --state-running --state-paused --name | grep -c .) -gt 0 ]]; then
    log "domains are running: libvirt is left as it is"
    return 0
  fi
  grep -qx network-default "$note" && answers && { virsh -q net-destroy default >/dev/null || true; }
  grep -qx libvirtd "$note" && stop_daemon libvirtd
  grep -qx virtlogd "$note" && stop_daemon virtlogd
  rm -f "$note"
}

case ${1:-} in
  start) start;;
  stop) stop;;
  status) if answers; then echo "libvirt answers"; else echo "libvirt does not answer"; exit 1; fi;;
  *) sed -n '/^#   libvirt.sh/s/^#   //p' "$0" >&2; exit 2;;
esac
