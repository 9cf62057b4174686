"""A disk that loses what it was not told to keep: a file system on a loop device, shut down as a power cut leaves it."""

import ctypes
import fcntl
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SIZE = 512 << 20
CLONE_NEWNS = 0x00020000
# FS_IOC_SHUTDOWN of ext4 and XFS (linux/fs.h): what is neither written nor in the journal's part on disk is gone.
SHUTDOWN, WITHOUT_FLUSH = 0x8004587D, ctypes.c_uint32(2)
MKFS = {"ext4": ("e2fsprogs", ["mkfs.ext4", "-q", "-F"]), "xfs": ("xfsprogs", ["mkfs.xfs", "-q"])}


def need_package(name: str) -> None:
    """Returns once Debian's package is installed."""
    subprocess.run(["bash", "-c", f". {ROOT}/local/packages.sh && need_packages {name}"], check=True)


class Disk:
    """
    What `cut` takes is the kernel's memory of files and its open journal. A drive's own volatile cache is not: the loop
    device's file has whatever reached the device, asked to flush or not.
    """

    def __init__(self, directory: Path, kind: str):
        package, mkfs = MKFS[kind]
        need_package(package)
        _have_mounts_of_our_own()
        self.file, self.place = directory / "disk.img", directory / "disk"
        self.place.mkdir()
        with open(self.file, "wb") as file:
            file.truncate(SIZE)
        subprocess.run([*mkfs, self.file], check=True, stdout=subprocess.DEVNULL)
        self._mount()

    def cut(self) -> None:
        """Nothing is written from now on. Whoever uses it must be dead."""
        handle = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, WITHOUT_FLUSH)
        finally:
            os.close(handle)

    def return_(self) -> None:
        """Mounts it anew; the journal is replayed."""
        self.close()
        self._mount()

    def close(self) -> None:
        """Takes it out; a dead process, or a namespace of the host's, may hold it for a moment."""
        for _ in range(1200):
            subprocess.run(["umount", self.place], check=False, capture_output=True)
            if not subprocess.run(["losetup", "-j", self.file], check=True, capture_output=True).stdout:
                return
            time.sleep(0.05)
        raise AssertionError(f"{self.place} is still used")

    def _mount(self) -> None:
        subprocess.run(["mount", "-o", "loop", self.file, self.place], check=True)


def _have_mounts_of_our_own() -> None:
    """Another lab that starts meanwhile would hold a copy of the mount, and with it the disk, as long as it runs."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:  # os.unshare is Python 3.12's
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
