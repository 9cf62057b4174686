"""
What the document of a verb starts that only speaks with libvirt: `python3 -I -S ask.py <installation> <verb>`.

It hands the verb to the host unit (novacron_host/resident.py) and prints its answer. Where the unit of this very version
does not take it, or dies on the way, it becomes the program that does the verb itself: the fence's journal makes the two one.
Only modules that are part of the interpreter are imported: each other one costs what this is here to save.
"""

import posix
import sys

import _socket

PYTHON = "/usr/bin/python3"
TAKEN = b"\x06"
# A unit that lives takes a verb in a few milliseconds.
TAKEN_WITHIN_SECONDS = 2.0


def main() -> None:
    """Ends this process by the verb's exit code, or runs the program in its place."""
    home = __file__.rpartition("/")[0]
    said = asked(socket_of(home, sys.argv[1]), request(sys.argv[2])) if len(sys.argv) == 3 else None
    if said is None:
        posix.execv(PYTHON, [PYTHON, "-I", home, *sys.argv[1:]])
    code, line = said
    while line:
        line = line[posix.write(1, line) :]
    posix._exit(code)


def socket_of(home: str, installation: str) -> str:
    """Where the unit of this version listens: units and documents of different ones do not meet."""
    root = home.rpartition("/usr/lib/novacron/")[0]
    try:
        version = posix.readlink(home)
    except OSError:
        version = home.rpartition("/")[2]
    return f"{root}/run/novacron/{installation}/{version}.sock"


def request(verb: str) -> bytes:
    """The verb and the document's parameters; no variable of an environment has a NUL in it."""
    parameters = [name + b"=" + value for name, value in posix.environ.items() if name.startswith(b"SSM_")]
    return b"\0".join([verb.encode(), *parameters])


def asked(path: str, text: bytes) -> "tuple[int, bytes] | None":
    """The exit code and the line that the unit answers, whole, or None."""
    link = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        link.settimeout(TAKEN_WITHIN_SECONDS)
        link.connect(path)
        link.sendall(text)
        link.shutdown(_socket.SHUT_WR)
        if link.recv(1) != TAKEN:
            return None
        link.settimeout(None)  # what hangs is ended over there, by its own time
        return whole(link)
    except OSError:
        return None


def whole(link: "_socket.socket") -> "tuple[int, bytes] | None":
    """`<exit code> <line>` up to its line end, or None: it was cut."""
    said = b""
    while not said.endswith(b"\n"):
        piece = link.recv(65536)
        if not piece:
            return None
        said += piece
    code, _, line = said.partition(b" ")
    return (int(code), line) if code.isdigit() else None


if __name__ == "__main__":
    main()
