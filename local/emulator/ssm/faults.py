"""Errors as the SSM API names them."""

from __future__ import annotations


class SsmFault(Exception):
    """An API error; `code` is the name SDK clients see."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def validation(message: str) -> SsmFault:
    return SsmFault("ValidationException", message)


def required(request: dict[str, object], *names: str) -> None:
    """Refuse a request that lacks a member the API requires."""
    missing = [name for name in names if request.get(name) in (None, "", [])]
    if missing:
        members = ", ".join(f"'{name[0].lower()}{name[1:]}'" for name in missing)
        raise validation(f"{len(missing)} validation error detected: Value null at {members} failed to satisfy "
                         "constraint: Member must not be null")
