"""A lab host for the figures of the host's part, and a clock that runs on it."""

import base64
import hashlib
import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test/host-real"))

from lab import INSTALLATION, ROOT, Lab, Vm, eventually  # noqa: E402


def ready_lab() -> Lab:
    """An enrolled host with its unit running, as hosts are."""
    lab = Lab()
    state = f"/var/lib/novacron/{INSTALLATION}"
    try:
        lab.sh(f"mkdir -p {state} && cp {ROOT}/.novacron/cache/test.vmlinuz {state}/probe.vmlinuz")
        lab.enrol()
        eventually(lambda: lab.plane.reports, 30)
        eventually(lambda: lab.sh(f"ls /run/novacron/{INSTALLATION}"), 30)
    except BaseException:
        lab.close()
        raise
    return lab


def clocked(lab: Lab, script: str) -> tuple[float, str]:
    """Milliseconds of one script, measured on the host, and what it said."""
    file = lab.directory / "bench.sh"
    file.write_text(script)
    clock = f"s=$(date +%s%N); sh {file} >&2; e=$(date +%s%N); echo $(( (e - s) / 1000 ))"
    done = lab.hosts("exec", "1", "sh", "-c", clock, capture_output=True, text=True)
    return int(done.stdout) / 1000, done.stderr


def ordered(lab: Lab, verb: str, op: str, payload: dict, vm: Vm) -> str:
    """The script of a verb as the agent runs it, its parameters in the environment."""
    text = base64.b64encode(json.dumps(payload).encode()).decode()
    values = {
        "Op": op,
        "Attempt": "1",
        "NotAfter": "2099-01-01T00:00:00.000Z",
        "Domain": vm.uuid,
        "Payload": text,
        "Digest": hashlib.sha256(text.encode()).hexdigest(),
    }
    exports = "".join(f"export SSM_{name}='{value}'\n" for name, value in values.items())
    return exports + "\n".join(lab.documents[verb]["mainSteps"][0]["inputs"]["runCommand"])


def figures(found: dict[str, list[float]], rounds: int) -> None:
    """Prints medians, their ratios to ours and the spread, as one line of JSON."""
    medians = {name: round(statistics.median(times), 1) for name, times in found.items()}
    ratios = {f"of {name}": round(medians["novacron"] / medians[name], 3) for name in medians if name != "novacron"}
    spread = {name: [round(min(times), 1), round(max(times), 1)] for name, times in found.items()}
    print(json.dumps({"rounds": rounds, "medianMs": medians, "ratio": ratios, "minMaxMs": spread}))
