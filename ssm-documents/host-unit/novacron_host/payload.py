"""What the plane sends to a verb: environment variables that the SSM agent sets, never text in a script."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from datetime import datetime, timezone
from typing import Mapping, NamedTuple, Optional

from .faults import Fault

_OP = re.compile(r"op-[0-9a-hjkmnp-tv-z]{26}\Z")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_ATTEMPT = re.compile(r"[1-9][0-9]{0,8}\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{1,6}Z\Z")
PAYLOAD_LIMIT = 24_000


class Order(NamedTuple):
    """One command: under which intent (op, attempt), until when it may begin, on which domain, with what."""

    op: str
    attempt: int
    not_after: datetime
    domain: Optional[str]
    payload: dict


def instant(text: str) -> datetime:
    """An ISO 8601 instant in UTC. Raises ValueError."""
    if not _INSTANT.match(text):  # strptime takes digits of every script
        raise ValueError("no instant")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)


def now_text() -> str:
    """Now, as every timestamp of ours: ISO 8601, milliseconds, Z."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def unsealed(text: str, digest: str) -> dict:
    """The payload whose base64 text has this sha256. Raises Fault for anything else."""
    if len(text) > PAYLOAD_LIMIT:
        raise Fault("InvalidRequest", f"the payload is longer than {PAYLOAD_LIMIT} characters")
    # Compared and decoded as ASCII only: bytes that are none would end either with an error of its own.
    if not _BASE64.match(text) or not _SHA256.match(digest):
        raise Fault("InvalidRequest", "payload or digest are not of base64 and hexadecimal digits")
    if not hmac.compare_digest(hashlib.sha256(text.encode()).hexdigest(), digest):
        raise Fault("CommandGarbled", "the payload is not what its digest says")
    try:
        payload = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Fault("InvalidRequest", "the payload is no base64 JSON") from None
    if not isinstance(payload, dict):
        raise Fault("InvalidRequest", "the payload is no JSON object")
    return payload


def read_order(env: Mapping[str, str], needs_domain: bool) -> Order:
    """The command that the document's parameters give. Raises Fault InvalidRequest, CommandGarbled."""
    op, attempt = _matching(env, "Op", _OP), int(_matching(env, "Attempt", _ATTEMPT))
    try:
        not_after = instant(env["SSM_NotAfter"])
    except (KeyError, ValueError) as error:
        raise Fault("InvalidRequest", "NotAfter is no instant") from error
    domain = _matching(env, "Domain", _UUID) if needs_domain else None
    return Order(op, attempt, not_after, domain, unsealed(env.get("SSM_Payload", ""), env.get("SSM_Digest", "")))


def domain_of(env: Mapping[str, str]) -> str:
    """The domain's UUID, of a verb that takes no order."""
    return _matching(env, "Domain", _UUID)


def number_of(env: Mapping[str, str], name: str, least: int, most: int) -> int:
    """A whole number within bounds. Raises Fault InvalidRequest."""
    text = env.get(f"SSM_{name}", "")
    if not re.match(r"-?[0-9]{1,15}\Z", text) or not least <= int(text) <= most:
        raise Fault("InvalidRequest", f"{name} is no whole number from {least} to {most}")
    return int(text)


def _matching(env: Mapping[str, str], name: str, pattern: "re.Pattern[str]") -> str:
    value = env.get(f"SSM_{name}")
    if value is None:
        raise Fault(
            "InvalidRequest", f"{name} did not reach the script: the SSM agent must be 3.3.2746.0 or newer; update it."
        )
    if not pattern.match(value):
        raise Fault("InvalidRequest", f"{name} is not what it should be")
    return value
