"""The HTTP edge: ministack's ASGI application with our parts in it, its start and its shutdown."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import hypercorn.asyncio
from hypercorn.config import Config as HypercornConfig
from ministack import app as gateway
from ministack.core import lambda_runtime
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as resource_handlers

from emulator import addresses, cold_starts, expressions, http_api, invocations, node_worker, outbox, redrive, retention, scans, transport
from emulator.authorization import Authorization
from emulator.calls import Calls
from emulator.cloudformation import archives, documents, ec2_types, instance_profiles, locked_buckets, state_machine_versions
from emulator.cloudformation.recorded import Recorded
from emulator.ec2 import images, moto_gateway, profiles
from emulator.ec2.client_tokens import ClientTokens
from emulator.ec2.kept import KeptEc2
from emulator.ec2.lifecycle import Lifecycle
from emulator.executions import Executions
from emulator.json_part import JsonPart
from emulator.metrics import alarms, emf, services
from emulator.settings import Settings
from emulator.ssm import agent_api
from emulator.ssm.service import Service as SsmService
from emulator.store import Store
from emulator.streams import KeptStreams

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

SHUTDOWN_SECONDS = 8.0
GRACE_SECONDS = 1.0  # for answers under way; agents' long polls would otherwise hold every stop for three seconds


class Edge:
    """Puts our parts into ministack and stands in front of it."""

    def __init__(self, settings: Settings, on_ready: Callable[[], None]) -> None:
        self._settings = settings
        self._on_ready = on_ready
        self._inner: Application = gateway.app
        self._store = Store(settings.state_dir / "parts", settings.save_every_seconds, moto_gateway.lock)
        self._ssm = SsmService()
        self._agents = agent_api.AgentApi(self._ssm)
        self._lifecycle = Lifecycle(settings.ec2_delay_seconds)
        self._executions = Executions()
        self._tasks: list[asyncio.Task[None]] = []

    def install(self) -> None:
        """Complete ministack, before it serves or restores anything."""
        self._correct_behaviour()
        self._add_resource_types()
        self._add_services()
        gateway.app = self

    def _correct_behaviour(self) -> None:
        transport.install()
        Calls(self._settings.state_dir / "calls.jsonl").install()
        node_worker.install()
        cold_starts.install()
        http_api.install()
        expressions.install()
        scans.install()
        invocations.install()
        addresses.install(self._settings.endpoint)
        outbox.install(self._settings.outbox)
        redrive.install()
        emf.install()
        services.install()
        alarms.install()
        self._executions.install()
        self._store.add("streams", KeptStreams())

    def _add_resource_types(self) -> None:
        recorded = Recorded()
        resource_handlers.update(recorded.handlers())
        resource_handlers.update(state_machine_versions.handlers())
        resource_handlers.update(ec2_types.handlers())
        profile = "AWS::IAM::InstanceProfile"
        resource_handlers[profile] = instance_profiles.corrected(resource_handlers[profile])
        resource_handlers["AWS::S3::Bucket"] = locked_buckets.corrected(resource_handlers["AWS::S3::Bucket"])
        resource_handlers["AWS::Events::Archive"] = archives.handler()
        resource_handlers["AWS::SSM::Document"] = documents.handler(self._ssm)
        self._store.add("recorded", JsonPart(recorded))

    def _add_services(self) -> None:
        handlers = gateway.SERVICE_HANDLERS
        authorization = Authorization(self._ssm, self._executions.machine_of)
        authorization.install()
        handlers["ssm"] = authorization.guarded("ssm", self._ssm.handler(images.publishing(handlers["ssm"])))
        handlers["ec2"] = authorization.guarded("ec2", moto_gateway.handle)
        handlers["sqs"] = authorization.guarded("sqs", handlers["sqs"])
        tokens = ClientTokens()
        images.install()
        profiles.install()
        self._lifecycle.install()
        tokens.install()
        self._store.add("ssm", JsonPart(self._ssm))
        self._store.add("ec2", KeptEc2(tokens, self._lifecycle))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._inner(scope, _watching_end(receive), self._watching_start(send))
        elif scope["type"] == "http" and scope["path"].startswith(agent_api.PREFIX):
            await _reply(send, *await self._agents.answer(scope["path"], await _body(receive)))
        else:
            await self._inner(scope, receive, send)

    def _watching_start(self, send: Send) -> Send:
        async def watching(message: MutableMapping[str, Any]) -> None:
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._begin()

        return watching

    def _begin(self) -> None:
        """What runs beside the requests; only after ministack has restored its state may it be saved again."""
        KeptStreams.mend_positions()
        self._store.start()
        for work in (self._ssm.watch(), alarms.watch(), self._lifecycle.watch(), self._executions.watch(), services.watch(),
                     retention.watch(self._settings.log), self._announce()):
            self._tasks.append(asyncio.get_running_loop().create_task(work))

    async def _announce(self) -> None:
        await gateway._wait_for_port(self._settings.port)
        self._on_ready()

    def before_stop(self) -> None:
        self._executions.freeze()

    def last_save(self) -> None:
        self._store.save()


def serve(settings: Settings, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM, save, and be gone within seconds."""
    edge = Edge(settings, on_ready)
    edge.install()
    HypercornConfig.graceful_timeout = GRACE_SECONDS
    hypercorn.asyncio.serve = _told_before_stop(hypercorn.asyncio.serve, edge.before_stop)
    sys.argv = ["ministack"]  # main() parses the command line; ours is not its own
    gateway.main()
    edge.last_save()
    lambda_runtime.reset()
    logging.shutdown()
    os._exit(0)  # ministack's pollers are threads that would keep a finished plane alive


def _told_before_stop(serve_until: Callable[..., Awaitable[None]],
                      before_stop: Callable[[], None]) -> Callable[..., Awaitable[None]]:
    """hypercorn's serve, which would close the port first and tell nobody."""

    async def told(app: Application, config: HypercornConfig) -> None:
        asked = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, asked.set)

        async def stop() -> None:
            await asked.wait()
            before_stop()

        await serve_until(app, config, shutdown_trigger=stop)

    return told


def _watching_end(receive: Receive) -> Receive:
    async def watching() -> MutableMapping[str, Any]:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            # A worker thread that hangs must not keep the plane.
            clock = threading.Timer(SHUTDOWN_SECONDS, os._exit, (1,))
            clock.daemon = True
            clock.start()
        return message

    return watching


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def _reply(send: Send, status: int, answer: dict[str, Any]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
