#!/usr/bin/env bash
# hosts.sh - N independent libvirt hosts on one machine, each as Debian ships libvirt (QEMU as libvirt-qemu, files
# given to it by dynamic_ownership, virtlogd).
#
# A host has namespaces of its own (net, mount, pid, uts, ipc) and its own /run, /etc/libvirt, /etc/novacron,
# /var/lib/{libvirt,novacron}, /var/{log,cache}/libvirt, /usr/lib/novacron, machine-id and name (h1, h2, ...); all else is
# shared. The hosts are joined by a bridge in a namespace of its own: nothing is added to this machine's network.
#
#   hosts.sh up N              create and start hosts 1..N (hosts that run already are left alone)
#   hosts.sh exec K CMD...     run CMD inside host K (stdin, stdout, exit status are CMD's)
#   hosts.sh uri K             libvirt URI of host K, usable from outside
#   hosts.sh status            one line per host: K name state pid address
#   hosts.sh kill K            power cut: every process of host K dies at once, /run is lost, disks stay
#   hosts.sh start K           power a killed host on again
#   hosts.sh bounce K          restart libvirtd of host K; its domains go on running
#   hosts.sh partition K [deaf|mute]   cut host K off the network, the plane included; deaf: it can send and nothing
#                              comes in, mute: all comes in and it cannot send
#   hosts.sh heal K            undo partition
#   hosts.sh down              stop everything and remove the run directory
#
# Environment: NOVACRON_LAB      run directory (default /tmp/novacron-lab)
#              NOVACRON_LAB_NET  first three octets (default 10.78.0); two labs need two nets and run directories
#              NOVACRON_FORWARD  ports of this machine's 127.0.0.1 that the hosts reach as theirs, e.g. "4566"
# Needs root. It never touches a libvirtd that it did not start.
set -euo pipefail
export LC_ALL=C

run=${NOVACRON_LAB:-/tmp/novacron-lab}
net=${NOVACRON_LAB_NET:-10.78.0}
lab=nc$(printf '%s' "$run" | md5sum | cut -c1-4)
self=$(readlink -f "$0")
here=$(dirname "$self")
# what a host has of its own: <directory under the host's>:<where it is mounted>
own=(etc:/etc/libvirt lib:/var/lib/libvirt log:/var/log/libvirt cache:/var/cache/libvirt
  novacron-etc:/etc/novacron novacron-lib:/var/lib/novacron novacron-usr:/usr/lib/novacron)

log() { printf '%s\n' "hosts.sh: $*" >&2; }
die() { log "$*"; exit 1; }
usage() { sed -n '/^#   hosts.sh/s/^#   //p' "$self" >&2; exit 2; }
number() { [[ ${1:-} =~ ^[1-9][0-9]?$ ]] || die "not a host number: '${1:-}'"; }

# shellcheck source=local/packages.sh
. "$here/packages.sh"
# shellcheck source=local/process-notes.sh
. "$here/process-notes.sh"

dir() { echo "$run/h$1"; }
pid_of() { cat "$(dir "$1")/pid" 2>/dev/null || true; }                  # PID 1 of the host, seen from outside
alive() { still_runs "$(dir "$1")/pid"; }
uuid_of() { printf '%s' "$run-$1" | md5sum | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'; }
uri() { echo "qemu:///system?socket=$(dir "$1")/run/libvirt/libvirt-sock"; }
enter() { local k=$1 pid; shift; read -r pid _ <"$(dir "$k")/pid"; nsenter -t "$pid" -m -u -i -n -p "$@"; }

# --- network: one namespace with a bridge, one veth pair per host
has_netns() { [[ -e /run/netns/$1 ]]; }
net_up() {
  has_netns "$lab-sw" && return 0
  ip netns add "$lab-sw"
  ip -n "$lab-sw" link add br0 type bridge
  ip -n "$lab-sw" link set br0 up
}
net_host_up() {
  local k=$1 ns="$lab-h$1"
  has_netns "$ns" && return 0
  ip netns add "$ns"
  ip -n "$lab-sw" link del "h$k" 2>/dev/null || true                     # of a namespace that is still being taken apart
  ip -n "$lab-sw" link add "h$k" type veth peer name lab0 netns "$ns"
  ip -n "$lab-sw" link set "h$k" master br0 up
  ip -n "$ns" link set lo up
  ip -n "$ns" addr add "$net.$k/24" dev lab0
  ip -n "$ns" link set lab0 up
}
# the way to the plane: see forward.py
forward_up() {
  local k=$1 d; d=$(dir "$k")
  [[ ${NOVACRON_FORWARD:-} ]] && echo "$NOVACRON_FORWARD" >"$d/forward"
  [[ -s $d/forward ]] || return 0
  still_runs "$d/forward.pid" && return 0
  # shellcheck disable=SC2046  # several ports
  setsid python3 "$here/forward.py" "/run/netns/$lab-h$k" $(cat "$d/forward") </dev/null >"$d/forward.log" 2>&1 9>&- &
  echo "$! $(start_time $!)" >"$d/forward.pid"
  disown
}
forward_signal() { still_runs "$(dir "$2")/forward.pid" && kill "-$1" "$(cut -d' ' -f1 "$(dir "$2")/forward.pid")"; }

# --- a host's files
files_up() {
  local k=$1 d pair; d=$(dir "$k")
  [[ -e $d/hosts ]] && return 0
  mkdir -p "$d"
  for pair in "${own[@]}"; do mkdir -p "$d/${pair%%:*}" "${pair##*:}"; done
  chmod 755 "$run" "$d" "$d"/*
  cp -a /etc/libvirt/. "$d/etc/"
  rm -rf "$d"/etc/qemu/*.xml "$d"/etc/qemu/autostart "$d"/etc/qemu/networks/autostart "$d"/etc/storage
  rm -f "$d"/etc/{secrets,nwfilter-binding}/* "$d"/etc/libvirt.conf
  # the directories of the packages, with their owners, without what lies in them
  (cd /var/lib/libvirt && find . -type d \( -name novacron -prune -o -name 'domain-*' -prune -o -print0 \)) |
    tar -C /var/lib/libvirt --null --no-recursion -cf - -T - | tar -C "$d/lib" -xpf -
  # what QEMU can do is probed once and then shared: about a second saved per host
  [[ $k != 1 && -d $run/h1/cache/qemu ]] && cp -a "$run/h1/cache/." "$d/cache/"
  uuid_of "$k" | tr -d - >"$d/machine-id"
  echo "h$k" >"$d/hostname"
  sed -i '/^host_uuid/d' "$d/etc/libvirtd.conf"
  printf 'host_uuid = "%s"\nlog_outputs = "2:file:/var/log/libvirt/libvirtd.log"\nauth_unix_rw = "none"\n' "$(uuid_of "$k")" >>"$d/etc/libvirtd.conf"
  # control groups are not namespaced here: equal domain names on two hosts would meet in them
  printf 'cgroup_controllers = [ ]\n' >>"$d/etc/qemu.conf"
  guests_last "$d/etc/hooks/qemu"
  { echo "127.0.0.1 localhost"; for i in $(seq 1 20); do echo "$net.$i h$i"; done; } >"$d/hosts"
}

# A hook of libvirt that puts a started guest last in line for the processors: a crowd of emulated guests that boots must
# not take them from the host unit, whose beats would fail, and from the plane on the same machine. Every guest is a session
# of its own, to which the kernel gives as much as to the whole plane's (autogroup, sched(7)); priorities count within one.
guests_last() {
  mkdir -p "${1%/*}"
  cat >"$1" <<'EOF'
#!/bin/sh
[ "$2" = started ] || exit 0
guest=/proc/$(cat "/run/libvirt/qemu/$1.pid")
renice -n 19 -p $(ls "$guest/task") >/dev/null 2>&1
[ ! -e "$guest/autogroup" ] || echo 19 >"$guest/autogroup"
exit 0
EOF
  chmod 755 "$1"
}

# --- a host's life
host_up() {
  local k=$1 d i; d=$(dir "$k")
  net_host_up "$k"
  files_up "$k"
  forward_up "$k"
  alive "$k" && return 0
  rm -f "$d/pid"
  # in the background, off the terminal, in its own session
  setsid nsenter --net="/run/netns/$lab-h$k" unshare --mount --uts --ipc --pid --fork --propagation private \
    bash "$self" _init "$k" </dev/null >"$d/init.log" 2>&1 9>&- &
  disown
  for ((i = 0; i < 1200; i++)); do
    [[ -e $d/up ]] && alive "$k" && return 0
    sleep 0.1
  done
  tail -n 5 "$d/init.log" "$d/log/libvirtd.log" >&2 2>/dev/null || true
  die "h$k did not come up"
}

# PID 1 of a host: runs inside the new namespaces; /proc is the outer one until it is mounted anew below.
host_init() {
  local k=$1 d key outer='' rest pair; d=$(dir "$k")
  # read by the shell itself: /proc/self of a child would be the child's
  while read -r key rest _; do [[ $key == NSpid: ]] && outer=$rest; done </proc/self/status
  read -r rest </proc/self/stat
  rest=$(cut -d' ' -f20 <<<"${rest##*) }")
  rm -rf "$d/run" "$d/up"; mkdir -p "$d"/run/{lock,libvirt,netns}        # a reboot empties /run
  hostname "h$k"
  mount --bind "$d/run" /run
  for pair in "${own[@]}"; do mount --bind "$d/${pair%%:*}" "${pair##*:}"; done
  [[ -e /etc/machine-id ]] || : >/etc/machine-id
  mount --bind "$d/machine-id" /etc/machine-id
  mount --bind "$d/hostname" /etc/hostname
  mount --bind "$d/hosts" /etc/hosts
  mount -t sysfs sysfs /sys
  mount -t proc proc /proc
  echo "$outer $rest" >"$d/pid.tmp"; mv "$d/pid.tmp" "$d/pid"
  virtlogd -d -p /run/virtlogd.pid
  libvirt_up
  virsh -q net-autostart default
  : >"$d/up"
  while :; do sleep 3600 & wait $! || true; done                         # PID 1 reaps whatever is left to it
}
libvirt_up() {
  libvirtd -d -p /run/libvirtd.pid -f /etc/libvirt/libvirtd.conf
  for _ in $(seq 100); do
    virsh -q version >/dev/null 2>&1 && break
    sleep 0.1
  done
  [[ $(virsh -q net-list --name) == *default* ]] || virsh -q net-start default
}
libvirt_bounce() {
  local pid; pid=$(cat /run/libvirtd.pid)
  kill "$pid"
  # a busy one takes its time, and another is refused its pid file meanwhile; systemd's patience ends, too
  for _ in $(seq 450); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  kill -KILL "$pid" 2>/dev/null || true
  libvirt_up
}

host_kill() {
  local k=$1 i d; d=$(dir "$k")
  if alive "$k"; then
    kill -KILL "$(cut -d' ' -f1 "$d/pid")"                               # PID 1: the kernel kills all others with it
    for ((i = 0; i < 100; i++)); do alive "$k" || break; sleep 0.05; done
    alive "$k" && die "h$k did not die"
  fi
  forward_signal KILL "$k" || true                                       # bridges and rules of the kernel go too
  has_netns "$lab-h$k" && ip netns del "$lab-h$k"
  rm -rf "$d/run" "$d/pid" "$d/up"
}
# one direction only: packets are dropped in the host's own network, those of the way to the plane on its loopback
cut_one_way() {
  local k=$1 ports; ports=$(tr ' ' ',' <"$(dir "$k")/forward" 2>/dev/null || echo 0)
  local deaf="iifname lab0 drop; iifname lo tcp sport { $ports } drop;" mute="iifname lo tcp dport { $ports } drop;"
  [[ $2 == mute ]] && deaf='' || mute=''
  ip netns exec "$lab-h$k" nft -f - <<EOF
table inet novacron_cut {
  chain comes { type filter hook input priority -10; $deaf $mute }
  chain goes { type filter hook output priority -10; ${mute:+oifname lab0 drop;} }
}
EOF
}
joined() { ip netns exec "$lab-h$1" nft delete table inet novacron_cut 2>/dev/null || true; }

host_state() {
  alive "$1" || { echo dead; return; }
  [[ $(ip -n "$lab-sw" link show "h$1") == *'state DOWN'* ]] && { echo partitioned; return; }
  echo running
}
hosts_known() { local d; for d in "$run"/h[1-9]*; do [[ -d $d ]] && echo "${d##*/h}"; done | sort -n; }
locked() { exec 9>"$run/lock"; flock 9; }

command=${1:-}; shift || true
case $command in
  up)
    number "${1:-}"; [[ $(id -u) == 0 ]] || die "must run as root"
    need_packages libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils python3-libvirt \
      iproute2 util-linux dnsmasq-base nftables iptables
    open_kvm
    # only a directory that this script made is ever removed by 'down'
    if [[ -d $run && ! -e $run/.lab && $(ls -A "$run") ]]; then die "$run exists and is not ours: set NOVACRON_LAB"; fi
    mkdir -p "$run"; : >"$run/.lab"; locked
    net_up
    for ((k = 1; k <= $1; k++)); do host_up "$k"; done;;
  exec) number "${1:-}"; alive "$1" || die "h$1 is not running"; [[ $# -gt 1 ]] || usage; enter "$@";;
  uri) number "${1:-}"; uri "$1";;
  status) for k in $(hosts_known); do printf '%s h%s %s %s %s\n' "$k" "$k" "$(host_state "$k")" "$(pid_of "$k" | cut -d' ' -f1 | grep . || echo -)" "$net.$k"; done;;
  kill) number "${1:-}"; host_kill "$1";;
  start) number "${1:-}"; [[ -d $(dir "$1") ]] || die "h$1 was never up"; locked; net_up; host_up "$1";;
  bounce) number "${1:-}"; alive "$1" || die "h$1 is not running"; enter "$1" bash "$self" _bounce;;
  partition) number "${1:-}"
    case ${2:-both} in
      deaf | mute) joined "$1"; cut_one_way "$1" "$2";;
      both) ip -n "$lab-sw" link set "h$1" down; forward_signal STOP "$1" || true;;
      *) usage;;
    esac;;
  heal) number "${1:-}"; joined "$1"; ip -n "$lab-sw" link set "h$1" up; forward_signal CONT "$1" || true;;
  down)
    for k in $(hosts_known); do host_kill "$k"; done
    has_netns "$lab-sw" && ip netns del "$lab-sw"
    if [[ -e $run/.lab ]]; then rm -rf "${run:?}"; fi;;
  _init) host_init "$@";;
  _bounce) libvirt_bounce;;
  *) usage;;
esac
