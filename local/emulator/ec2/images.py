"""The public images people name by alias: AMIs that moto lacks, and the public SSM parameters that lead to them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import get_region
from ministack.services import ssm as parameter_store
from moto.ec2.models.amis import Ami, AmiBackend
from moto.utilities.utils import load_resource

from emulator.ec2 import moto_gateway
from emulator.scope import in_region

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response]]

PUBLIC_PREFIX = "/aws/service/"
_CANONICAL, _DEBIAN = "099720109477", "136693071363"

# parameter → (owner, image name, architecture, root device)
_EXTRA = {
    "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id":
        (_CANONICAL, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261015", "x86_64", "/dev/sda1"),
    "/aws/service/canonical/ubuntu/server/24.04/stable/current/arm64/hvm/ebs-gp3/ami-id":
        (_CANONICAL, "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20261015", "arm64", "/dev/sda1"),
    "/aws/service/canonical/ubuntu/server/22.04/stable/current/amd64/hvm/ebs-gp2/ami-id":
        (_CANONICAL, "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20261015", "x86_64", "/dev/sda1"),
    "/aws/service/debian/release/12/latest/amd64": (_DEBIAN, "debian-12-amd64-20261012-2262", "x86_64", "/dev/xvda"),
    "/aws/service/debian/release/12/latest/arm64": (_DEBIAN, "debian-12-arm64-20261012-2262", "arm64", "/dev/xvda"),
    "/aws/service/debian/release/13/latest/amd64": (_DEBIAN, "debian-13-amd64-20261012-2262", "x86_64", "/dev/xvda"),
    "/aws/service/debian/release/13/latest/arm64": (_DEBIAN, "debian-13-arm64-20261012-2262", "arm64", "/dev/xvda"),
}


def install() -> None:
    """Add the images whenever moto makes a Region's EC2."""
    load = AmiBackend._load_amis

    def load_amis(backend: Any) -> None:
        load(backend)
        for owner, name, architecture, root in _EXTRA.values():
            image = Ami(backend, _image_id(backend.region_name, name), name=name, owner_id=owner, owner_alias="amazon",
                        public=True, architecture=architecture, virtualization_type="hvm", hypervisor="xen",
                        root_device_type="ebs", root_device_name=root, description=name, image_location=f"{owner}/{name}",
                        region_name=backend.region_name)
            backend.amis[image.id] = image

    AmiBackend._load_amis = load_amis


def publishing(inner: Handler) -> Handler:
    """Parameter Store that has the public parameters when somebody asks for one."""

    async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
        if PUBLIC_PREFIX.encode() in body:
            await asyncio.to_thread(publish_parameters, get_region())
        return await inner(method, path, headers, body, query)

    return handle


def publish_parameters(region: str) -> None:
    """Put a Region's public image parameters into Parameter Store, once."""

    def publish() -> None:
        if next(iter(_EXTRA)) in parameter_store._parameters:
            return
        values = {name: _image_id(region, image[1]) for name, image in _EXTRA.items()}
        values |= {row["Name"]: row["Value"] for row in _amazon_linux(region)}
        with moto_gateway.lock:
            known = moto_gateway.backend(region).amis
            for name, image_id in values.items():
                if image_id in known:
                    parameter_store._parameters[name] = _record(region, name, image_id)

    in_region(region, publish)


def _amazon_linux(region: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = load_resource(f"ssm/resources/ami-amazon-linux-latest/{region}.json")
    except FileNotFoundError:
        return []
    return rows


def _image_id(region: str, name: str) -> str:
    return f"ami-{hashlib.sha256(f'{region}/{name}'.encode()).hexdigest()[:17]}"


def _record(region: str, name: str, image_id: str) -> dict[str, Any]:
    return {"Name": name, "Value": image_id, "OriginalValue": image_id, "Type": "String", "KeyId": "", "Version": 1,
            "ARN": f"arn:aws:ssm:{region}::parameter{name}", "LastModifiedDate": 0.0, "DataType": "aws:ec2:image",
            "Description": "", "Tier": "Standard", "AllowedPattern": "", "Policies": [], "Labels": []}
