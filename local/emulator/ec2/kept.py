"""What is kept of EC2: moto's backends as they are, with the tokens and the changes that are due."""

from __future__ import annotations

import pickle
from typing import Any

from moto.ec2.models import ec2_backends

from emulator.ec2 import moto_gateway
from emulator.ec2.client_tokens import ClientTokens
from emulator.ec2.lifecycle import Lifecycle
from emulator.settings import ACCOUNT_ID


class KeptEc2:
    """A part of the store; the file is our own, so that unpickling it trusts nobody else."""

    def __init__(self, tokens: ClientTokens, lifecycle: Lifecycle) -> None:
        self._tokens = tokens
        self._lifecycle = lifecycle

    def freeze(self) -> bytes:
        with moto_gateway.lock:
            backends = {region: moto_gateway.backend(region) for region in moto_gateway.regions_in_use()}
            return pickle.dumps({"backends": backends, "tokens": self._tokens.dump(), "lifecycle": self._lifecycle.dump()})

    def thaw(self, data: bytes) -> None:
        state: dict[str, Any] = pickle.loads(data)
        for region, backend in state["backends"].items():
            dict.__setitem__(ec2_backends[ACCOUNT_ID], region, backend)
        self._tokens.load(state["tokens"])
        self._lifecycle.load(state["lifecycle"])
