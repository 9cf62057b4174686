# shellcheck shell=bash
# packages.sh - sourced by the scripts beside it: what they need of the machine.

apt_updated=
apt_update() {
  [[ -z $apt_updated ]] || return 0
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt_updated=1
}

# need_packages NAME...: returns once all are installed; says the line to type where it may not install them itself.
need_packages() {
  local missing=() package
  for package; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 || ${NOVACRON_SKIP_APT:-} ]]; then
    printf '%s\n' "missing packages; install them with: sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    return 1
  fi
  apt_update
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
}

# open_kvm: gives /dev/kvm to the group kvm, as udev does where it runs. Left to root, libvirt probes QEMU anew at each
# definition and start (ten seconds instead of a tenth).
open_kvm() {
  [[ -c /dev/kvm && $(stat -c %G /dev/kvm) != kvm ]] && getent group kvm >/dev/null || return 0
  chgrp kvm /dev/kvm
  chmod 660 /dev/kvm
}
