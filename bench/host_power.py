"""The host's part of one of start, stop, reset and reboot beside one virsh process in the same run, as JSON.

`stop` is the plug on both sides: how long a guest takes to shut down is its own affair. Both drive the same domain, in
turn, so that a busy machine is equally busy for both. Needs root; a lab host of local/hosts.sh is made.
"""

import sys

from host_clock import clocked, figures, ordered, ready_lab
from lab import Lab, Vm, op_id

VERB = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 10

# What virsh calls it, the state it begins in, the one it ends in.
VERBS = {
    "start": ("start", "shut off", "running"),
    "stop": ("destroy", "running", "shut off"),
    "reset": ("reset", "running", "running"),
    "reboot": ("reboot --mode acpi", "running", "running"),
}


def bring(lab: Lab, vm: Vm, state: str) -> None:
    if lab.virsh("domstate", vm.uuid) != state:
        lab.virsh("start" if state == "running" else "destroy", vm.uuid)


def round_of(lab: Lab, vm: Vm, script: str) -> float:
    _, before, after = VERBS[VERB]
    bring(lab, vm, before)
    took, said = clocked(lab, script)
    if lab.virsh("domstate", vm.uuid) != after:
        raise SystemExit(f"it is not {after}: {said}")
    return took


def main() -> None:
    lab = ready_lab()
    try:
        vm = Vm("power")
        lab.order("create-vm", op_id("create"), vm.create(op_id("create")), vm)
        found: dict[str, list[float]] = {"novacron": [], "virsh": []}
        for index in range(ROUNDS):
            payload = vm.subject(**({"force": True} if VERB == "stop" else {}))
            order = ordered(lab, f"{VERB}-vm", op_id(f"{VERB}-{index}"), payload, vm)
            found["novacron"].append(round_of(lab, vm, order))
            found["virsh"].append(round_of(lab, vm, f"virsh -q {VERBS[VERB][0]} {vm.uuid}"))
    finally:
        lab.close()
    figures(found, ROUNDS)


if __name__ == "__main__":
    main()
