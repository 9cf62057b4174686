"""
What tells this host from every other machine, though its agent registers anew: a chain of hashes over a secret that never
leaves it. The plane knows its last link; whoever can name the link before is the host (parts/prove_host.py), and that one
is known from then on.
"""

import hashlib
import secrets

from .fence import locked
from .place import Place, write_whole

# How often a host can be proved before its chain is used up; walking it takes less than a millisecond.
LINKS = 1000
LOCK_SECONDS = 5.0


def last_link(place: Place) -> str:
    """The end of the chain; the secret is made the first time. It stays until the unit is taken away."""
    link = _secret(place)
    for _ in range(LINKS):
        link = hashlib.sha256(link.encode()).hexdigest()
    return link


def _secret(place: Place) -> str:
    file = place.identity_file
    if not file.exists():
        with locked(place.state / "locks/identity.lock", LOCK_SECONDS):  # of two that make one at once, one counts
            if not file.exists():
                write_whole(file, secrets.token_hex(32), durable=True)
    return file.read_text()
