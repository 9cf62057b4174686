import { Aws } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Config } from './config.ts';

/** A table, or whatever has its ARN (the class does not satisfy the interface under exactOptionalPropertyTypes). */
export interface HasTableArn {
  readonly tableArn: string;
}

type Conditions = Record<string, Record<string, string | string[]>>;

/** One statement, all of it typed by hand. */
export const allow = (actions: string[], resources: string[], conditions?: Conditions): PolicyStatement =>
  new PolicyStatement({ actions, resources, ...(conditions ? { conditions } : {}) });

const withIndexes = (table: HasTableArn): string[] => [
  table.tableArn,
  `${table.tableArn}/index/gsi1`,
  `${table.tableArn}/index/gsi2`,
];

/** Reads by key and by index; never a Scan. */
export const mayRead = (table: HasTableArn): PolicyStatement =>
  allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], withIndexes(table));

/** Writes, each under its condition; TransactWriteItems asks for these same actions. */
const mayWrite = (table: HasTableArn): PolicyStatement =>
  allow(
    ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
    [table.tableArn],
  );

/** Appends, and neither changes nor removes what is there. */
export const mayAppend = (table: HasTableArn): PolicyStatement => allow(['dynamodb:PutItem'], [table.tableArn]);

export const mayReadAndWrite = (table: HasTableArn): PolicyStatement[] => [mayRead(table), mayWrite(table)];

/** What EC2 offers no resource-level control for: looking. */
export const mayLookAtEc2 = (): PolicyStatement =>
  allow(
    [
      'ec2:DescribeInstances',
      'ec2:DescribeImages',
      'ec2:DescribeInstanceTypes',
      'ec2:DescribeVolumes',
      'ec2:DescribeInstanceAttribute',
      'ec2:DescribeSubnets',
      'ec2:DescribeLaunchTemplateVersions',
    ],
    ['*'],
  );

/** The home Region and the further ones. */
const regionsOf = (config: Config): string[] => [Aws.REGION, ...config.regions];

const ec2 = (config: Config, resource: string, account: string = Aws.ACCOUNT_ID): string[] =>
  regionsOf(config).map((region) => `arn:${Aws.PARTITION}:ec2:${region}:${account}:${resource}`);

/** The marks without which no instance is ours to touch. */
const markedAs = (config: Config, where: 'aws:ResourceTag' | 'aws:RequestTag'): Conditions => ({
  StringEquals: {
    [`${where}/novacron:managed`]: 'true',
    [`${where}/novacron:installation`]: config.installation,
  },
});

/** Changes instances of this installation, and no other's. */
export const mayChangeInstances = (config: Config, actions: string[]): PolicyStatement =>
  allow(
    actions.map((action) => `ec2:${action}`),
    ec2(config, 'instance/*'),
    markedAs(config, 'aws:ResourceTag'),
  );

/** Launches instances that carry our marks from their first moment and have encrypted disks only, and marks nothing but these. */
export const mayLaunchInstances = (config: Config): PolicyStatement[] => [
  allow(
    ['ec2:RunInstances'],
    [...ec2(config, 'instance/*'), ...ec2(config, 'volume/*')],
    // Instances, which the statement is about too, have no such key.
    { ...markedAs(config, 'aws:RequestTag'), BoolIfExists: { 'ec2:Encrypted': 'true' } },
  ),
  allow(
    ['ec2:RunInstances'],
    [
      ...['subnet/*', 'network-interface/*', 'security-group/*', 'key-pair/*', 'launch-template/*'].flatMap(
        (resource) => ec2(config, resource),
      ),
      ...ec2(config, 'image/*', ''),
      ...ec2(config, 'snapshot/*', ''),
    ],
  ),
  allow(['ec2:CreateTags'], [...ec2(config, 'instance/*'), ...ec2(config, 'volume/*')], {
    StringEquals: { 'ec2:CreateAction': 'RunInstances' },
  }),
  publicParameters(config),
];

/** AWS's own public parameters, in which the AMI aliases stand. */
const publicParameters = (config: Config): PolicyStatement =>
  allow(
    ['ssm:GetParameter'],
    regionsOf(config).map((region) => `arn:${Aws.PARTITION}:ssm:${region}::parameter/aws/service/*`),
  );

/** Runs these documents of ours, and only on nodes of this installation; reads the answers. */
export const maySend = (config: Config, documentNames: string[]): PolicyStatement[] => [
  allow(
    ['ssm:SendCommand'],
    documentNames.map((name) => `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:document/${name}`),
  ),
  allow(
    ['ssm:SendCommand'],
    [
      `arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:managed-instance/*`,
      `arn:${Aws.PARTITION}:ec2:${Aws.REGION}:${Aws.ACCOUNT_ID}:instance/*`,
    ],
    { StringEquals: { 'ssm:resourceTag/novacron:installation': config.installation } },
  ),
  mayReadAnswers(),
];

/** Neither call knows resources. */
export const mayReadAnswers = (): PolicyStatement =>
  allow(['ssm:GetCommandInvocation', 'ssm:DescribeInstanceInformation'], ['*']);

/** Answers task tokens of our own state machines. */
export const mayAnswer = (machineArns: string[]): PolicyStatement =>
  allow(['states:SendTaskSuccess', 'states:SendTaskFailure'], machineArns);
