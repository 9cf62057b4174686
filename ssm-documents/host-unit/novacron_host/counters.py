"""What two looks at counters tell. No value, rather than a wrong one, where a counter began anew or was not there."""

from typing import Hashable, Mapping, Optional


def growth(before: "Mapping[Hashable, int]", now: "Mapping[Hashable, int]") -> Optional[int]:
    """By how much the counters that are in both have grown together; None where there is none, or one of them fell."""
    steps = [value - before[key] for key, value in now.items() if key in before]
    return sum(steps) if steps and min(steps) >= 0 else None


def ratio(part: Optional[float], whole: Optional[float]) -> Optional[float]:
    """One by the other, to six digits; None where either is not known, or there is nothing to divide by."""
    return float(f"{part / whole:.6g}") if part is not None and whole else None


def share(part: Optional[float], whole: Optional[float]) -> Optional[float]:
    """As `ratio`, from 0 to 1: clocks and counters are not read at the very same moment."""
    found = ratio(part, whole)
    return None if found is None else min(1.0, max(0.0, found))


def known(values: "Mapping[str, Optional[float]]") -> "dict[str, float]":
    """Those that are: no data is no value, never a nought."""
    return {name: value for name, value in values.items() if value is not None}
