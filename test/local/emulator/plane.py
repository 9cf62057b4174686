"""An emulator for one test file: its own port, its own state, stopped and removed at the end."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[3]
AGENT = ROOT / "local" / "ssm-agent" / "agent.py"
Found = TypeVar("Found")


def free_port() -> int:
    """A free port below the ephemeral ones, which any outgoing connection may take before the emulator does."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def until(look: Callable[[], Found | None], seconds: float = 30) -> Found:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {look}")


class Plane:
    """A running emulator and clients of it."""

    def __init__(self, *flags: str) -> None:
        self.port = free_port()
        self.state = Path(tempfile.mkdtemp(prefix="emulator-test-"))
        self._flags = flags
        self._agents: list[subprocess.Popen[bytes]] = []
        self.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "emulator", "--port", str(self.port), "--state-dir", str(self.state),
                   "--ec2-delay", "0.3", "--save-every", "0.3", *self._flags]
        self.process = subprocess.Popen(command, cwd=ROOT / "local", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env={"PATH": os.environ["PATH"]}, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"no ready line: {self.process.communicate()[1]}")
        self.ready = json.loads(line)

    def end(self, with_signal: int = signal.SIGTERM) -> float:
        """End the emulator; how many seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(with_signal)
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        return time.monotonic() - begun

    def wait_for_save(self) -> None:
        """Until all that happened before now is on disk."""
        now, told = time.time(), self.state / "parts" / "saved"
        until(lambda: told.exists() and float(told.read_text() or 0) > now)

    def close(self) -> None:
        for agent in self._agents:
            agent.kill()
            agent.wait()
        if self.process.poll() is None:
            self.end()
        shutil.rmtree(self.state, ignore_errors=True)

    def client(self, service: str, access_key: str = "test", secret: str = "test") -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=access_key,
                            aws_secret_access_key=secret, config=Config(retries={"total_max_attempts": 1}))

    def user(self, name: str, *statements: dict[str, Any]) -> Callable[[str], Any]:
        """A client factory for a new IAM user who may do just this."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
            iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return lambda service: self.client(service, key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, name: str, *statements: dict[str, Any]) -> str:
        iam = self.client("iam")
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": ["lambda.amazonaws.com", "states.amazonaws.com", "ssm.amazonaws.com"]}}]}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if statements:
            policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
        return str(arn)

    def function(self, name: str, code: str, role: str, **settings: Any) -> str:
        """A Node Lambda of one file."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("index.js", code)
        made = self.client("lambda").create_function(
            FunctionName=name, Runtime="nodejs24.x", Architectures=["arm64"], Handler="index.handler", Role=role,
            Timeout=20, Code={"ZipFile": archive.getvalue()}, **settings)
        return str(made["FunctionArn"])

    def invoke(self, name: str, event: object) -> Any:
        answer = self.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def machine(self, name: str, role: str, states: dict[str, Any], **settings: Any) -> str:
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states, **settings}
        made = self.client("stepfunctions").create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
        return str(made["stateMachineArn"])

    def execute(self, machine: str, request: object) -> dict[str, Any]:
        """Run a machine to its end."""
        sfn = self.client("stepfunctions")
        arn = sfn.start_execution(stateMachineArn=machine, input=json.dumps(request))["executionArn"]
        return until(lambda: _if_over(sfn.describe_execution(executionArn=arn)))

    def rule_to_queue(self, name: str, pattern: dict[str, Any]) -> str:
        """A queue that receives the default bus's events of this pattern."""
        sqs, events = self.client("sqs"), self.client("events")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
        return str(url)

    def received(self, queue_url: str, at_least: int) -> list[dict[str, Any]]:
        """The events a queue got, once there are that many."""
        sqs, events = self.client("sqs"), []

        def enough() -> bool:
            answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
            events.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            return len(events) >= at_least

        until(enough)
        return events

    def stack(self, name: str, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, str]:
        """Create or update a stack, wait, and give its outputs."""
        cloudformation = self.client("cloudformation")
        template = json.dumps({"Resources": resources,
                               "Outputs": {key: {"Value": value} for key, value in (outputs or {}).items()}})
        known = [one["StackName"] for one in cloudformation.list_stacks()["StackSummaries"]]
        act = cloudformation.update_stack if name in known else cloudformation.create_stack
        act(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
        status = until(lambda: _if_settled(cloudformation.describe_stacks(StackName=name)["Stacks"][0]))
        if status["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise AssertionError(str(cloudformation.describe_stack_events(StackName=name)["StackEvents"][:6]))
        return {one["OutputKey"]: one["OutputValue"] for one in status.get("Outputs", [])}

    def register(self, directory: str, **activation: Any) -> tuple[str, Path]:
        """Enrol this machine as a managed node; its id, and the agent's state directory."""
        made = self.client("ssm").create_activation(IamRole="service-role/node", **activation)
        state = self.state / directory
        answer = subprocess.run(
            [sys.executable, str(AGENT), "register", "--endpoint", self.endpoint, "--activation-id", made["ActivationId"],
             "--activation-code", made["ActivationCode"], "--state", str(state)], capture_output=True, text=True, check=True)
        return str(json.loads(answer.stdout)["nodeId"]), state

    def run_agent(self, state: Path) -> subprocess.Popen[bytes]:
        agent = subprocess.Popen([sys.executable, str(AGENT), "run", "--state", str(state)], stderr=subprocess.DEVNULL)
        self._agents.append(agent)
        return agent


def _if_over(execution: dict[str, Any]) -> dict[str, Any] | None:
    return None if execution["status"] == "RUNNING" else execution


def _if_settled(stack: dict[str, Any]) -> dict[str, Any] | None:
    return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack
