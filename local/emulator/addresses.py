"""Addresses that the emulator publishes are made usable: an API's endpoint, a user pool's issuer.

ministack hands out AWS's own host names (``https://<id>.execute-api…``, ``https://cognito-idp…``), which nobody here can
reach. Stacks pass these attributes on to functions and outputs, so they must be true as they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cognito
from ministack.services.cloudformation import provisioners
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as resource_handlers

Attributes = dict[str, Any]
Provision = Callable[..., tuple[str, Attributes]]


def install(endpoint: str) -> None:
    """``endpoint`` is the edge's URL, without a slash at its end."""
    _publish_api_endpoint(endpoint)
    _publish_issuer(endpoint)


def _publish_api_endpoint(endpoint: str) -> None:
    def usable(provision: Provision) -> Provision:
        def provisioned(*args: Any) -> tuple[str, Attributes]:
            api_id, attributes = provision(*args)
            return api_id, {**attributes, "ApiEndpoint": f"{endpoint}/_aws/execute-api/{api_id}"}

        return provisioned

    handler = resource_handlers["AWS::ApiGatewayV2::Api"]
    for verb in ("create", "update"):
        handler[verb] = usable(handler[verb])


def _publish_issuer(endpoint: str) -> None:
    """The `iss` of tokens, the discovery document and the attribute ProviderURL say the same, and the keys lie below it."""
    attributes_of = provisioners._cognito_user_pool_attributes
    sign = cognito._signed_jwt
    discover = cognito.well_known_openid_configuration

    def attributes(pool_id: str) -> Attributes:
        # as on AWS, the name is the URL without its scheme
        name = f"{endpoint}/{pool_id}".split("://", 1)[1]
        return {**attributes_of(pool_id), "ProviderName": name, "ProviderURL": f"{endpoint}/{pool_id}"}

    def signed(claims: dict[str, Any], pool_id: str = "", use: str = "") -> str:
        return sign({**claims, "iss": f"{endpoint}/{pool_id}"} if pool_id else claims, pool_id, use)

    def discovery(pool_id: str, *args: Any, **options: Any) -> tuple[int, dict[str, str], bytes]:
        status, headers, body = discover(pool_id, *args, **options)
        theirs = f'"issuer": "https://cognito-idp.{cognito._pool_region(pool_id)}.amazonaws.com/{pool_id}"'
        return status, headers, body.replace(theirs.encode(), f'"issuer": "{endpoint}/{pool_id}"'.encode())

    provisioners._cognito_user_pool_attributes = attributes
    cognito._signed_jwt = signed
    cognito.well_known_openid_configuration = discovery
