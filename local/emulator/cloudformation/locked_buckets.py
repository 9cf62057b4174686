"""AWS::S3::Bucket with Object Lock, which ministack knows of the S3 API and not of a stack."""

from __future__ import annotations

from typing import Any

from ministack.services import s3

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]


def corrected(theirs: dict[str, Any]) -> dict[str, Any]:
    """ministack's handler, and the lock that the properties ask for."""

    def create(logical_id: str, properties: Properties, stack: str) -> Created:
        return _locked(theirs["create"](logical_id, properties, stack), properties)

    def update(physical_id: str, old: Properties, new: Properties, stack: str) -> Created:
        return _locked(theirs["update"](physical_id, old, new, stack), new)

    return {**theirs, "create": create, "update": update}


def _locked(created: Created, properties: Properties) -> Created:
    if str(properties.get("ObjectLockEnabled", "")).lower() == "true":
        rule = properties.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention")
        retention = rule and {key: int(value) if key in ("Days", "Years") else value for key, value in rule.items()}
        s3._bucket_object_lock[created[0]] = {"enabled": True, "default_retention": retention}
        s3._bucket_versioning[created[0]] = "Enabled"
    return created
