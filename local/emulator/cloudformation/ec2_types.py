"""AWS::EC2::* resources, made by moto's own CloudFormation support: the EC2 of stacks is the EC2 of the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import moto.ec2.models  # noqa: F401  (defines the classes that are looked for)
from ministack.core.responses import get_region
from ministack.services.cloudformation.provisioners import _physical_name as physical_name
from moto.core.common_models import CloudFormationModel

from emulator.ec2 import moto_gateway
from emulator.settings import ACCOUNT_ID

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]

# What GetAtt may ask for; each type has some of them.
_ATTRIBUTES = ("AllocationId", "Arn", "AvailabilityZone", "CidrBlock", "CidrBlockAssociations", "DefaultNetworkAcl",
               "DefaultSecurityGroup", "DefaultVersionNumber", "GroupId", "Id", "InternetGatewayId", "LatestVersionNumber",
               "LaunchTemplateId", "NatGatewayId", "PrimaryPrivateIpAddress", "PrivateDnsName", "PrivateIp",
               "PublicDnsName", "PublicIp", "RouteTableId", "SubnetId", "VolumeId", "VpcId")


def handlers() -> dict[str, dict[str, Any]]:
    """A handler for each AWS::EC2 type that moto can make."""
    return {model.cloudformation_type(): _handler(model) for model in _models(CloudFormationModel)
            if model.__module__.startswith("moto.ec2.") and model.cloudformation_type().startswith("AWS::EC2::")}


def _models(base: type) -> Iterator[Any]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _handler(model: Any) -> dict[str, Any]:
    def create(logical_id: str, properties: Properties, stack: str) -> Created:
        with moto_gateway.lock:
            made = model.create_from_cloudformation_json(physical_name(stack, logical_id, max_len=128),
                                                         _template(model, properties), ACCOUNT_ID, get_region())
            return str(made.physical_resource_id), _attributes(made)

    def delete(physical_id: str, properties: Properties) -> None:
        with moto_gateway.lock:
            if not hasattr(model.delete_from_cloudformation_json, "__isabstractmethod__"):
                model.delete_from_cloudformation_json(physical_id, _template(model, properties), ACCOUNT_ID, get_region())

    return {"create": create, "delete": delete}


def _template(model: Any, properties: Properties) -> dict[str, Any]:
    return {"Type": model.cloudformation_type(), "Properties": properties}


def _attributes(made: Any) -> dict[str, Any]:
    found = {}
    for name in _ATTRIBUTES:
        try:
            found[name] = made.get_cfn_attribute(name)
        except Exception:  # moto says in different ways that a type has no such attribute
            continue
    return found
