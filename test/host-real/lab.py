"""One real libvirt host, a plane that only listens, and documents run as the SSM agent runs them."""

import base64
import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path

from disk import Disk, need_package

ROOT = Path(__file__).resolve().parents[2]
INSTALLATION = "host-test"
POOL = f"/var/lib/libvirt/images/novacron/{INSTALLATION}"
IMAGE = Path(os.environ.get("NOVACRON_TEST_IMAGE", ROOT / ".novacron/cache/test.qcow2"))
NODE = ROOT / "node_modules/.bin/node"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def base32(text: str, length: int) -> str:
    """As lambdas/domain/ids.ts makes ids."""
    return "".join(ALPHABET[byte & 31] for byte in hashlib.sha256(text.encode()).digest()[:length])


def op_id(text: str) -> str:
    return f"op-{base32(text, 26)}"


class Vm:
    """A VM of the tests: what the plane would have decided about it."""

    def __init__(self, name: str, **overrides):
        self.name = name
        self.id = f"vm-{base32(name, 16)}"
        self.uuid = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
        self.console = f"{POOL}/disks/{self.id}.console.log"
        self.disk = f"{POOL}/disks/{self.id}-0.qcow2"
        self.seed = f"{POOL}/seeds/{self.id}.iso"
        self.settings = {"ready": "auto", "timeout": 120, "network": "default", "kind": "qemu", **overrides}

    def xml(self, op: str) -> str:
        s = self.settings
        return f"""<domain type='{s["kind"]}'><name>{self.name}-{self.id[-6:]}</name><uuid>{self.uuid}</uuid>
  <title>{self.name}</title><metadata><novacron:vm xmlns:novacron='https://novacron.dev/libvirt/1'
   installation='{INSTALLATION}' id='{self.id}' operation='{op}' ready='{s["ready"]}'
   readyTimeoutSeconds='{s["timeout"]}'/></metadata>
  <memory unit='MiB'>160</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
  <features><acpi/><apic/></features><on_crash>destroy</on_crash>
  <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='{self.disk}'/>
      <target dev='vda' bus='virtio'/><boot order='1'/></disk>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='{self.seed}'/>
      <target dev='hda' bus='ide'/><readonly/></disk>
    <interface type='network'><mac address='52:54:00:{self.uuid[0:2]}:{self.uuid[2:4]}:{self.uuid[4:6]}'/>
      <source network='{s["network"]}'/><model type='virtio'/></interface>
    <serial type='pty'><log file='{self.console}' append='on'/><target port='0'/></serial>
    <console type='pty'><target type='serial' port='0'/></console>
    <channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>
    <memballoon model='virtio'><stats period='10'/></memballoon>
    <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>"""

    def create(self, op: str, user_data: str = "", **changes) -> dict:
        payload = {
            "vm": {"id": self.id, "name": self.name, "hostname": self.name},
            "domainXml": self.xml(op),
            "disks": [{"path": self.disk, "sizeGiB": 0.125, "base": image_spec()}],
            "seed": {
                "path": self.seed,
                "metaData": f"instance-id: {self.id}\nlocal-hostname: {self.name}\n",
                "userData": {"text": user_data},
            },
            "console": self.console,
            "ready": self.settings["ready"],
            "readyTimeoutSeconds": self.settings["timeout"],
            "autostart": True,
        }
        return {**payload, **changes}

    def subject(self, **more) -> dict:
        return {"vm": {"id": self.id, "name": self.name}, **more}


def image_spec(**changes) -> dict:
    spec = {"imageId": f"img-{base32('test', 16)}", "path": str(IMAGE), "format": "qcow2"}
    return {**spec, "sha256": hashlib.sha256(IMAGE.read_bytes()).hexdigest(), **changes}


class Plane(http.server.ThreadingHTTPServer):
    """Takes reports and samples, as POST /v1/hosts/{id}/report and /metrics do; `away` answers 503."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reports: list[dict] = []
        self.samples: list[dict] = []
        self.at: list[float] = []
        self.on_report = lambda _report: None
        self.tokens: list[str] = []
        self.away = False
        self.rotate_to = ""
        self.wanted: dict = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def events(self, vm: Vm) -> list[dict]:
        return [event for report in list(self.reports) for event in report["events"] if event["domain"] == vm.uuid]

    def kinds(self, vm: Vm) -> list[str]:
        return [event["kind"] for event in self.events(vm)]

    def results(self) -> list[dict]:
        return [result for report in list(self.reports) for result in report.get("results", [])]

    def measured(self, vm: Vm) -> list[dict]:
        """The values of a VM, oldest first, of the samples that hold it."""
        found = [domain for sample in list(self.samples) for domain in sample["domains"]]
        return [domain["values"] for domain in found if (domain["uuid"], domain.get("vmId")) == (vm.uuid, vm.id)]

    def inventory(self) -> dict:
        """The last one, by UUID."""
        found = [report["inventory"] for report in list(self.reports) if "inventory" in report]
        return {domain["uuid"]: domain for domain in found[-1]} if found else {}


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        served = self.server.files.get(self.path) if hasattr(self.server, "files") else None
        if isinstance(served, str):
            self.send_response(302)
            self.send_header("Location", served)
            self.end_headers()
            return
        self._say(200, served if served is not None else b"{}")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.server.away:
            self._say(503, b"{}")
            return
        if self.path.endswith("/metrics"):
            self.server.samples += body["samples"]
            self._say(200, b'{"sampleSeconds": 15}')
            return
        self.server.tokens.append(self.headers["authorization"])
        self.server.reports.append(body)
        self.server.at.append(time.monotonic())
        self.server.on_report(body)
        answer = {"beatSeconds": 2, "wanted": self.server.wanted}
        if self.server.rotate_to:
            answer["token"] = self.server.rotate_to
        self._say(200, json.dumps(answer).encode())

    def _say(self, status: int, body: bytes):
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Lab:
    """Host 1 of local/hosts.sh with the documents of this tree."""

    def __init__(self, disk: str = ""):
        """`disk`: the file system on a disk of the host's own, which a power cut may take what was not synced from."""
        self.directory = Path(tempfile.mkdtemp(prefix="novacron-host-real-"))
        self.disk = Disk(self.directory, disk) if disk else None
        self.home = (self.disk.place if self.disk else self.directory) / "lab"
        self.plane = Plane()
        self.port = self.plane.server_address[1]
        self.env = {
            **os.environ,
            "NOVACRON_LAB": str(self.home),
            "NOVACRON_LAB_NET": os.environ.get("NOVACRON_LAB_NET", "10.79.0"),
            "NOVACRON_FORWARD": str(self.port),
        }
        self._clean = self.env
        documents = self.directory / "documents"
        documents.mkdir()
        subprocess.run([NODE, Path(__file__).with_name("write-documents.ts"), INSTALLATION, documents], check=True)
        self.documents = {path.stem: json.loads(path.read_text()) for path in documents.glob("*.json")}
        self.hosts("up", "1")
        self._attempts: dict[str, int] = {}

    def hosts(self, *words: str, **options) -> subprocess.CompletedProcess:
        done = subprocess.run(["bash", ROOT / "local/hosts.sh", *words], check=False, env=self.env, **options)
        if done.returncode != 0:
            raise AssertionError(f"hosts.sh {' '.join(words)}: {done.returncode} {done.stderr}")
        return done

    def sh(self, script: str) -> str:
        return self.hosts("exec", "1", "sh", "-c", script, capture_output=True, text=True).stdout

    def virsh(self, *words: str) -> str:
        return self.hosts("exec", "1", "virsh", "-q", *words, capture_output=True, text=True).stdout.strip()

    def in_guest(self, vm: Vm, path: str, *words: str) -> None:
        """Runs a program in the guest. An agent may let go of its channel and take it again a moment after it answered."""
        asked = json.dumps({"execute": "guest-exec", "arguments": {"path": path, "arg": list(words)}})

        def taken() -> bool:
            try:
                return bool(self.virsh("qemu-agent-command", vm.uuid, asked))
            except AssertionError as error:
                if "not connected" not in str(error):
                    raise
                return False

        eventually(taken, 30)

    def run(self, verb: str, parameters: dict) -> tuple[int, str]:
        """What the agent does: each parameter an environment variable, the script a file for sh."""
        document = self.documents[verb]
        defaults = {name: rule["default"] for name, rule in document["parameters"].items() if "default" in rule}
        values = {f"SSM_{name}": value for name, value in {**defaults, **parameters}.items()}
        script = self.directory / f"{verb}.sh"
        script.write_text("\n".join(document["mainSteps"][0]["inputs"]["runCommand"]))
        done = subprocess.run(
            ["bash", ROOT / "local/hosts.sh", "exec", "1", "sh", "-c", script.read_text()],
            env={**self.env, **values}, capture_output=True, text=True, timeout=180,
        )  # fmt: skip
        if done.returncode == 1 or done.stderr.strip():
            print(verb, done.returncode, done.stderr)
        return done.returncode, done.stdout

    def order(self, verb: str, op: str, payload: dict, vm: Vm | None = None, attempt: int = 0, seconds=60) -> dict:
        """A fenced verb; attempts rise by themselves. The answer, checked as the plane checks it, with `code`."""
        self._attempts[op] = attempt or self._attempts.get(op, 0) + 1
        text = base64.b64encode(json.dumps(payload).encode()).decode()
        at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
        code, out = self.run(
            verb,
            {
                "Op": op,
                "Attempt": str(self._attempts[op]),
                "NotAfter": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
                "Payload": text,
                "Digest": hashlib.sha256(text.encode()).hexdigest(),
                **({"Domain": vm.uuid} if vm else {}),
            },
        )
        return {**read_answer(out), "code": code}

    def enrol(self, op: str = "enrol") -> dict:
        return self.order(
            "enrol-host",
            op_id(op),
            {
                "installation": INSTALLATION,
                "hostId": f"h-{base32('host', 16)}",
                "hostName": "h1",
                "apiUrl": f"http://127.0.0.1:{self.port}",
                "token": "first-token",
                "poolPath": POOL,
                "beatSeconds": 2,
            },
        )

    def have_facts_told(self) -> None:
        """An event, with which a host tells its facts at once; else it does so each minute."""
        nudge = self.directory / "nudge.xml"
        nudge.write_text("<domain type='qemu'><name>nudge</name><memory>1024</memory><os><type>hvm</type></os></domain>")
        self.virsh("define", str(nudge))
        self.virsh("undefine", "nudge")

    def leave_acceleration_untried(self) -> None:
        """Enrolment takes what is noted here, and boots no kernel of its own to find out: half a minute."""
        note = """import json, libvirt, os
of = f"{os.uname().release} {libvirt.open().getVersion()}"
print(json.dumps({"of": of, "kind": "tcg", "reason": None}))"""
        state = f"/var/lib/novacron/{INSTALLATION}"
        self.sh(f"mkdir -p {state} && /usr/bin/python3 -c '{note}' >{state}/accel.json")

    def power_cut(self) -> None:
        """Every process of the host dies at once; its disk loses what was not synced. `boot` starts it again."""
        host, forward = (int((self.home / "h1" / name).read_text().split()[0]) for name in ("pid", "forward.pid"))
        os.kill(host, signal.SIGKILL)
        if self.disk:
            self.disk.cut()
            os.kill(forward, signal.SIGKILL)
            self.disk.return_()
        self.hosts("kill", "1")

    def boot(self) -> None:
        """The host is switched on: libvirtd with its autostart, then the unit."""
        self.hosts("start", "1")
        self.unit("start-unit")

    def unit(self, word: str) -> None:
        self.sh(f"/usr/bin/python3 -I /usr/lib/novacron/{INSTALLATION}/current {INSTALLATION} {word}")

    def begin_faking_the_clock(self) -> None:
        """From now on the host's libvirtd, unit and scripts see the time that `set_clock` gives."""
        need_package("gcc libc6-dev")
        library = self.directory / "leaping_clock.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("leaping_clock.c")], check=True)
        self.set_clock(0)
        self.env = {**self._clean, "LD_PRELOAD": str(library), "LEAP_FILE": str(self.directory / "clock")}
        self.hosts("bounce", "1")
        self.unit("stop-unit")
        # as start-unit does, which gives a service nothing of its own environment
        supervise = f"/usr/lib/novacron/{INSTALLATION}/current {INSTALLATION} supervise"
        self.sh(f"setsid /usr/bin/python3 -I {supervise} </dev/null >/dev/null 2>&1 &")

    def end_faking_the_clock(self) -> None:
        """Everything is as it was."""
        self.env = self._clean
        self.hosts("bounce", "1")
        self.unit("start-unit")

    def set_clock(self, seconds: int) -> None:
        """So far ahead of the right time, or behind."""
        fresh = self.directory / "clock.new"
        fresh.write_text(f"{seconds:+d}\n")
        os.replace(fresh, self.directory / "clock")

    def close(self):
        self.hosts("down")
        if self.disk:
            self.disk.close()
        self.plane.shutdown()
        shutil.rmtree(self.directory, ignore_errors=True)


def read_answer(out: str) -> dict:
    """The JSON of the one answer line. Raises AssertionError for anything else."""
    prefix, length, digest, text = out.strip().split(" ", 3)
    assert prefix == "NOVACRON1" and int(length) == len(text), out
    assert hashlib.sha256(text.encode()).hexdigest() == digest, out
    return json.loads(text)


def eventually(what, seconds: float = 90.0, step: float = 0.25):
    """What it returns once that is true. Raises AssertionError when it does not come to be."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(step)
    raise AssertionError(f"not within {seconds} s")
