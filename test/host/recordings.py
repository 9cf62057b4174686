"""What libvirt really said of a guest, twice."""

import json
from pathlib import Path

# A guest of 160 MiB and one vCPU under QEMU 7.2 (tcg) that writes 4 MiB and syncs, again and again: libvirt 9.0's figures.
RECORDED = json.loads((Path(__file__).resolve().parent / "recorded/domstats.json").read_text())
BEFORE, NOW = RECORDED["before"]["stats"], RECORDED["now"]["stats"]
SECONDS = RECORDED["now"]["moment"] - RECORDED["before"]["moment"]
