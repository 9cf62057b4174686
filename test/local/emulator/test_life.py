"""The emulator as a process: ready line, ports, stop and start, what is kept, what is written out."""

import json
import subprocess
import sys
import time
import unittest

from plane import ROOT, Plane, until

ECHO = """
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
exports.handler = async (event) => {
  for (const record of event.Records) {
    const pk = { S: `seen-${record.dynamodb.Keys.pk.S}` };
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: 'seen', Item: { pk } }));
  }
};
"""

SLOW = """
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const note = (pk) => new DynamoDBClient({ maxAttempts: 1 }).send(new PutItemCommand({ TableName: 'seen', Item: { pk: { S: pk } } }));
exports.handler = async () => {
  await note('begun');
  for (;;) { await note('again'); await new Promise((done) => setTimeout(done, 20)); }
};
"""


class Life(unittest.TestCase):
    def setUp(self) -> None:
        self.plane = Plane()
        self.addCleanup(self.plane.close)

    def test_it_says_when_it_is_ready_and_stops_within_seconds(self):
        self.assertEqual((self.plane.ready["ready"], self.plane.ready["endpoint"]), (True, self.plane.endpoint))
        node, state = self.plane.register("host")
        self.plane.run_agent(state)
        time.sleep(1)
        self.assertLess(self.plane.end(), 5)
        self.assertEqual(self.plane.process.returncode, 0)

    def test_a_taken_port_is_one_sentence(self):
        second = subprocess.run([sys.executable, "-m", "emulator", "--port", str(self.plane.port),
                                 "--state-dir", str(self.plane.state / "second")], cwd=ROOT / "local",
                                capture_output=True, text=True, check=False)
        self.assertEqual((second.returncode, second.stdout), (3, ""))
        self.assertRegex(second.stderr, rf"^Port {self.plane.port} on 127\.0\.0\.1 cannot be used .*\n$")

    def test_two_side_by_side(self):
        other = Plane()
        self.addCleanup(other.close)
        self.plane.client("sns").create_topic(Name="mine")
        self.assertEqual(other.client("sns").list_topics()["Topics"], [])
        self.assertEqual(len(self.plane.client("sns").list_topics()["Topics"]), 1)

    def test_only_its_own_port_is_open(self):
        listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
        ours = [line.split()[3] for line in listening.splitlines() if f"pid={self.plane.process.pid}," in line]
        self.assertEqual(ours, [f"127.0.0.1:{self.plane.port}"])

    def test_mail_lies_in_the_outbox(self):
        sns = self.plane.client("sns")
        topic = sns.create_topic(Name="alerts")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.com")
        sns.publish(TopicArn=topic, Subject="Operation failed", Message="op-1: no capacity")
        mail = json.loads(until(lambda: next(iter((self.plane.state / "outbox").glob("*.json")), None)).read_text())
        self.assertEqual((mail["to"], mail["subject"], mail["message"]),
                         ("ops@example.com", "Operation failed", "op-1: no capacity"))

    def test_streams_go_on_after_a_kill(self):
        dynamodb = self.plane.client("dynamodb")
        key = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST",
               "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}
        dynamodb.create_table(TableName="seen", **key)
        stream = dynamodb.create_table(TableName="state", **key, StreamSpecification={
            "StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})["TableDescription"]["LatestStreamArn"]
        role = self.plane.role("reader", {"Action": "dynamodb:*", "Resource": "*"})
        self.plane.function("reader", ECHO, role)
        self.plane.client("lambda").create_event_source_mapping(FunctionName="reader", EventSourceArn=stream,
                                                                StartingPosition="TRIM_HORIZON")

        def put_and_see(name):
            dynamodb.put_item(TableName="state", Item={"pk": {"S": name}})
            until(lambda: dynamodb.get_item(TableName="seen", Key={"pk": {"S": f"seen-{name}"}}).get("Item"))

        for number in range(3):
            put_and_see(f"before-{number}")
        self.plane.wait_for_save()
        self.plane.end(9)
        self.plane.start()
        put_and_see("after")

    def test_executions_cut_off_are_told(self):
        sleeping = self.plane.machine("sleeping", self.plane.role("worker"), {"Wait": {"Type": "Wait", "Seconds": 60, "End": True}})
        queue = self.plane.rule_to_queue("aborted", {"source": ["aws.states"], "detail": {"status": ["ABORTED"]}})
        self.plane.client("stepfunctions").start_execution(stateMachineArn=sleeping, input="{}")
        self.plane.wait_for_save()
        self.plane.end(9)
        self.plane.start()
        self.assertEqual(self.plane.received(queue, 1)[0]["detail"]["stateMachineArn"], sleeping)

    def test_a_stop_freezes_what_runs(self):
        """A Lambda that meets the closed port must not send its machine down the failing path."""
        self.plane.client("dynamodb").create_table(
            TableName="seen", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
        role = self.plane.role("worker", {"Action": "dynamodb:*", "Resource": "*"})
        self.plane.function("worker", SLOW, role)
        machine = self.plane.machine("stopped", role, {
            "Work": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
                     "Arguments": {"FunctionName": "worker", "Payload": {}}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Undo"}]},
            "Undo": {"Type": "Pass", "End": True}})
        sfn = self.plane.client("stepfunctions")
        arn = sfn.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        until(lambda: self.plane.client("dynamodb").scan(TableName="seen")["Items"])
        self.plane.end()
        self.plane.start()
        self.assertEqual(sfn.describe_execution(executionArn=arn)["status"], "ABORTED")
