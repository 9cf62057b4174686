"""RunInstances with a ClientToken launches once: the same token and parameters answer with the same reservation."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses.instances import InstanceResponse
from moto.ec2.utils import filter_dict_attribute_mapping

# Signature members of a query request, and what does not describe the launch.
_NOT_COMPARED = ("ClientToken", "DryRun", "Version", "Action", "AWSAccessKeyId", "Signature", "SignatureMethod",
                 "SignatureVersion", "Timestamp", "SecurityToken")


class IdempotentParameterMismatch(EC2ClientError):
    """The token was used with other parameters."""

    def __init__(self) -> None:
        super().__init__("IdempotentParameterMismatch", "Arguments on this idempotent request are inconsistent with "
                                                        "arguments used in previous request(s).")


class ClientTokens:
    """Remembers, by Region and token, what was asked and which reservation it made."""

    def __init__(self) -> None:
        self._launches: dict[str, dict[str, str]] = {}

    def install(self) -> None:
        """Stand in front of moto's RunInstances."""
        run = InstanceResponse.run_instances

        def run_instances(response: InstanceResponse) -> ActionResult:
            token = response._get_param("ClientToken")
            known = self._launches.get(f"{response.region}/{token}") if token else None
            if known is None:
                return self._launch(response, run, token)
            if known["parameters"] != _digest(response.data):
                raise IdempotentParameterMismatch
            response.error_on_dryrun()
            return ActionResult(response.ec2_backend.reservations[known["reservation"]])

        InstanceResponse.run_instances = run_instances
        filter_dict_attribute_mapping["client-token"] = "client_token"

    def dump(self) -> dict[str, dict[str, str]]:
        return self._launches

    def load(self, data: dict[str, dict[str, str]]) -> None:
        self._launches = data

    def _launch(self, response: InstanceResponse, run: Any, token: str | None) -> ActionResult:
        result: ActionResult = run(response)
        reservation: Any = result.result
        for instance in reservation.instances:
            instance.client_token = token or ""
            # moto takes this one only through ModifyInstanceAttribute.
            instance.disable_api_termination = response._get_param("DisableApiTermination") or False
        if token:
            self._launches[f"{response.region}/{token}"] = {"parameters": _digest(response.data),
                                                            "reservation": reservation.id}
        return result


def _digest(parameters: dict[str, Any]) -> str:
    compared = {name: value for name, value in parameters.items() if name not in _NOT_COMPARED}
    return hashlib.sha256(json.dumps(compared, sort_keys=True, default=str).encode()).hexdigest()
