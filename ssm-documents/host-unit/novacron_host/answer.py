"""The one line that a command answers: `NOVACRON1 <bytes> <sha256> <json>`, so that a cut or garbled one is no success."""

import hashlib
import json

OK, CRASH, NAMED_FAULT, FENCED, BAD_INPUT, OUTDATED = 0, 1, 10, 11, 12, 13

_CODES = {
    "CommandFenced": FENCED,
    "InvalidRequest": BAD_INPUT,
    "CommandGarbled": BAD_INPUT,
    "HostUnitOutdated": OUTDATED,
}
DETAIL_LIMIT = 4000


def success(result: dict) -> dict:
    """The answer of a verb that did what it was asked."""
    return {"ok": True, "result": result}


def failure(name: str, detail: str) -> dict:
    """The answer that carries a fault."""
    return {"ok": False, "fault": name, "detail": detail[:DETAIL_LIMIT]}


def exit_code(answer: dict) -> int:
    """The exit code that goes with an answer: 0 exactly where it is ok."""
    return OK if answer["ok"] else _CODES.get(answer["fault"], NAMED_FAULT)


def line(answer: dict) -> str:
    """The answer on one line of ASCII."""
    text = json.dumps(answer, separators=(",", ":"), ensure_ascii=True)
    return f"NOVACRON1 {len(text)} {hashlib.sha256(text.encode()).hexdigest()} {text}"
