"""What Lambda tries again by itself: events whose function fails, and what comes while it is throttled."""

import json
import unittest

from plane import Plane, until

FAILS_ONCE = """
const { appendFileSync, readFileSync } = require('node:fs');
exports.handler = async ({ detail: { marks } }) => {
  appendFileSync(marks, 'x');
  if (readFileSync(marks, 'utf8') === 'x') throw new Error('the first time');
};
"""
HOLDS_THE_ONLY_PLACE = """
const { existsSync, writeFileSync } = require('node:fs');
const { setTimeout } = require('node:timers/promises');
exports.handler = async ({ held, freed }) => {
  writeFileSync(held, '');
  while (!existsSync(freed)) await setTimeout(50);
};
"""
NOTES_ITS_RECORDS = """
const { appendFileSync } = require('node:fs');
exports.handler = async ({ Records }) => {
  for (const { body, attributes } of Records) appendFileSync(body, attributes.ApproximateReceiveCount);
};
"""


class TriedAgain(unittest.TestCase):
    def setUp(self) -> None:
        self.plane = Plane("--lambda-concurrency", "1")
        self.addCleanup(self.plane.close)
        self.marks = self.plane.state / "marks"

    def written(self):
        return self.marks.read_text() if self.marks.exists() else ""

    def test_an_event_whose_function_failed(self):
        role = self.plane.role("fails")
        arn = self.plane.function("fails-once", FAILS_ONCE, role)
        events = self.plane.client("events")
        events.put_rule(Name="again", EventPattern=json.dumps({"source": ["test"]}))
        events.put_targets(Rule="again", Targets=[{"Id": "1", "Arn": arn}])
        events.put_events(Entries=[{"Source": "test", "DetailType": "t", "Detail": json.dumps({"marks": str(self.marks)})}])
        until(lambda: self.written() == "xx")

    def test_a_batch_whose_function_was_throttled(self):
        """It is the same receipt, not the next one after the visibility time-out, which is longer than any test."""
        role = self.plane.role("reads", {"Action": "sqs:*", "Resource": "*"})
        self.plane.function("holds", HOLDS_THE_ONLY_PLACE, role)
        self.plane.function("reads", NOTES_ITS_RECORDS, role)
        functions, sqs = self.plane.client("lambda"), self.plane.client("sqs")
        held, freed = self.plane.state / "held", self.plane.state / "freed"
        functions.invoke(FunctionName="holds", InvocationType="Event",
                         Payload=json.dumps({"held": str(held), "freed": str(freed)}))
        until(held.exists)
        url = sqs.create_queue(QueueName="read", Attributes={"VisibilityTimeout": "3600"})["QueueUrl"]

        def asked(name):
            return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name]

        functions.create_event_source_mapping(FunctionName="reads", EventSourceArn=asked("QueueArn"))
        sqs.send_message(QueueUrl=url, MessageBody=str(self.marks))
        until(lambda: asked("ApproximateNumberOfMessagesNotVisible") == "1")
        self.assertEqual(self.written(), "")
        freed.touch()
        until(lambda: self.written() == "1")


if __name__ == "__main__":
    unittest.main()
