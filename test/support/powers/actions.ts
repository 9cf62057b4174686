import type { Command, ServiceName } from '../simulation/transport.ts';

/** How IAM calls the services of the SDK's clients, where it does not call them so. */
const PREFIXES: Partial<Record<ServiceName, string>> = { sfn: 'states' };

/** Commands that IAM knows by another action, or by several. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  'dynamodb:Get': ['dynamodb:GetItem'],
  'dynamodb:BatchGet': ['dynamodb:BatchGetItem'],
  'dynamodb:Put': ['dynamodb:PutItem'],
  'dynamodb:Update': ['dynamodb:UpdateItem'],
  'dynamodb:Delete': ['dynamodb:DeleteItem'],
  'ec2:RunInstances': ['ec2:RunInstances', 'ec2:CreateTags'],
  's3:ListObjectsV2': ['s3:ListBucket'],
  's3:ListObjectVersions': ['s3:ListBucketVersions'],
  'sqs:SendMessageBatch': ['sqs:SendMessage'],
};

/** Writes of a transaction, each authorized as the write it is. */
const IN_TRANSACTION: Readonly<Record<string, string>> = {
  Put: 'dynamodb:PutItem',
  Update: 'dynamodb:UpdateItem',
  Delete: 'dynamodb:DeleteItem',
  ConditionCheck: 'dynamodb:ConditionCheckItem',
};

/** What IAM is asked about a command of the SDK. */
export const actionsOf = (service: ServiceName, command: Command): readonly string[] => {
  const { input } = command;
  if ('TransactItems' in input && Array.isArray(input.TransactItems)) {
    return input.TransactItems.flatMap((item: object) =>
      Object.entries(IN_TRANSACTION).flatMap(([kind, action]) => (kind in item ? [action] : [])),
    );
  }
  const action = `${PREFIXES[service] ?? service}:${command.constructor.name.replace(/Command$/, '')}`;
  return OTHERS[action] ?? [action];
};
