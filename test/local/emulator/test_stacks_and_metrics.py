"""CloudFormation types that ministack lacks, metrics out of logs, and alarms that evaluate."""

import datetime
import json
import unittest

from emulator.metrics.expressions import Unsupported, evaluate
from plane import Plane, until

EMF = """
exports.handler = async (event) => {
  console.log(JSON.stringify({ operation: 'create-vm', outcome: 'failed', count: 1, duration: event.duration,
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'NovaCron', Dimensions: [['operation'], ['operation', 'outcome']],
      Metrics: [{ Name: 'count', Unit: 'Count' }, { Name: 'duration', Unit: 'Milliseconds' }] }] } }));
};
"""
ALARM = {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1, "EvaluationPeriods": 1, "Period": 60,
         "Statistic": "Sum", "TreatMissingData": "notBreaching"}


class StacksAndMetrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.plane = Plane()
        cls.addClassCleanup(cls.plane.close)

    def state(self, alarm):
        found = self.plane.client("cloudwatch").describe_alarms(AlarmNames=[alarm], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        return (found["MetricAlarms"] + found["CompositeAlarms"])[0]["StateValue"]

    def put(self, name, value, **dimensions):
        self.plane.client("cloudwatch").put_metric_data(Namespace="Test", MetricData=[
            {"MetricName": name, "Value": value, "Dimensions": [{"Name": key, "Value": one} for key, one in dimensions.items()]}])

    def test_a_document_of_a_stack_is_real_and_gets_versions(self):
        def document(command):
            content = {"schemaVersion": "2.2", "mainSteps": [
                {"action": "aws:runShellScript", "name": "run", "inputs": {"runCommand": [command]}}]}
            return {"Doc": {"Type": "AWS::SSM::Document", "Properties": {
                "Name": "NovaCron-Test", "DocumentType": "Command", "UpdateMethod": "NewVersion", "Content": content,
                "Tags": [{"Key": "installation", "Value": "test"}]}}}
        outputs = self.plane.stack("documents", document("echo one"), {"Name": {"Ref": "Doc"}})
        self.assertEqual(outputs, {"Name": "NovaCron-Test"})
        self.plane.stack("documents", document("echo two"))
        described = self.plane.client("ssm").describe_document(Name="NovaCron-Test")["Document"]
        self.assertEqual((described["DefaultVersion"], described["Tags"]), ("2", [{"Key": "installation", "Value": "test"}]))

    def test_recorded_types_answer_ref_and_getatt(self):
        outputs = self.plane.stack("recorded", {
            "Query": {"Type": "AWS::Logs::QueryDefinition", "Properties": {"Name": "errors", "QueryString": "fields @message"}},
            "Stream": {"Type": "AWS::CloudWatch::MetricStream", "Properties": {"Name": "all", "OutputFormat": "json"}},
        }, {"Id": {"Fn::GetAtt": ["Query", "QueryDefinitionId"]}, "Arn": {"Fn::GetAtt": ["Stream", "Arn"]}})
        self.assertEqual(outputs["Arn"], "arn:aws:cloudwatch:us-east-1:000000000000:metric-stream/all")
        self.assertTrue(outputs["Id"])

    def test_networks_of_a_stack_are_the_apis(self):
        outputs = self.plane.stack("network", {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.7.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.7.1.0/24"}},
            "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {
                "GroupDescription": "vms", "VpcId": {"Ref": "Vpc"}, "SecurityGroupIngress": [
                    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"}]}},
        }, {"Subnet": {"Ref": "Subnet"}, "Group": {"Fn::GetAtt": ["Group", "GroupId"]}})
        ec2 = self.plane.client("ec2")
        self.assertEqual(ec2.describe_subnets(SubnetIds=[outputs["Subnet"]])["Subnets"][0]["CidrBlock"], "10.7.1.0/24")
        image = self.plane.client("ssm").get_parameter(Name="/aws/service/debian/release/12/latest/amd64")["Parameter"]["Value"]
        instance = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=outputs["Subnet"],
                                     SecurityGroupIds=[outputs["Group"]])["Instances"][0]
        self.assertEqual((instance["SubnetId"], instance["SecurityGroups"][0]["GroupId"]), (outputs["Subnet"], outputs["Group"]))

    def test_an_instance_profile_of_a_stack_is_launched_with(self):
        trust = {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
        outputs = self.plane.stack("profile", {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
            "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
        }, {"Name": {"Ref": "Profile"}})
        ec2 = self.plane.client("ec2")
        image = self.plane.client("ssm").get_parameter(Name="/aws/service/debian/release/12/latest/amd64")["Parameter"]["Value"]
        instance = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1,
                                     IamInstanceProfile={"Name": outputs["Name"]})["Instances"][0]["InstanceId"]
        row = ec2.describe_iam_instance_profile_associations(
            Filters=[{"Name": "instance-id", "Values": [instance]}])["IamInstanceProfileAssociations"][0]
        self.assertTrue(row["IamInstanceProfile"]["Arn"].endswith(outputs["Name"]))

    def test_a_log_line_becomes_a_metric(self):
        self.plane.function("emitter", EMF, self.plane.role("emitter"))
        for duration in (10, 30):
            self.plane.invoke("emitter", {"duration": duration})
        now = datetime.datetime.now(datetime.timezone.utc)
        def average():
            points = self.plane.client("cloudwatch").get_metric_statistics(
                Namespace="NovaCron", MetricName="duration", Statistics=["Average", "SampleCount"], Period=3600,
                Dimensions=[{"Name": "operation", "Value": "create-vm"}],
                StartTime=now - datetime.timedelta(hours=1), EndTime=now + datetime.timedelta(hours=1))["Datapoints"]
            return sum(one["SampleCount"] for one in points) == 2 and points
        self.assertEqual(until(average)[0]["Average"], 20)

    def test_an_alarm_watches_its_own_dimensions(self):
        self.plane.stack("dimensions", {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            **ALARM, "AlarmName": "ours", "Namespace": "Test", "MetricName": "failed",
            "Dimensions": [{"Name": "operation", "Value": "create"}]}}})
        self.put("failed", 5, operation="other")
        until(lambda: self.state("ours") == "OK")
        queue = self.plane.rule_to_queue("alarms", {"source": ["aws.cloudwatch"], "detail": {"alarmName": ["ours"]}})
        self.put("failed", 1, operation="create")
        until(lambda: self.state("ours") == "ALARM")
        self.assertEqual(self.plane.received(queue, 1)[0]["detail"]["state"]["value"], "ALARM")

    def test_an_alarm_on_an_expression_and_one_on_alarms(self):
        def metric(identifier, name):
            return {"Id": identifier, "ReturnData": False, "MetricStat": {
                "Metric": {"Namespace": "Test", "MetricName": name}, "Period": 60, "Stat": "Sum"}}
        rate = {"AlarmName": "rate", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 10, "EvaluationPeriods": 1,
                "Metrics": [{"Id": "rate", "Expression": "100 * errors / (errors + good)"}, metric("errors", "e"), metric("good", "g")]}
        self.plane.stack("math", {
            "Rate": {"Type": "AWS::CloudWatch::Alarm", "Properties": rate},
            "Any": {"Type": "AWS::CloudWatch::CompositeAlarm", "DependsOn": "Rate", "Properties": {
                "AlarmName": "any", "AlarmRule": 'ALARM("rate")'}}})
        self.put("e", 1)
        self.put("g", 99)
        until(lambda: self.state("rate") == "OK")
        self.put("e", 30)
        until(lambda: self.state("rate") == "ALARM")
        until(lambda: self.state("any") == "ALARM")

    def test_missing_data_is_noticed(self):
        self.plane.stack("missing", {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            **ALARM, "AlarmName": "silent", "Namespace": "Test", "MetricName": "beat", "TreatMissingData": "breaching"}}})
        until(lambda: self.state("silent") == "ALARM")

    def test_a_dead_letter_is_alarmed(self):
        sqs = self.plane.client("sqs")
        url = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        visible = {"Namespace": "AWS/SQS", "MetricName": "ApproximateNumberOfMessagesVisible",
                   "Dimensions": [{"Name": "QueueName", "Value": "dead-letters"}]}
        self.plane.stack("dead-letters", {"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "AlarmName": "dead-letters", "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0, "EvaluationPeriods": 1,
            "Metrics": [{"Id": "m1", "MetricStat": {"Metric": visible, "Period": 60, "Stat": "Maximum"}}]}}})
        until(lambda: self.state("dead-letters") == "OK")
        sqs.send_message(QueueUrl=url, MessageBody="lost")
        until(lambda: self.state("dead-letters") == "ALARM")

    def test_versions_and_aliases_of_machines(self):
        role = self.plane.role("machine")
        definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}})
        outputs = self.plane.stack("machines", {
            "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": definition, "RoleArn": role}},
            "Version": {"Type": "AWS::StepFunctions::StateMachineVersion", "Properties": {"StateMachineArn": {"Ref": "Machine"}}},
            "Live": {"Type": "AWS::StepFunctions::StateMachineAlias", "Properties": {
                "Name": "live", "RoutingConfiguration": [{"StateMachineVersionArn": {"Ref": "Version"}, "Weight": 100}]}},
        }, {"Alias": {"Ref": "Live"}})
        self.assertEqual(self.plane.execute(outputs["Alias"], {})["status"], "SUCCEEDED")


class Expressions(unittest.TestCase):
    def test_arithmetic_over_points(self):
        series = {"a": [1.0, 2.0, None], "b": [4.0, 0.0, 1.0]}
        for expression, expected in {
            "a / b * 100": [25.0, None, None], "FILL(a, 0) + b": [5.0, 2.0, 1.0], "SUM(METRICS())": [5.0, 2.0, 1.0],
            "MAX([a, b])": [4.0, 2.0, 1.0], "IF(b > 0, 1, 0)": [1.0, 0.0, 1.0], "a > 1 || b > 3": [1.0, 1.0, 0.0],
            "MAX(b)": [4.0, 4.0, 4.0], "-a": [-1.0, -2.0, None],
        }.items():
            with self.subTest(expression):
                self.assertEqual(evaluate(expression, series, 3), expected)

    def test_what_it_does_not_know_it_says(self):
        for expression in ("SEARCH('x', 'Sum')", "ANOMALY_DETECTION_BAND(a)", "c + 1", "a +", "__import__('os')"):
            with self.subTest(expression), self.assertRaises(Unsupported):
                evaluate(expression, {"a": [1.0]}, 1)
