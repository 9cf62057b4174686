"""host_answers.py: what the host's script really prints for each verb, done on a libvirtd of test/host; one JSON on stdout."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "host"))

from story import RETAIN, Story  # noqa: E402

from novacron_host import answer  # noqa: E402

LIFE = (
    ("create-vm", {}), ("stop-vm", {"force": False}), ("reboot-vm", {}), ("reset-vm", {}), ("stop-vm", {"force": True}),
    ("reboot-vm", {}), ("start-vm", {}), ("remove-vm", RETAIN), ("undelete-vm", {}), ("remove-vm", {}), ("start-vm", {}),
    ("stop-vm", {"vm": {"id": "vm-1"}, "not_after": "2020-01-01T00:00:00.000Z"}),
)  # fmt: skip


def main():
    story, told = Story(), []
    for index, (verb, more) in enumerate(LIFE):
        said = story.do(verb, f"op {index}", 1, **more).answer
        told.append({"verb": verb, "ok": said["ok"], "code": answer.exit_code(said), "line": answer.line(said) + "\n"})
    story.close()
    print(json.dumps(told))


main()
