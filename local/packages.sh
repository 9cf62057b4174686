# shellcheck shell=bash
# packages.sh - sourced by the scripts beside it: what they need of the machine.

apt_updated=
apt_update() {
  [[ -z $apt_updated ]] || return 0
  apt-get -o DPkg::Lock::Timeout=300 update -qq || return
  apt_updated=1
}

# need_packages NAME...: returns once all are installed; where it cannot see to that, its last line says what to do.
need_packages() {
  local missing=() package line
  for package; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *'ok installed'* ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  line="apt-get install -y --no-install-recommends ${missing[*]}"
  if ! command -v apt-get >/dev/null; then
    printf '%s\n' "there is no apt-get here; install what Debian calls ${missing[*]}" >&2
  elif [[ $(id -u) != 0 || ${NOVACRON_SKIP_APT:-} ]]; then
    printf '%s\n' "packages are missing; install them: sudo $line" >&2
  elif apt_update && apt_install "${missing[@]}"; then
    return 0
  else
    printf '%s\n' "packages are missing and could not be installed; see why: sudo $line" >&2
  fi
  return 1
}
apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null
}

# unpack_package NAME INTO CACHE: the files of a package, beside the system: nothing is configured, no service begins.
unpack_package() {
  local package=$1 into=$2 cache=$3 file
  mkdir -p "$cache" "$into" && chmod 755 "$cache" || return
  file=$(newest_of "$package" "$cache")
  [[ $file ]] || download_package "$package" "$cache" || { apt_update && download_package "$package" "$cache"; } ||
    { printf '%s\n' "cannot download the package $package" >&2; return 1; }
  dpkg-deb -x "$(newest_of "$package" "$cache")" "$into"
}
# place_files FROM TO: files that an unpacked program looks for at one place of the system.
place_files() { [[ -e $2 ]] || { mkdir -p "$2" && cp -r "$1/." "$2"; }; }
newest_of() { find "$2" -name "$1_*.deb" | sort | tail -n 1; }
download_package() { (cd "$2" && apt-get download -qq "$1" >/dev/null 2>&1); }

# open_kvm: gives /dev/kvm to the group kvm, as udev does where it runs. Left to root, libvirt probes QEMU anew at each
# definition and start (ten seconds instead of a tenth).
open_kvm() {
  [[ -c /dev/kvm && $(stat -c %G /dev/kvm) != kvm ]] && getent group kvm >/dev/null || return 0
  chgrp kvm /dev/kvm
  chmod 660 /dev/kvm
}
