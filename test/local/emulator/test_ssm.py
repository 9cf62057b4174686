"""Systems Manager: real commands on a real host, refused, timed out and cancelled as SSM does it."""

import json
import subprocess
import sys
import time
import unittest

from botocore.exceptions import ClientError
from plane import AGENT, Plane, until

DOCUMENT = {
    "schemaVersion": "2.2",
    "parameters": {
        "text": {"type": "String", "allowedPattern": "^[a-z ]{0,20}$", "default": "none"},
        "quiet": {"type": "String", "interpolationType": "ENV_VAR", "default": "none"},
        "kind": {"type": "String", "allowedValues": ["a", "b"], "default": "a"},
    },
    "mainSteps": [{"action": "aws:runShellScript", "name": "run",
                   "precondition": {"StringEquals": ["platformType", "Linux"]},
                   "inputs": {"timeoutSeconds": "2", "runCommand": ["echo text={{ text }}", 'echo "env=$SSM_quiet"',
                                                                    'echo "braces={{ quiet }}"']}}],
}


class Ssm(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.plane = Plane()
        cls.addClassCleanup(cls.plane.close)
        cls.ssm = cls.plane.client("ssm")
        cls.ssm.create_document(Name="Test-Echo", DocumentType="Command", Content=json.dumps(DOCUMENT))
        cls.node, cls.agent_state = cls.plane.register("host", Tags=[{"Key": "installation", "Value": "test"}],
                                                       DefaultInstanceName="host-1")
        cls.agent = cls.plane.run_agent(cls.agent_state)

    def send(self, document="Test-Echo", **more):
        request = {"DocumentName": document, "InstanceIds": [self.node], "TimeoutSeconds": 30, **more}
        return self.ssm.send_command(**request)["Command"]["CommandId"]

    def shell(self, *commands, seconds=60):
        return self.send("AWS-RunShellScript", Parameters={"commands": list(commands), "executionTimeout": [str(seconds)]})

    def status(self, command):
        return self.ssm.get_command_invocation(CommandId=command, InstanceId=self.node)

    def ended(self, command, seconds=30):
        def look():
            answer = self.status(command)
            return answer if answer["Status"] not in ("Pending", "InProgress", "Cancelling") else None
        return until(look, seconds)

    def refuses(self, code, **request):
        with self.assertRaises(ClientError) as refused:
            self.send(**request)
        self.assertEqual(refused.exception.response["Error"]["Code"], code)

    def test_a_node_is_described_with_the_activations_tags(self):
        row = self.ssm.describe_instance_information(
            Filters=[{"Key": "tag:installation", "Values": ["test"]}, {"Key": "PingStatus", "Values": ["Online"]}],
        )["InstanceInformationList"][0]
        self.assertEqual((row["InstanceId"], row["Name"], row["PlatformType"]), (self.node, "host-1", "Linux"))
        self.assertRegex(row["AgentVersion"], r"^3\.3\.")

    def test_parameters_reach_the_script(self):
        nasty = "$(touch /tmp/never) `id` \"'; {{ text }}"
        answer = self.ended(self.send(Parameters={"text": ["two words"], "quiet": [nasty]}))
        self.assertEqual(answer["Status"], "Success", answer)
        lines = answer["StandardOutputContent"].splitlines()
        self.assertEqual(lines, ["text=two words", f"env={nasty}", f"braces={nasty}"])

    def test_what_ssm_refuses(self):
        self.refuses("InvalidParameters", Parameters={"text": ["$(id)"]})
        self.refuses("InvalidParameters", Parameters={"text": ["abc\n"]})
        self.refuses("InvalidParameters", Parameters={"kind": ["c"]})
        self.refuses("InvalidParameters", Parameters={"other": ["x"]})
        self.refuses("InvalidParameters", Parameters={"text": ["a", "b"]})
        self.refuses("InvalidParameters", document="AWS-RunShellScript")
        self.refuses("InvalidDocument", document="No-Such-Document")
        self.refuses("InvalidInstanceId", InstanceIds=["mi-00000000000000000"])
        self.refuses("ValidationException", Comment="x" * 101)
        with self.assertRaisesRegex(ClientError, "InvocationDoesNotExist"):
            self.ssm.get_command_invocation(CommandId="00000000-0000-0000-0000-000000000000", InstanceId=self.node)

    def test_exit_codes_output_and_its_limit(self):
        answer = self.ended(self.shell("echo out; echo err >&2; exit 7"))
        self.assertEqual((answer["Status"], answer["ResponseCode"]), ("Failed", 7))
        self.assertEqual((answer["StandardOutputContent"], answer["StandardErrorContent"]), ("out\n", "err\n"))
        long = self.ended(self.shell("head -c 100000 /dev/zero | tr '\\0' x"))
        self.assertEqual(len(long["StandardOutputContent"]), 24_000)

    def test_execution_time_out_and_cancel(self):
        self.assertEqual(self.ended(self.shell("sleep 30", seconds=1))["StatusDetails"], "Execution Timed Out")
        command = self.shell("sleep 30")
        until(lambda: self.status(command)["Status"] == "InProgress")
        self.ssm.cancel_command(CommandId=command)
        self.assertEqual(self.ended(command)["Status"], "Cancelled")

    def test_five_at_once(self):
        commands = [self.shell("sleep 1") for _ in range(7)]
        until(lambda: sum(self.status(one)["Status"] == "InProgress" for one in commands) == 5)
        self.assertEqual(sum(self.status(one)["Status"] == "Pending" for one in commands), 2)
        self.assertEqual({self.ended(one)["Status"] for one in commands}, {"Success"})

    def test_targets_by_tag_and_comment(self):
        command = self.ssm.send_command(DocumentName="Test-Echo", Comment="op-1#1",
                                        Targets=[{"Key": "tag:installation", "Values": ["test"]}])["Command"]["CommandId"]
        self.ended(command)
        row = self.ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]
        self.assertEqual((row["InstanceId"], row["Comment"], row["CommandPlugins"][0]["ResponseCode"]), (self.node, "op-1#1", 0))

    def test_each_change_is_an_event(self):
        queue = self.plane.rule_to_queue("ssm-events", {
            "source": ["aws.ssm"], "detail-type": ["EC2 Command Invocation Status-change Notification"],
            "detail": {"document-name": ["Test-Echo"]}})
        command = self.send()
        self.ended(command)
        ours = [one for one in self.plane.received(queue, 3) if one["detail"]["command-id"] == command]
        self.assertEqual([one["detail"]["status"] for one in ours], ["Pending", "InProgress", "Success"])
        self.assertEqual(ours[0]["resources"], [f"arn:aws:ssm:us-east-1:000000000000:managed-instance/{self.node}"])

    def test_a_document_keeps_its_versions(self):
        self.ssm.create_document(Name="Test-Versions", DocumentType="Command", Content=json.dumps(DOCUMENT))
        with self.assertRaisesRegex(ClientError, "DuplicateDocumentContent"):
            self.ssm.update_document(Name="Test-Versions", Content=json.dumps(DOCUMENT), DocumentVersion="$LATEST")
        changed = {**DOCUMENT, "description": "changed"}
        self.ssm.update_document(Name="Test-Versions", Content=json.dumps(changed), DocumentVersion="$LATEST")
        self.assertEqual(self.ssm.describe_document(Name="Test-Versions")["Document"]["DocumentVersion"], "1")
        self.ssm.update_document_default_version(Name="Test-Versions", DocumentVersion="2")
        self.assertEqual(self.ssm.describe_document(Name="Test-Versions")["Document"]["Description"], "changed")

    def test_an_activation_is_spent_and_expires(self):
        made = self.ssm.create_activation(IamRole="r", RegistrationLimit=1, ExpirationDate=time.time() + 2)
        def register(directory):
            return subprocess.run([sys.executable, str(AGENT), "register", "--endpoint", self.plane.endpoint,
                                   "--activation-id", made["ActivationId"], "--activation-code", made["ActivationCode"],
                                   "--state", str(self.plane.state / directory)], capture_output=True, text=True, check=False)
        self.assertEqual(register("first").returncode, 0)
        self.assertIn("RegistrationLimitExceeded", register("second").stderr)
        until(lambda: "InvalidActivation" in register("third").stderr, 5)
