"""Instance states as EC2 goes through them: pending, stopping and shutting-down last a while, each change is an event."""

from __future__ import annotations

import asyncio
import copy
import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, OperationDisableApiStopNotPermitted, OperationNotPermitted4
from moto.ec2.models.instances import InstanceBackend
from moto.ec2.responses.instances import InstanceResponse

from emulator.ec2 import moto_gateway
from emulator.scope import emit
from emulator.settings import ACCOUNT_ID

CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
TERMINATED_SHOWN_SECONDS = 3600
TICK_SECONDS = 0.05
logger = logging.getLogger("emulator.ec2")


class IncorrectInstanceState(EC2ClientError):
    """An instance cannot do what was asked from the state it is in."""

    def __init__(self, instance_id: str, verb: str) -> None:
        super().__init__("IncorrectInstanceState",
                         f"The instance '{instance_id}' is not in a state from which it can be {verb}.")


@dataclass
class Due:
    """A change of state that time will bring."""

    at: float
    region: str
    instance_id: str
    state: str


class Lifecycle:
    """Takes over moto's four verbs and carries out what is due."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._due: list[Due] = []
        self._buried: dict[str, float] = {}

    def install(self) -> None:
        """Replace moto's immediate changes by ones that take time."""
        run = InstanceBackend.run_instances

        def run_instances(backend: Any, *arguments: Any, **named: Any) -> Any:
            reservation = run(backend, *arguments, **named)
            for instance in reservation.instances:
                self._enter(instance, "pending", then="running")
            return reservation

        InstanceBackend.run_instances = run_instances
        InstanceBackend.start_instances = self._verb(self._start)
        InstanceBackend.stop_instances = self._verb(self._stop)
        InstanceBackend.terminate_instances = self._verb(self._terminate)
        InstanceBackend.reboot_instances = self._verb(self._reboot)
        InstanceResponse.start_instances = _answering("StartingInstances", "start_instances")
        InstanceResponse.stop_instances = _answering("StoppingInstances", "stop_instances")
        InstanceResponse.terminate_instances = _answering("TerminatingInstances", "terminate_instances")

    async def watch(self) -> None:
        """Carry out what is due, for ever."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._due or self._buried:
                try:
                    self._carry_out(time.time())
                except Exception:
                    logger.exception("instance states did not move on")

    def dump(self) -> dict[str, Any]:
        return {"due": [asdict(one) for one in self._due], "buried": self._buried}

    def load(self, data: dict[str, Any]) -> None:
        self._due = [Due(**one) for one in data["due"]]
        self._buried = data["buried"]

    @staticmethod
    def _verb(act: Callable[[Any], None]) -> Callable[[Any, list[str]], list[tuple[Any, Any]]]:
        def verb(backend: Any, instance_ids: list[str]) -> list[tuple[Any, Any]]:
            instances = backend.get_multi_instances_by_id(instance_ids)
            before = [copy.copy(instance._state) for instance in instances]
            for instance in instances:
                act(instance)
            return list(zip(instances, before, strict=True))

        return verb

    def _start(self, instance: Any) -> None:
        if instance.state in ("running", "pending"):
            return
        if instance.state != "stopped":
            raise IncorrectInstanceState(instance.id, "started")
        instance.start()
        self._enter(instance, "pending", then="running")

    def _stop(self, instance: Any) -> None:
        if instance.disable_api_stop is True:
            raise OperationDisableApiStopNotPermitted(instance.id)
        if instance.state in ("stopped", "stopping"):
            return
        if instance.state != "running":
            raise IncorrectInstanceState(instance.id, "stopped")
        instance.stop()
        self._enter(instance, "stopping", then="stopped")

    def _terminate(self, instance: Any) -> None:
        if instance.disable_api_termination is True:
            raise OperationNotPermitted4(instance.id)
        if instance.state in ("shutting-down", "terminated"):
            return
        instance.terminate()
        self._enter(instance, "shutting-down", then="terminated")

    def _reboot(self, instance: Any) -> None:
        if instance.state not in ("running", "pending"):
            raise IncorrectInstanceState(instance.id, "rebooted")

    def _enter(self, instance: Any, state: str, then: str | None = None) -> None:
        instance._state.name, instance._state.code = state, CODES[state]
        region = instance.ec2_backend.region_name
        arn = f"arn:aws:ec2:{region}:{ACCOUNT_ID}:instance/{instance.id}"
        emit(region, "aws.ec2", "EC2 Instance State-change Notification",
             {"instance-id": instance.id, "state": state}, [arn])
        # A newer wish overtakes what was still to come: a pending instance that is terminated never runs.
        self._due = [one for one in self._due if one.instance_id != instance.id]
        if then:
            self._due.append(Due(time.time() + self._delay, region, instance.id, then))
        if state == "terminated":
            self._buried[instance.id] = time.time()

    def _carry_out(self, now: float) -> None:
        with moto_gateway.lock:
            for due in [one for one in self._due if one.at <= now]:
                self._due.remove(due)
                instance = _found(due.region, due.instance_id)
                if instance is not None:
                    self._enter(instance, due.state)
            for instance_id in [one for one, since in self._buried.items() if now - since > TERMINATED_SHOWN_SECONDS]:
                del self._buried[instance_id]
                _forget(instance_id)


def _found(region: str, instance_id: str) -> Any | None:
    return next((one for one in moto_gateway.backend(region).all_instances() if one.id == instance_id), None)


def _forget(instance_id: str) -> None:
    """EC2 shows a terminated instance for about an hour."""
    for region in moto_gateway.regions_in_use():
        reservations = moto_gateway.backend(region).reservations
        for reservation in list(reservations.values()):
            reservation.instances = [one for one in reservation.instances if one.id != instance_id]
            if not reservation.instances:
                del reservations[reservation.id]


def _answering(member: str, verb: str) -> Callable[[InstanceResponse], ActionResult]:
    """moto's answer with the state the instance is really in: a stopped one that is stopped again stays `stopped`."""

    def respond(response: InstanceResponse) -> ActionResult:
        instance_ids = response._get_param("InstanceIds", [])
        response.error_on_dryrun()
        changed = getattr(response.ec2_backend, verb)(instance_ids)
        return ActionResult({member: [
            {"InstanceId": instance.id, "PreviousState": {"Code": before.code, "Name": before.name},
             "CurrentState": {"Code": instance.state_code, "Name": instance.state}} for instance, before in changed
        ]})

    return respond
