"""
What the document ProveHost runs on a machine whose agent has registered for a host that the plane knows already:
`python3 -I - <installation> prove-host`. It says by what this machine is that host, and changes nothing.

By a link of the chain that novacron_host/identity.py keeps here: the one before the `Link` that the plane knows. Where that is
`none`, of a host whose unit was older than the chain, by what is here: as which host it was prepared, and whose domains it has.
It needs no host unit: on another machine there is none, and one of before knows nothing of this.
"""

import hashlib
import json
import os
import sys
from xml.etree import ElementTree

MARK = "{https://novacron.dev/libvirt/1}vm"
LONGEST = 900


def main(installation, _verb):
    known = os.environ["SSM_Link"]
    result = held(installation) if known == "none" else {"link": link_before(installation, known)}
    told = {name: value for name, value in result.items() if value}
    text = json.dumps({"ok": True, "result": told}, separators=(",", ":"))
    print("NOVACRON1", len(text), hashlib.sha256(text.encode()).hexdigest(), text)


def link_before(installation, known):
    """The link whose hash is the one that is known; never the secret itself, with which the chain begins."""
    try:
        with open(f"/var/lib/novacron/{installation}/identity") as file:
            link = hashlib.sha256(file.read().encode()).hexdigest()
    except OSError:
        return None
    for _ in range(1000):
        after = hashlib.sha256(link.encode()).hexdigest()
        if after == known:
            return link
        link = after
    return None


def held(installation):
    """The host that this machine was prepared as, and the VMs of the installation that libvirt has here."""
    try:
        with open(f"/etc/novacron/{installation}/config.json") as file:
            prepared_as = json.load(file).get("hostId")
    except (OSError, ValueError):
        return {}
    return {"preparedAs": prepared_as, "vmIds": vms_of(installation)[:LONGEST]}


def vms_of(installation):
    try:
        import libvirt
    except ImportError:
        return []
    libvirt.registerErrorHandler(lambda _context, _error: None, None)
    try:
        domains = libvirt.openReadOnly("qemu:///system").listAllDomains()
        marks = [ElementTree.fromstring(domain.XMLDesc()).find(f"metadata/{MARK}") for domain in domains]
    except libvirt.libvirtError:
        return []
    return sorted(mark.get("id") for mark in marks if mark is not None and mark.get("installation") == installation)


main(*sys.argv[1:])
