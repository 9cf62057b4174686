"""
host_wall.py HOME: the host script alone against hostile text, as injection.test.ts gives it on stdin; one JSON on stdout.

Python tells its audit hooks of each file that is opened and each program that is run, so what a text might do is seen
wherever it is done. A few hundred texts go the whole way: through the document's own `sh`, as the SSM agent runs it.
"""

import contextlib
import copy
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from novacron_host import answer, command, create  # noqa: E402
from novacron_host.payload import Order, instant  # noqa: E402
from novacron_host.place import Place  # noqa: E402

HOME = Path(sys.argv[1]).resolve()
GIVEN = json.load(sys.stdin)
OP, DOMAIN = "op-0123456789abcdefghjkmnpqrs", GIVEN["uuid"]
HARMLESS = re.compile(r"[A-Za-z0-9+/=.:-]*\Z")
PROGRAMS = ("/usr/bin/qemu-img",)
GOOD = {
    "SSM_Op": OP, "SSM_Attempt": "1", "SSM_NotAfter": "2099-01-01T00:00:00.000Z", "SSM_Domain": DOMAIN,
    "SSM_Payload": GIVEN["sealed"]["Payload"], "SSM_Digest": GIVEN["sealed"]["Digest"], "SSM_Unit": "1-source",
    "SSM_Bytes": "100", "SSM_End": "-1",
}  # fmt: skip
escapes, crashes = [], []


def watch(event, facts):
    """What happens in this process that text could have brought about."""
    if event in ("os.system", "os.exec", "os.posix_spawn", "os.fork", "socket.connect"):
        escapes.append([event, repr(facts)[:200]])
    if event == "subprocess.Popen" and (facts[0] not in PROGRAMS or isinstance(facts[1], str)):
        escapes.append([event, repr(facts)[:200]])
    if event == "open" and isinstance(facts[2], int) and facts[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        path = os.path.realpath(os.fsdecode(facts[0])) if isinstance(facts[0], (str, bytes)) else ""
        if path and not path.startswith((f"{HOME}/", "/dev/null")):
            escapes.append([event, path[:200]])


class FakeDomain:
    def setAutostart(self, _):
        pass

    def isActive(self):
        return True

    def UUIDString(self):
        return DOMAIN

    def state(self):
        return 1, 1


class FakeLibvirt:
    """Takes any definition, as a libvirt that validates nothing would."""

    defined = ""

    def defineXMLFlags(self, text, _):
        self.defined = text
        return FakeDomain()


def parameters(place, texts):
    """Each text as one parameter of a verb; what is reached beyond the parameters is a stub."""
    reached = []
    command._function = lambda verb: lambda *_: reached.append(verb) or {}
    names, verbs = sorted(GOOD), sorted(command.VERBS)
    for index, text in enumerate(texts):
        name, verb = names[index % len(names)], verbs[index % len(verbs)]
        reached.clear()
        try:
            said = command.run(place, verb, {**GOOD, name: text})
            answer.line(said)
            if reached and not HARMLESS.match(text) and name in used_by(verb):
                escapes.append(["reached", verb, name, text[:200]])
        except Exception as error:
            crashes.append([verb, name, text[:200], repr(error)[:200]])
    return len(texts)


def used_by(verb):
    if verb == "console-log":
        return ("SSM_Domain",)  # the rest is read by the verb itself
    fence = ("SSM_Op", "SSM_Attempt", "SSM_NotAfter", "SSM_Payload", "SSM_Digest")
    return (*fence, "SSM_Domain") if command.VERBS[verb].subject == "domain" else fence


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*path, index))
    else:
        yield path


def with_text(node, path, text):
    """A payload with one text changed; all else is the given one's, which nobody writes to."""
    if not path:
        return text
    changed = copy.copy(node)
    changed[path[0]] = with_text(node[path[0]], path[1:], text)
    return changed


def shape(text):
    def walk(element, path):
        yield path, tuple(sorted(element.attrib))
        for child in element:
            yield from walk(child, f"{path}/{child.tag}")

    tree = ElementTree.fromstring(text)
    return list(walk(tree, tree.tag))


def spoilt(payload, path, text, index):
    """The text in place of a value; in the XML it goes into or between its elements, or where an element begins."""
    if path != ("domainXml",) or index % 4 == 0:
        return text
    xml = payload["domainXml"]
    at = [match.start() for match in re.finditer("[<>\"]", xml)][index % 60]
    return xml[:at] + text + xml[at:]


def payloads(place, payload, texts):
    """Each text in one place of a create's payload, under a libvirt that would take anything."""
    libvirt = FakeLibvirt()
    create.connect, create.find = lambda: libvirt, lambda *_: None
    create._go_on_in_background = lambda *_: None
    order = Order(OP, 1, instant("2099-01-01T00:00:00.000Z"), DOMAIN, payload)
    wanted = shape(payload["domainXml"])
    accepted = command.attempt(lambda: create.create(place, order))["ok"]
    for text in json.loads(json.dumps(GIVEN["definitions"]).replace(GIVEN["pool"], str(place.pool))):
        create.check_definition(place, text, DOMAIN)  # what the plane writes for any machine passes
    places = list(leaves(payload)) + [("domainXml",)] * 10
    for index, text in enumerate(texts):
        path = places[index % len(places)]
        changed = with_text(payload, path, spoilt(payload, path, text, index))
        libvirt.defined = ""
        try:
            with contextlib.redirect_stderr(io.StringIO()):
                said = command.attempt(lambda: create.create(place, order._replace(payload=changed)))
            answer.line(said)
            if libvirt.defined and shape(libvirt.defined) != wanted:
                escapes.append(["defined", libvirt.defined[:500]])
        except Exception as error:
            crashes.append([list(map(str, path)), text[:200], repr(error)[:200]])
    return len(texts), accepted


def wrapped(texts):
    """The document's own script by `sh`, its parameters in the environment: nothing in the directory it runs in."""
    code, yard = HOME / "unit", HOME / "yard"
    unit = Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"
    (code / "test-1").mkdir(parents=True)
    (code / "test-1/current").symlink_to(unit)
    yard.mkdir()
    script = GIVEN["script"].replace("/usr/lib/novacron", str(code)).replace("$unit/VERSION", "$unit/__main__.py")
    count = 0
    for index, text in enumerate(texts):
        name = sorted(GOOD)[index % len(GOOD)]
        if "\0" in text or HARMLESS.match(text) or name in ("SSM_Unit", "SSM_Bytes", "SSM_End"):
            continue
        values = {key: value.encode("utf-8", "surrogateescape" if key != name else "replace") for key, value in {**GOOD, name: text}.items()}
        done = subprocess.run(["sh", "-c", script], env={b"PATH": b"/usr/bin:/bin", **{k.encode(): v for k, v in values.items()}},
                              cwd=yard, capture_output=True, check=False)  # fmt: skip
        count += 1
        if done.returncode != answer.BAD_INPUT or not done.stdout.startswith(b"NOVACRON1 "):
            crashes.append(["sh", name, text[:200], done.returncode, done.stderr.decode(errors="replace")[-300:]])
        if list(yard.iterdir()):
            escapes.append(["canary", name, text[:200]])
    return count


def main():
    place = Place("test-1", str(HOME / "root"))
    pool, image = HOME / "root/pool", HOME / "image.raw"
    image.write_bytes(b"\0" * 1024)
    place.settings.mkdir(parents=True)
    place.config_file.write_text(json.dumps({"poolPath": str(pool)}))
    payload = json.loads(json.dumps(GIVEN["payload"]).replace(GIVEN["pool"], str(pool)))
    sha = hashlib.sha256(image.read_bytes()).hexdigest()
    payload["disks"][0]["base"] = {"imageId": f"img-{'0' * 16}", "path": str(image), "sha256": sha, "format": "raw"}
    sys.addaudithook(watch)
    tried = parameters(place, GIVEN["texts"])
    bodies, accepted = payloads(place, payload, GIVEN["texts"][::10])
    found = list(escapes)
    ran = wrapped(GIVEN["texts"][:: max(1, len(GIVEN["texts"]) // GIVEN["wrapped"])])  # runs programs itself
    found += [each for each in escapes[len(found) :] if each[0] == "canary"]
    print(json.dumps({"parameters": tried, "payloads": bodies, "accepted": accepted, "escapes": found[:20],
                      "crashes": crashes[:20], "wrapped": ran}))  # fmt: skip


main()
