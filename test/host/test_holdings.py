"""What a host tells of the files that it keeps."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from case import Case  # noqa: E402
from novacron_host import holdings  # noqa: E402

VM = "vm-0123456789abcdef"
OTHER = "vm-0000000000000001"


class HoldingsTest(Case):
    def write(self, name: str, size: int = 4096) -> None:
        path = self.place.pool / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)

    def test_tells_each_kind_of_file_by_vm(self):
        for name in (
            f"disks/{VM}-0.qcow2",
            f"disks/{VM}-1.qcow2",
            f"disks/{VM}.console.log",
            f"seeds/{VM}.iso",
            f"retained/{OTHER}/{OTHER}-0.qcow2",
            f"retained/{OTHER}/domain.xml",
        ):
            self.write(name)
        told = holdings.held(self.place)
        self.assertEqual(
            [(entry["vmId"], entry["kind"]) for entry in told],
            [(OTHER, "retained"), (VM, "console"), (VM, "disk"), (VM, "seed")],
        )
        self.assertTrue(all(entry["bytes"] >= 4096 for entry in told))
        self.assertGreaterEqual(told[2]["bytes"], 8192)

    def test_leaves_out_what_is_no_vms(self):
        for name in ("disks/other.qcow2", f"disks/{VM}9-0.qcow2", "disks/vm-short-0.qcow2", "images/img-1.qcow2"):
            self.write(name)
        self.assertEqual(holdings.held(self.place), [])

    def test_a_host_without_a_pool_holds_nothing(self):
        self.assertEqual(holdings.held(self.place), [])

    def test_is_bounded(self):
        (self.place.pool / "seeds").mkdir(parents=True)
        for number in range(holdings.LIMIT + 5):
            (self.place.pool / "seeds" / f"vm-{number:016d}.iso").touch()
        self.assertEqual(len(holdings.held(self.place)), holdings.LIMIT)

    def test_is_told_when_something_came_or_went_and_not_again(self):
        told = holdings.Holdings(self.place)
        self.assertEqual(told.news(), {"files": []})
        self.assertEqual(told.news(), {})
        self.write(f"disks/{VM}-0.qcow2")
        self.assertEqual([entry["vmId"] for entry in told.news()["files"]], [VM])
        self.write(f"disks/{VM}-0.qcow2", 65536)
        self.assertEqual(told.news(), {})
        (self.place.pool / f"disks/{VM}-0.qcow2").unlink()
        self.assertEqual(told.news(), {"files": []})

    def test_is_told_once_an_hour_all_the_same(self):
        told = holdings.Holdings(self.place)
        told.news()
        told._at -= holdings.HOUR + 1
        self.assertEqual(told.news(), {"files": []})


if __name__ == "__main__":
    unittest.main()
