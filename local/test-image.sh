#!/usr/bin/env bash
# test-image.sh OUTPUT.qcow2 - builds the tiny guest of the tests and of the local plane, out of Debian packages only.
#
# A BIOS-bootable qcow2 of about 16 MB: syslinux, Debian's cloud kernel, a busybox initramfs (local/test-image/), an ext4
# partition /data. It boots to "NOVACRON-GUEST READY ..." on ttyS0 in seconds even without hardware acceleration, hears
# the ACPI power button, runs qemu-guest-agent, reads a NoCloud seed, does DHCP, answers HTTP on port 80, and gives a
# root shell without a password on ttyS0: a TEST image, never one to publish. Give it 160 MiB and machine `pc`.
# Beside OUTPUT.qcow2 it leaves OUTPUT.vmlinuz, which enrolment boots to find out whether KVM works.
#
# Root is needed for apt-get only; neither loop devices nor mounts are used. NOVACRON_SKIP_APT=1 forbids apt-get.
set -euo pipefail
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1700000000

out=$(readlink -m "${1:?usage: test-image.sh OUTPUT.qcow2}")
here=$(dirname "$(readlink -f "$0")")
disk_mb=64 boot_mb=28
cache=$(dirname "$out")/debs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

log() { printf '%s\n' "test-image: $*" >&2; }
die() { log "$*"; exit 1; }
# shellcheck source=local/packages.sh
. "$here/packages.sh"
need_packages busybox-static syslinux syslinux-common mtools dosfstools e2fsprogs qemu-utils cpio zstd kmod

# --- packages that are unpacked, not installed: kernel, guest agent and the libraries it is linked with
fetch() { unpack_package "$1" "$2" "$cache" || die "the image cannot be built"; }
kernel_of_meta() { apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/^ *Depends:/ {print $2; exit}'; }
kernel=$(kernel_of_meta)
[[ $kernel ]] || { apt_update; kernel=$(kernel_of_meta); }
[[ $kernel ]] || die "apt knows no linux-image-cloud-amd64"
fetch "$kernel" "$work/kernel"
for package in qemu-guest-agent libc6 libglib2.0-0 libudev1 libnuma1 liburing2 libpcre2-8-0 \
  e2fsprogs libext2fs2 libcom-err2 libblkid1 libuuid1; do fetch "$package" "$work/guest"; done
release=$(basename "$work"/kernel/lib/modules/*)
log "kernel $release"

# --- initramfs
root=$work/root
libs=lib/x86_64-linux-gnu
mkdir -p "$root"/{bin,sbin,dev,proc,sys,run,tmp,data,www,seed,root,lib64,usr/sbin,var,$libs} \
  "$root/etc/acpi/PWRF" "$root/lib/modules/$release"
cp /bin/busybox "$root/bin/busybox"
while read -r applet; do [[ $applet == busybox ]] || ln -s busybox "$root/bin/$applet"; done < <(/bin/busybox --list)
cp "$work/guest/usr/sbin/qemu-ga" "$root/usr/sbin/"
cp "$work/guest/sbin/resize2fs" "$root/sbin/"
# the unpacked loader names the unpacked libraries: nothing of this machine gets in
loader=$(find "$work/guest" -name 'ld-linux-x86-64.so.2' -type f | head -n 1)
[[ $loader ]] || loader=$(readlink -f "$(find "$work/guest" -name 'ld-linux-x86-64.so.2' | head -n 1)")
for binary in "$root/usr/sbin/qemu-ga" "$root/sbin/resize2fs"; do
  "$loader" --library-path "$work/guest/$libs:$work/guest/usr/$libs" --list "$binary" |
    awk '$2 == "=>" {print $3}' | while read -r library; do cp -Ln "$library" "$root/$libs/"; done
done
cp -L "$loader" "$root/lib64/ld-linux-x86-64.so.2"
cp "$here/test-image/init" "$root/init"
cp "$here"/test-image/{inittab,rc,rc.stop,udhcpc.sh} "$root/etc/"
cp "$here"/test-image/{network,guest-agent,shutdown} "$root/sbin/"
cp "$here/test-image/power-button" "$root/etc/acpi/PWRF/00000080"
printf 'root::0:0:root:/root:/bin/ash\n' >"$root/etc/passwd"
printf 'root:x:0:\n' >"$root/etc/group"
printf 'ID=novacron-guest\nNAME="NovaCron test guest"\nVERSION_ID=1\nPRETTY_NAME="NovaCron test guest 1"\n' >"$root/etc/os-release"
printf 'export PS1="guest# " PATH=/bin:/sbin:/usr/sbin\n' >"$root/etc/profile"

# kernel modules: the wanted ones and what they depend on, in load order
depmod -b "$work/kernel" "$release"
for module in virtio_pci virtio_blk virtio_net virtio_console virtio_balloon virtio_scsi virtio_rng sd_mod sr_mod \
  ata_piix isofs button evdev; do
  modprobe -d "$work/kernel" -S "$release" --show-depends "$module" 2>/dev/null | awk '$1 == "insmod" {print $2}'
done | awk '!seen[$0]++' | while read -r path; do
  cp "$path" "$root/lib/modules/$release/"; basename "$path"
done >"$work/load-order"
cp "$work/load-order" "$root/lib/modules/$release/"
(cd "$root" && find . -print0 | sort -z | cpio --null -o -H newc --quiet --owner 0:0) | zstd -q -12 -T1 >"$work/initrd"

# --- disk: MBR, partition 1 FAT with syslinux, partition 2 ext4
raw=$work/disk.raw
truncate -s "${disk_mb}M" "$raw"
boot_at=2048 boot_len=$(((boot_mb - 1) * 2048)) data_at=$((boot_mb * 2048)) data_len=$(((disk_mb - boot_mb) * 2048))
le32() { printf '%b' "$(printf '\\x%02x\\x%02x\\x%02x\\x%02x' $(($1 & 255)) $((($1 >> 8) & 255)) $((($1 >> 16) & 255)) $((($1 >> 24) & 255)))"; }
{ # boot code, disk signature, two partition entries (active FAT16-LBA, Linux), magic
  head -c 440 /usr/lib/syslinux/mbr/mbr.bin | dd bs=440 count=1 conv=sync status=none
  printf 'NCRN\0\0'
  printf '\x80\xfe\xff\xff\x0e\xfe\xff\xff'; le32 $boot_at; le32 $boot_len
  printf '\x00\xfe\xff\xff\x83\xfe\xff\xff'; le32 $data_at; le32 $data_len
  head -c 32 /dev/zero; printf '\x55\xaa'
} >"$work/mbr"
dd if="$work/mbr" of="$raw" conv=notrunc status=none

cp "$work/kernel/boot/vmlinuz-$release" "$work/vmlinuz"
# quiet, few probes: what makes the boot short under emulation
cmdline="console=ttyS0 quiet loglevel=4 panic=5 nokaslr mitigations=off audit=0 no_timer_check 8250.nr_uarts=2"
cmdline="$cmdline random.trust_cpu=on rcupdate.rcu_expedited=1 cryptomgr.notests net.ifnames=0"
printf 'SERIAL 0 115200\nDEFAULT nc\nPROMPT 0\nTIMEOUT 0\nLABEL nc\n  LINUX vmlinuz\n  INITRD initrd\n  APPEND %s\n' \
  "$cmdline" >"$work/syslinux.cfg"
truncate -s $((boot_len * 512)) "$work/boot"
mkfs.fat --invariant -F 16 -h $boot_at -n NCBOOT "$work/boot" >/dev/null
mcopy -m -i "$work/boot" "$work"/{vmlinuz,initrd,syslinux.cfg} ::
syslinux --install "$work/boot"
dd if="$work/boot" of="$raw" bs=512 seek=$boot_at conv=notrunc,sparse status=none
truncate -s $((data_len * 512)) "$work/data"
mkfs.ext4 -q -F -b 1024 -L novadata -O '^metadata_csum' -E lazy_itable_init=0,lazy_journal_init=0,root_owner=0:0,resize=16777216 "$work/data"
dd if="$work/data" of="$raw" bs=512 seek=$data_at conv=notrunc,sparse status=none

qemu-img convert -q -c -O qcow2 -o compat=1.1 "$raw" "$out.tmp"
cp "$work/vmlinuz" "${out%.qcow2}.vmlinuz"
mv "$out.tmp" "$out"
chmod 644 "$out" "${out%.qcow2}.vmlinuz"
log "$out: $(stat -c '%s bytes' "$out"), $SECONDS s"
