"""What the host unit's tests have in common: its sources on the path, and a machine's files in a directory of their own."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "ssm-documents/host-unit"))

from novacron_host.place import Place  # noqa: E402


class Case(unittest.TestCase):
    """`home` is the root of a machine that is there for one test, `place` an installation's on it."""

    def setUp(self):
        home = tempfile.TemporaryDirectory()
        self.addCleanup(home.cleanup)
        self.home = Path(home.name)
        self.place = Place("test-1", home.name)
