import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';

const USE = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'];

/**
 * Lets the stores use the key for whoever may use the store, as AWS's own managed keys do: who may read a table is then
 * said once, on the table, and a key of ours still gives rotation, an audit trail and an off switch.
 */
const throughStores = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'ThroughTheStores',
    principals: [new AnyPrincipal()],
    actions: [...USE, 'kms:CreateGrant'],
    resources: ['*'],
    conditions: {
      StringEquals: {
        'kms:CallerAccount': Aws.ACCOUNT_ID,
        'kms:ViaService': ['dynamodb', 's3', 'sqs', 'sns'].map((service) => `${service}.${Aws.REGION}.amazonaws.com`),
      },
    },
  });

/** Services that write by themselves, each for resources of this account only. */
const services = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'ServicesOfThisAccount',
    principals: ['events', 'sns', 'sqs', 'cloudwatch', 'scheduler'].map(
      (service) => new ServicePrincipal(`${service}.amazonaws.com`),
    ),
    actions: ['kms:Decrypt', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    resources: ['*'],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });

const logs = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'LogGroupsOfThisAccount',
    principals: [new ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`)],
    actions: USE,
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
      },
    },
  });

/** Says who may use the key beside the account's administrators. */
export const shareKey = (key: Key): void => {
  for (const statement of [throughStores(), services(), logs()]) key.addToResourcePolicy(statement);
};
