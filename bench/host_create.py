"""The host's part of a create (clone, seed, define, autostart, start) beside its peers in the same run, as JSON.

`virsh`: qemu-img, a seed by genisoimage or xorriso, then one virsh process. `virt-install --import` where it is there.
Rounds alternate, so that a busy machine is equally busy for all. Needs root; a lab host of local/hosts.sh is made.
"""

import shutil
import sys

from host_clock import clocked, figures, ordered, ready_lab
from lab import POOL, Lab, Vm, image_spec, op_id

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


def timed(lab: Lab, vm: Vm, script: str) -> float:
    """Milliseconds of one script on the host; the VM is taken away afterwards."""
    took, said = clocked(lab, script)
    name = f"{vm.name}-{vm.id[-6:]}"
    if lab.virsh("domstate", name) != "running":
        raise SystemExit(f"{name} does not run: {said}")
    lab.sh(f"virsh -q destroy {name}; virsh -q undefine {name}; rm -f {vm.disk} {vm.seed} {vm.console}")
    return took


def ours(lab: Lab, index: int) -> float:
    vm = Vm(f"ours-{index}")
    op = op_id(vm.name)
    return timed(lab, vm, ordered(lab, "create-vm", op, vm.create(op, "#cloud-config\n"), vm))


def peer(lab: Lab, index: int, kind: str, script: str) -> float:
    vm = Vm(f"{kind}-{index}")
    xml = lab.directory / "peer.xml"
    xml.write_text(vm.xml(op_id(vm.name)))
    iso = "genisoimage" if shutil.which("genisoimage") else "xorriso -as mkisofs"
    names = {"base": BASE, "disk": vm.disk, "seed": vm.seed, "id": vm.id, "xml": xml, "iso": iso}
    return timed(lab, vm, script.format(name=f"{vm.name}-{vm.id[-6:]}", **names))


def main() -> None:
    lab = ready_lab()
    try:
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
    figures(found, ROUNDS)


if __name__ == "__main__":
    main()
