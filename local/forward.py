"""forward.py NETNS PORT...: makes 127.0.0.1:PORT of a network namespace reach 127.0.0.1:PORT of this one.

The listening sockets are made inside the namespace, the connections outside: so a lab host without any other way out
reaches the embedded AWS and nothing else. Stopping this process (SIGSTOP) is a partition: packets are neither
answered nor refused.
"""

import ctypes
import selectors
import socket
import sys
import threading

CLONE_NEWNET = 0x40000000
CHUNK = 65536


def enter(descriptor: int) -> None:
    """Moves this thread into a network namespace (os.setns is Python 3.12's)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def listen_inside(namespace: str, port: int) -> socket.socket:
    """A listening socket of the namespace; sockets stay in the one they were made in."""
    with open("/proc/thread-self/ns/net", "rb") as own, open(namespace, "rb") as inside:
        enter(inside.fileno())
        try:
            listener = socket.create_server(("127.0.0.1", port), backlog=128)
        finally:
            enter(own.fileno())
    return listener


def copy(source: socket.socket, sink: socket.socket) -> None:
    """One direction of a connection; passes the end on."""
    try:
        while data := source.recv(CHUNK):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            end.close()


def join(client: socket.socket, port: int) -> None:
    """Both directions of one connection."""
    with client:
        try:
            server = socket.create_connection(("127.0.0.1", port), timeout=10)
        except OSError:
            return
        with server:
            server.settimeout(None)
            back = threading.Thread(target=copy, args=(server, client), daemon=True)
            back.start()
            copy(client, server)
            back.join()


def main(namespace: str, ports: list[int]) -> None:
    """Serves until it is killed."""
    waiting = selectors.DefaultSelector()
    for port in ports:
        waiting.register(listen_inside(namespace, port), selectors.EVENT_READ, port)
    while True:
        for key, _ in waiting.select():
            client, _ = key.fileobj.accept()
            threading.Thread(target=join, args=(client, key.data), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], [int(port) for port in sys.argv[2:]])
