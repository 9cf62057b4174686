"""Start the embedded AWS: `python -m emulator --port 4566 --state-dir DIR`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __package__ in (None, ""):  # started as a path: python local/emulator/__main__.py
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from emulator.settings import clean_environment, parse_settings  # noqa: E402


def main() -> None:
    """Empty the environment before ministack reads it at import, then hand over."""
    settings = parse_settings()
    environment = clean_environment(settings)
    os.environ.clear()
    os.environ.update(environment)
    from emulator.plane import run

    run(settings)


if __name__ == "__main__":
    main()
