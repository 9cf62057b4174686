"""Dead letters that are put back into the queues from which they came."""

import json
import unittest

from botocore.exceptions import ClientError
from plane import Plane


class Redrive(unittest.TestCase):
    def setUp(self) -> None:
        self.plane = Plane()
        self.addCleanup(self.plane.close)
        self.sqs = self.plane.client("sqs")
        self.dead = self.queue("dead.fifo")
        arn = self.arn(self.dead)
        redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1}), "VisibilityTimeout": "0"}
        self.sources = [self.queue(name, **redrive) for name in ("one.fifo", "two.fifo")]

    def queue(self, name, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes={"FifoQueue": "true", **attributes})["QueueUrl"]

    def arn(self, url):
        return self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def send(self, url, body):
        self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)

    def received(self, url, **how):
        answer = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], **how)
        return answer.get("Messages", [])

    def lying(self, url):
        said = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(said["Attributes"]["ApproximateNumberOfMessages"])

    def let_them_die(self, *bodies):
        for url, body in zip(self.sources, bodies):
            self.send(url, body)
            self.assertEqual([message["Body"] for message in self.received(url)], [body])
            self.assertEqual(self.received(url), [])

    def test_each_goes_back_to_where_it_came_from_and_counts_anew(self):
        self.let_them_die("a", "b")
        self.send(self.dead, "put here by hand")
        self.assertEqual(self.lying(self.dead), 3)
        self.sqs.start_message_move_task(SourceArn=self.arn(self.dead))
        back = [self.received(url, VisibilityTimeout=60) for url in self.sources]
        self.assertEqual([[message["Body"] for message in each] for each in back], [["a"], ["b"]])
        self.assertEqual({message["Attributes"]["ApproximateReceiveCount"] for each in back for message in each}, {"1"})
        self.assertEqual([message["Body"] for message in self.received(self.dead)], ["put here by hand"])

    def test_it_asks_for_what_reads_and_empties_the_queue(self):
        arn = self.arn(self.dead)
        actions = ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        self.plane.user("all", {"Action": actions, "Resource": arn})("sqs").start_message_move_task(SourceArn=arn)
        for missing in actions:
            may = [action for action in actions if action != missing]
            client = self.plane.user(f"no-{missing.partition(':')[2]}", {"Action": may, "Resource": arn})("sqs")
            with self.assertRaises(ClientError) as refused:
                client.start_message_move_task(SourceArn=arn)
            self.assertIn(missing, str(refused.exception))

    def test_a_queue_that_is_none(self):
        with self.assertRaises(ClientError) as refused:
            self.sqs.start_message_move_task(SourceArn=self.arn(self.dead).replace("dead", "none"))
        self.assertEqual(refused.exception.response["Error"]["Code"], "ResourceNotFoundException")
