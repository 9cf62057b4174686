/** The calls that are allowed on every resource, since AWS offers no resource-level control for them. */
export const STAR_ACTIONS: ReadonlySet<string> = new Set([
  // Looking at EC2.
  'ec2:DescribeImages',
  'ec2:DescribeInstances',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeVolumes',
  // What CloudWatch has measured of EC2.
  'cloudwatch:GetMetricData',
  // SSM: answers of commands, nodes, and activations (bound by a condition on their tags).
  'ssm:CreateActivation',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  // The agent's own traffic; it names itself by its credentials.
  'ec2messages:AcknowledgeMessage',
  'ec2messages:DeleteMessage',
  'ec2messages:FailMessage',
  'ec2messages:GetEndpoint',
  'ec2messages:GetMessages',
  'ec2messages:SendReply',
  'ssm:ListInstanceAssociations',
  'ssm:UpdateInstanceInformation',
  'ssmmessages:CreateControlChannel',
  'ssmmessages:CreateDataChannel',
  'ssmmessages:OpenControlChannel',
  'ssmmessages:OpenDataChannel',
  // CDK's grant to readers of a stream.
  'dynamodb:ListStreams',
  // Traces, and the delivery of state machines' logs.
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
]);
