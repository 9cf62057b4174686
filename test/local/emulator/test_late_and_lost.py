"""Commands that come late, are lost, or meet a restart; the agent is told to lie."""

import json
import unittest

from plane import Plane, until


class LateAndLost(unittest.TestCase):
    def setUp(self) -> None:
        self.plane = Plane()
        self.addCleanup(self.plane.close)
        self.ssm = self.plane.client("ssm")
        self.node, self.state = self.plane.register("host")

    def send(self, *commands, delivery=30, execution=1):
        parameters = {"commands": list(commands), "executionTimeout": [str(execution)]}
        return self.ssm.send_command(DocumentName="AWS-RunShellScript", InstanceIds=[self.node], TimeoutSeconds=delivery,
                                     Parameters=parameters)["Command"]["CommandId"]

    def ended(self, command, seconds):
        def look():
            answer = self.ssm.get_command_invocation(CommandId=command, InstanceId=self.node)
            return answer if answer["Status"] in ("Success", "Failed", "TimedOut", "Cancelled") else None
        return until(look, seconds)

    def test_a_silent_host_times_the_delivery_out(self):
        self.assertEqual(self.ended(self.send("true"), 40)["StatusDetails"], "Delivery Timed Out")

    def test_a_command_sent_while_the_plane_restarts_is_run(self):
        # room for a busy machine: what is tested is that it runs, not how soon
        command = self.send("echo kept", delivery=300, execution=60)
        self.plane.wait_for_save()
        self.plane.end(9)
        self.plane.run_agent(self.state)
        self.plane.start()
        self.assertEqual(self.ended(command, 120)["StandardOutputContent"], "kept\n")

    def test_a_command_outlives_its_agent(self):
        agent = self.plane.run_agent(self.state)
        command = self.send("sleep 0.9; echo survived", execution=60)
        # InProgress since it was acknowledged; what outlives the agent is a worker that it has noted
        worker = self.state / "orchestration" / command / "worker.pid"
        until(lambda: worker.exists() and worker.read_text())
        agent.kill()
        agent.wait()
        self.plane.run_agent(self.state)
        self.assertEqual(self.ended(command, 30)["StandardOutputContent"], "survived\n")

    def test_a_lost_report_ends_in_a_time_out(self):
        (self.state / "faults.json").write_text(json.dumps({"dropReport": True}))
        self.plane.run_agent(self.state)
        self.assertEqual(self.ended(self.send("true"), 30)["StatusDetails"], "Execution Timed Out")

    def test_run_twice_and_garbled(self):
        (self.state / "faults.json").write_text(json.dumps({"runTwice": True, "garbleOutput": True}))
        self.plane.run_agent(self.state)
        marks = self.state / "marks"
        answer = self.ended(self.send(f"echo x >> {marks}", "echo abc", execution=60), 30)
        self.assertEqual((marks.read_text(), answer["StandardOutputContent"]), ("x\nx\n", "\ncba"))
