"""Instance profiles are IAM's: moto's EC2 finds those that ministack's IAM has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import iam
from moto.ec2.models import iam_instance_profile
from moto.ec2.responses import instances
from moto.iam import iam_backends

from emulator.settings import ACCOUNT_ID


def install() -> None:
    """Stand in front of both places where moto looks a profile up."""
    for module in (iam_instance_profile, instances):
        module.filter_iam_instance_profiles = _mirroring(module.filter_iam_instance_profiles)


def _mirroring(find: Callable[..., Any]) -> Callable[..., Any]:
    def filter_iam_instance_profiles(account: str, partition: str, iam_instance_profile_arn: str | None = None,
                                     iam_instance_profile_name: str | None = None) -> Any:
        name = iam_instance_profile_name or str(iam_instance_profile_arn).rpartition("/")[2]
        _mirror(name, partition)
        return find(account, partition, iam_instance_profile_arn=iam_instance_profile_arn,
                    iam_instance_profile_name=iam_instance_profile_name)

    return filter_iam_instance_profiles


def _mirror(name: str, partition: str) -> None:
    known = iam_backends[ACCOUNT_ID][partition]
    profile = iam._instance_profiles.get(name)
    if profile and all(one.name != name for one in known.instance_profiles.values()):
        known.create_instance_profile(name=name, path=profile.get("Path") or "/", role_names=[])
