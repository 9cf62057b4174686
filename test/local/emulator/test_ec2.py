"""EC2: states that take their time and are told, launches that happen once, permissions per resource."""

import unittest

from botocore.exceptions import ClientError
from plane import Plane, until

AL2023 = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
UBUNTU = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
DEBIAN = "/aws/service/debian/release/12/latest/amd64"


class Ec2(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.plane = Plane()
        cls.addClassCleanup(cls.plane.close)
        cls.ec2 = cls.plane.client("ec2")
        cls.image = cls.plane.client("ssm").get_parameter(Name=AL2023)["Parameter"]["Value"]

    def request(self, tags=None, **more):
        request = {"ImageId": self.image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, **more}
        if tags:
            request["TagSpecifications"] = [
                {"ResourceType": "instance", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]
        return request

    def launch(self, client=None, **more):
        return (client or self.ec2).run_instances(**self.request(**more))["Instances"][0]["InstanceId"]

    def state(self, instance):
        answer = self.ec2.describe_instances(InstanceIds=[instance])
        return answer["Reservations"][0]["Instances"][0]["State"]["Name"]

    def comes_to(self, instance, state):
        until(lambda: self.state(instance) == state)

    def refused(self, code):
        return self.assertRaisesRegex(ClientError, code)

    def test_a_life_with_its_events(self):
        queue = self.plane.rule_to_queue("ec2-events", {"source": ["aws.ec2"]})
        answer = self.ec2.run_instances(**self.request())["Instances"][0]
        self.assertEqual(answer["State"]["Name"], "pending")
        instance = answer["InstanceId"]
        self.comes_to(instance, "running")
        self.ec2.stop_instances(InstanceIds=[instance])
        self.comes_to(instance, "stopped")
        again = self.ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"][0]
        self.assertEqual(again["CurrentState"]["Name"], "stopped")
        self.ec2.start_instances(InstanceIds=[instance])
        self.comes_to(instance, "running")
        self.ec2.terminate_instances(InstanceIds=[instance])
        self.comes_to(instance, "terminated")
        with self.refused("IncorrectInstanceState"):
            self.ec2.start_instances(InstanceIds=[instance])
        ours = [one["detail"]["state"] for one in self.plane.received(queue, 8) if one["detail"]["instance-id"] == instance]
        self.assertEqual(ours, ["pending", "running", "stopping", "stopped", "pending", "running", "shutting-down", "terminated"])

    def test_a_token_launches_once(self):
        first = self.launch(ClientToken="token-1", tags={"novacron:op": "op-1"})
        self.assertEqual(self.launch(ClientToken="token-1", tags={"novacron:op": "op-1"}), first)
        with self.refused("IdempotentParameterMismatch"):
            self.launch(ClientToken="token-1", InstanceType="t3.small", tags={"novacron:op": "op-1"})
        found = self.ec2.describe_instances(Filters=[{"Name": "client-token", "Values": ["token-1"]},
                                                     {"Name": "tag:novacron:op", "Values": ["op-1"]}])["Reservations"]
        self.assertEqual([one["InstanceId"] for row in found for one in row["Instances"]], [first])

    def test_termination_protection(self):
        instance = self.launch(DisableApiTermination=True)
        with self.refused("OperationNotPermitted"):
            self.ec2.terminate_instances(InstanceIds=[instance])
        self.ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
        self.ec2.terminate_instances(InstanceIds=[instance])

    def test_wrong_names(self):
        with self.refused("InvalidAMIID.NotFound"):
            self.launch(ImageId="ami-00000000000000000")
        with self.refused("InvalidInstanceType"):
            self.launch(InstanceType="t9.huge")
        with self.refused("InvalidInstanceID.NotFound"):
            self.ec2.start_instances(InstanceIds=["i-00000000000000000"])

    def test_aliases_lead_to_images(self):
        answer = self.plane.client("ssm").get_parameters(Names=[AL2023, UBUNTU, DEBIAN])
        images = [one["Value"] for one in answer["Parameters"]]
        self.assertEqual(len(self.ec2.describe_images(ImageIds=images)["Images"]), 3)

    def test_permissions_follow_tags(self):
        managed = {"StringEquals": {"aws:RequestTag/novacron:managed": "true"}}
        ours = {"StringEquals": {"aws:ResourceTag/novacron:managed": "true"}}
        ec2 = self.plane.user(
            "operator",
            {"Action": "ec2:RunInstances", "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": managed},
            {"Action": "ec2:RunInstances", "Resource": ["arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:network-interface/*",
                                                        "arn:aws:ec2:*::image/*"]},
            {"Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"ec2:CreateAction": "RunInstances"}}},
            {"Action": "ec2:TerminateInstances", "Resource": "*", "Condition": ours},
        )("ec2")
        mine = self.launch(ec2, tags={"novacron:managed": "true"})
        strangers = self.launch(tags={"owner": "somebody"})
        for attempt in (lambda: self.launch(ec2), lambda: self.launch(ec2, tags={"novacron:managed": "no"}),
                        lambda: ec2.terminate_instances(InstanceIds=[strangers]),
                        lambda: ec2.terminate_instances(InstanceIds=[mine, strangers]),
                        lambda: ec2.create_tags(Resources=[strangers], Tags=[{"Key": "novacron:managed", "Value": "true"}])):
            with self.refused("UnauthorizedOperation"):
                attempt()
        ec2.terminate_instances(InstanceIds=[mine])

    def test_commands_follow_tags(self):
        ours, _ = self.plane.register("ours", Tags=[{"Key": "installation", "Value": "a"}])
        others, _ = self.plane.register("others", Tags=[{"Key": "installation", "Value": "b"}])
        ssm = self.plane.user(
            "sender",
            {"Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:*::document/AWS-RunShellScript"},
            {"Action": "ssm:SendCommand", "Resource": "arn:aws:ssm:*:*:managed-instance/*",
             "Condition": {"StringEquals": {"ssm:resourceTag/installation": "a"}}},
        )("ssm")
        def send(node):
            ssm.send_command(DocumentName="AWS-RunShellScript", InstanceIds=[node], Parameters={"commands": ["true"]})
        send(ours)
        with self.refused("AccessDenied"):
            send(others)

    def test_mail_of_ses_goes_out_under_the_identity_of_its_sender(self):
        self.plane.client("sesv2").create_email_identity(EmailIdentity="example.org")
        ses = self.plane.user("mailer", {"Action": "ses:SendEmail",
                                         "Resource": "arn:aws:ses:us-east-1:*:identity/example.org"})("sesv2")
        mail = {"Destination": {"ToAddresses": ["ops@example.com"]},
                "Content": {"Raw": {"Data": b"Subject: Down\r\n\r\nfires"}}}
        ses.send_email(FromEmailAddress="plane@example.org", **mail)
        with self.refused("AccessDenied"):
            ses.send_email(FromEmailAddress="plane@example.net", **mail)

    def test_a_forged_signature_is_refused(self):
        self.plane.user("nobody")
        key = self.plane.client("iam").list_access_keys(UserName="nobody")["AccessKeyMetadata"][0]["AccessKeyId"]
        with self.refused("SignatureDoesNotMatch|AuthFailure"):
            self.plane.client("ec2", key, "not-the-secret").describe_instances()


class KeptOverRestarts(unittest.TestCase):
    def test_a_kill_returns_to_the_last_save(self):
        plane = Plane()
        self.addCleanup(plane.close)
        image = plane.client("ssm").get_parameter(Name=DEBIAN)["Parameter"]["Value"]
        ec2 = plane.client("ec2")
        kept = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, ClientToken="t")
        plane.wait_for_save()
        plane.end(9)
        plane.start()
        again = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, ClientToken="t")
        self.assertEqual(again["Instances"][0]["InstanceId"], kept["Instances"][0]["InstanceId"])
