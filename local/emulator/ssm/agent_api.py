"""The private routes the local SSM agent speaks: register, poll, acknowledge, report."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from emulator.ssm.faults import SsmFault
from emulator.ssm.nodes import Node
from emulator.ssm.service import Region, Service

PREFIX = "/_novacron/ssm/"
LONGEST_POLL_SECONDS = 20.0
WORKERS = 5  # the agent's CommandWorkersLimit

Answer = tuple[int, dict[str, Any]]


class AgentApi:
    """Requests of agents; each names its node and proves it with the secret that registration gave it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._routes: dict[str, Callable[[Region, Node, dict[str, Any]], Awaitable[Answer]]] = {
            "poll": self._poll, "acknowledge": self._acknowledge, "report": self._report,
        }

    async def answer(self, path: str, body: bytes) -> Answer:
        try:
            request = json.loads(body)
            region = self._service.region(str(request["region"]))
            name = path.removeprefix(PREFIX)
            if name == "register":
                return self._register(region, request)
            route = self._routes.get(name)
            if route is None:
                return 404, {"code": "NotFound", "message": f"no such route: {name}"}
            node = region.nodes.authenticate(str(request["nodeId"]), str(request["secret"]))
            if node is None:
                return 403, {"code": "NotRegistered", "message": "this node is not registered"}
            return await route(region, node, request)
        except SsmFault as fault:
            return 400, {"code": fault.code, "message": fault.message}
        except (ValueError, KeyError, TypeError) as error:
            return 400, {"code": "BadRequest", "message": f"{type(error).__name__}: {error}"}

    @staticmethod
    def _register(region: Region, request: dict[str, Any]) -> Answer:
        node = region.nodes.register(str(request["activationId"]), str(request["activationCode"]), request["facts"])
        return 200, {"nodeId": node.id, "secret": node.secret, "region": region.name}

    @staticmethod
    async def _poll(region: Region, node: Node, request: dict[str, Any]) -> Answer:
        region.nodes.heard_from(node, request["facts"])
        free = max(0, WORKERS - int(request["running"]))
        known = set(request.get("cancelled", []))
        patience = min(float(request["waitSeconds"]), LONGEST_POLL_SECONDS)
        waiter = region.waiter(node.id)
        waiter.clear()
        work = _work(region, node, free, known)
        if not (work["run"] or work["cancel"]) and patience > 0:
            try:
                await asyncio.wait_for(waiter.wait(), patience)
            except TimeoutError:
                return 200, work
            work = _work(region, node, free, known)
        return 200, work

    @staticmethod
    async def _acknowledge(region: Region, node: Node, request: dict[str, Any]) -> Answer:
        return 200, {"start": region.deliveries.acknowledge(str(request["commandId"]), node.id)}

    @staticmethod
    async def _report(region: Region, node: Node, request: dict[str, Any]) -> Answer:
        if request["status"] not in ("Success", "Failed", "TimedOut", "Cancelled"):
            return 400, {"code": "BadRequest", "message": "status"}
        region.deliveries.report(str(request["commandId"]), node.id, request["status"], request["steps"])
        return 200, {}


def _work(region: Region, node: Node, free: int, known_cancels: set[str]) -> dict[str, Any]:
    cancels = [one for one in region.deliveries.cancellations(node.id) if one not in known_cancels]
    return {"run": region.deliveries.hand_out(node.id, free), "cancel": cancels}
