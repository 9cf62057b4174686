"""The host's part of a create (clone, seed, define, autostart, start) beside its peers in the same run, as JSON.

`virsh`: qemu-img, a seed by genisoimage or xorriso, then one virsh process. `virt-install --import` where it is there.
Rounds alternate, so that a busy machine is equally busy for all. Needs root; a lab host of local/hosts.sh is made.
"""

import base64
import hashlib
import json
import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "test/host-real"))

from lab import INSTALLATION, POOL, ROOT, Lab, Vm, image_spec, op_id  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
BASE = f"{POOL}/images/{image_spec()['imageId']}.qcow2"

PEER = """set -e
qemu-img create -q -f qcow2 -F qcow2 -b {base} {disk} 128M
d=$(mktemp -d); printf 'instance-id: {id}\\n' >$d/meta-data; printf '#cloud-config\\n' >$d/user-data
{iso} -quiet -V cidata -J -r -o {seed} $d/meta-data $d/user-data 2>/dev/null
rm -r $d
printf 'define --validate {xml}\\nautostart {name}\\nstart {name}\\n' | virsh -q >/dev/null
"""
IMPORT = """set -e
qemu-img create -q -f qcow2 -F qcow2 -b {base} {disk} 128M
virt-install --connect qemu:///system --virt-type qemu --name {name} --memory 160 --vcpus 1 --machine pc --import \
  --disk path={disk} --network network=default --graphics none --noautoconsole --autostart \
  --osinfo detect=off,require=off >/dev/null 2>&1
"""


def timed(lab: Lab, vm: Vm, script: str, env: dict) -> float:
    """Milliseconds of one script on the host, measured there; the VM is taken away afterwards."""
    file = lab.directory / "bench.sh"
    file.write_text(script)
    clock = f"s=$(date +%s%N); sh {file} >&2; e=$(date +%s%N); echo $(( (e - s) / 1000 ))"
    done = lab.hosts("exec", "1", "sh", "-c", clock, capture_output=True, text=True, **env)
    name = f"{vm.name}-{vm.id[-6:]}"
    if lab.virsh("domstate", name) != "running":
        raise SystemExit(f"{name} does not run: {done.stderr}")
    lab.sh(f"virsh -q destroy {name}; virsh -q undefine {name}; rm -f {vm.disk} {vm.seed} {vm.console}")
    return int(done.stdout) / 1000


def ours(lab: Lab, index: int) -> float:
    vm = Vm(f"ours-{index}")
    op = op_id(vm.name)
    text = base64.b64encode(json.dumps(vm.create(op, "#cloud-config\n")).encode()).decode()
    values = {
        "Op": op,
        "Attempt": "1",
        "NotAfter": "2099-01-01T00:00:00.000Z",
        "Domain": vm.uuid,
        "Payload": text,
        "Digest": hashlib.sha256(text.encode()).hexdigest(),
    }
    exports = "".join(f"export SSM_{name}='{value}'\n" for name, value in values.items())
    return timed(lab, vm, exports + lab.documents["create-vm"]["mainSteps"][0]["inputs"]["runCommand"][0], {})


def peer(lab: Lab, index: int, kind: str, script: str) -> float:
    vm = Vm(f"{kind}-{index}")
    xml = lab.directory / "peer.xml"
    xml.write_text(vm.xml(op_id(vm.name)))
    iso = "genisoimage" if shutil.which("genisoimage") else "xorriso -as mkisofs"
    names = {"base": BASE, "disk": vm.disk, "seed": vm.seed, "id": vm.id, "xml": xml, "iso": iso}
    return timed(lab, vm, script.format(name=f"{vm.name}-{vm.id[-6:]}", **names), {})


def main() -> None:
    lab = Lab()
    try:
        state = f"/var/lib/novacron/{INSTALLATION}"
        lab.sh(f"mkdir -p {state} && cp {ROOT}/.novacron/cache/test.vmlinuz {state}/probe.vmlinuz")
        lab.enrol()
        lab.sh(f"/usr/bin/python3 -I /usr/lib/novacron/{INSTALLATION}/current {INSTALLATION} stop-unit")
        ours(lab, -1)  # brings the image into the cache
        found: dict[str, list[float]] = {"novacron": [], "virsh": []}
        if shutil.which("virt-install"):
            found["virt-install"] = []
        for index in range(ROUNDS):
            found["novacron"].append(ours(lab, index))
            found["virsh"].append(peer(lab, index, "virsh", PEER))
            if "virt-install" in found:
                found["virt-install"].append(peer(lab, index, "import", IMPORT))
    finally:
        lab.close()
    medians = {name: round(statistics.median(times), 1) for name, times in found.items()}
    ratios = {f"of {name}": round(medians["novacron"] / medians[name], 3) for name in medians if name != "novacron"}
    spread = {name: [round(min(times), 1), round(max(times), 1)] for name, times in found.items()}
    print(json.dumps({"rounds": ROUNDS, "medianMs": medians, "ratio": ratios, "minMaxMs": spread}))


if __name__ == "__main__":
    main()
