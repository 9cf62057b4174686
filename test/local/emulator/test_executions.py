"""Lambdas and state machines: an error's name is what Retry and Catch see, waits end as they do on AWS."""

import json
import subprocess
import time
import unittest

from botocore.exceptions import ClientError
from plane import Plane, until

CODE = """
class CapacityUnavailable extends Error { constructor(m) { super(m); this.name = 'CapacityUnavailable'; } }
let runs = 0;
exports.handler = async (event) => {
  runs += 1;
  if (event.mode === 'throw') throw new CapacityUnavailable('none left');
  if (event.mode === 'env') return process.env;
  return { runs, pid: process.pid };
};
"""


class Executions(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.plane = Plane()
        cls.addClassCleanup(cls.plane.close)
        cls.role = cls.plane.role("worker")
        cls.function = cls.plane.function("worker", CODE, cls.role, Environment={"Variables": {"LOG_LEVEL": "WARN"}})

    def task(self, **more):
        return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True, "TimeoutSeconds": 10,
                "Arguments": {"FunctionName": self.function, "Payload": "{% $states.input %}"},
                "Catch": [{"ErrorEquals": ["CapacityUnavailable", "States.Timeout", "States.HeartbeatTimeout"],
                           "Output": "{% {'caught': $states.errorOutput.Error} %}", "Next": "Caught"}], **more}

    def waiting_task(self, **more):
        payload = "{% $merge([$states.input, {'token': $states.context.Task.Token}]) %}"
        return self.task(Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
                         Arguments={"FunctionName": self.function, "Payload": payload}, **more)

    def machine(self, name, task, **settings):
        return self.plane.machine(name, self.role, {"Go": task, "Caught": {"Type": "Pass", "End": True}}, **settings)

    def output(self, execution):
        return json.loads(execution["output"])

    def test_the_name_of_a_thrown_error_arrives(self):
        answer = self.plane.invoke("worker", {"mode": "throw"})
        self.assertEqual((answer["errorType"], answer["errorMessage"]), ("CapacityUnavailable", "none left"))
        self.assertIn("CapacityUnavailable: none left", answer["trace"][0])

    def test_an_error_does_not_cost_the_warm_process(self):
        before = self.plane.invoke("worker", {})
        self.plane.invoke("worker", {"mode": "throw"})
        self.assertEqual(self.plane.invoke("worker", {})["pid"], before["pid"])

    def test_lambdas_do_not_see_the_emulators_settings(self):
        environment = self.plane.invoke("worker", {"mode": "env"})
        self.assertEqual(environment["LOG_LEVEL"], "WARN")
        self.assertEqual({"STATE_DIR", "AUTH", "MOTO_ACCOUNT_ID"} & set(environment), set())
        self.assertEqual(environment["AWS_ENDPOINT_URL"], self.plane.endpoint)

    def test_catch_by_our_name(self):
        execution = self.plane.execute(self.machine("catch", self.task()), {"mode": "throw"})
        self.assertEqual(self.output(execution), {"caught": "CapacityUnavailable"})

    def test_a_waiting_task_fails_with_its_lambda(self):
        execution = self.plane.execute(self.machine("wait-throw", self.waiting_task()), {"mode": "throw"})
        self.assertEqual(self.output(execution), {"caught": "CapacityUnavailable"})

    def test_task_and_heartbeat_time_out(self):
        slow = self.machine("slow", self.waiting_task(TimeoutSeconds=1))
        silent = self.machine("silent", self.waiting_task(TimeoutSeconds=30, HeartbeatSeconds=1))
        self.assertEqual(self.output(self.plane.execute(slow, {})), {"caught": "States.Timeout"})
        self.assertEqual(self.output(self.plane.execute(silent, {})), {"caught": "States.HeartbeatTimeout"})

    def test_the_machines_own_time_out_is_told(self):
        queue = self.plane.rule_to_queue("timed-out", {"source": ["aws.states"], "detail": {"status": ["TIMED_OUT"]}})
        machine = self.machine("late", self.waiting_task(TimeoutSeconds=60), TimeoutSeconds=1)
        self.assertEqual(self.plane.execute(machine, {})["status"], "TIMED_OUT")
        self.assertEqual(self.plane.received(queue, 1)[0]["detail"]["stateMachineArn"], machine)

    def test_a_stopped_execution_forgets_its_token(self):
        sfn = self.plane.client("stepfunctions")
        machine = self.machine("stop", self.waiting_task(TimeoutSeconds=60))
        arn = sfn.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
        until(lambda: any(one["type"] == "TaskScheduled" for one in sfn.get_execution_history(executionArn=arn)["events"]))
        sfn.stop_execution(executionArn=arn)
        self.assertEqual(sfn.describe_execution(executionArn=arn)["status"], "ABORTED")
        with self.assertRaisesRegex(ClientError, "InvalidToken"):
            sfn.send_task_success(taskToken="never minted", output="{}")


class WorkersDie(unittest.TestCase):
    def test_with_the_plane_even_when_it_is_killed(self):
        plane = Plane()
        self.addCleanup(plane.close)
        plane.function("worker", CODE, plane.role("worker"))
        pid = plane.invoke("worker", {})["pid"]
        plane.end(9)
        deadline = time.monotonic() + 5
        while subprocess.run(["kill", "-0", str(pid)], capture_output=True, check=False).returncode == 0:
            self.assertLess(time.monotonic(), deadline, "the worker outlived its plane")
            time.sleep(0.05)
