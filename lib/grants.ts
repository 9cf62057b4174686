import { Aws } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
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

/**
 * What the store's calls look like in a bundle, from which tree shaking has removed those that the function does not make.
 * A transaction asks for the action of each of its writes. Never a Scan.
 */
const ROW_CALLS = [
  ['GetItem', /Key:\{\.\.\.\w+\},ConsistentRead:!0/],
  ['BatchGetItem', /RequestItems:\{\[/],
  ['PutItem', /kind:"put"/],
  ['DeleteItem', /kind:"delete"/],
  ['ConditionCheckItem', /kind:"check"/],
  ['UpdateItem', /kind:"update"/],
] as const;
export type RowCall = (typeof ROW_CALLS)[number][0];
const ROW_QUERY = /KeyConditionExpression:/;

/** What this code does with rows, and no more: a function that only lists may not write, one that writes may not delete. */
export const mayDoWithRows = (
  table: HasTableArn,
  code: string,
  unreached: readonly RowCall[] = [],
): PolicyStatement[] => {
  const actions = ROW_CALLS.flatMap(([action, call]) =>
    call.test(code) && !unreached.includes(action) ? [`dynamodb:${action}`] : [],
  );
  return [
    ...(actions.length > 0 ? [allow(actions, [table.tableArn])] : []),
    ...(ROW_QUERY.test(code) ? [allow(['dynamodb:Query'], withIndexes(table))] : []),
  ];
};

/** Lets rules of this account put what EventBridge tells into a queue; their targets have no role of their own. */
export const rulesMaySend = (queueArn: string): PolicyStatement =>
  new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sqs:SendMessage'],
    resources: [queueArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:rule/*` },
    },
  });

/** Reads by key and by index; never a Scan. */
export const mayRead = (table: HasTableArn): PolicyStatement[] => [
  allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [table.tableArn]),
  allow(['dynamodb:Query'], withIndexes(table)),
];

/** What would change or remove a row that is there. */
const CHANGES = ['dynamodb:UpdateItem', 'dynamodb:DeleteItem', 'dynamodb:BatchWriteItem'];

/** Appends to chains of which it reads the last entry, and whatever else allows it: neither changes nor removes what is there. */
export const mayAppend = (table: HasTableArn): PolicyStatement[] => [
  allow(['dynamodb:PutItem', 'dynamodb:Query'], [table.tableArn]),
  new PolicyStatement({ effect: Effect.DENY, actions: CHANGES, resources: [table.tableArn] }),
];

/** For the policy of a table whose rows nobody changes, administrators of the account among them. */
export const nobodyChanges = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'AppendOnly',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: [...CHANGES, 'dynamodb:PartiQLUpdate', 'dynamodb:PartiQLDelete'],
    resources: ['*'],
  });

/** Reads partitions whose keys are these, by query alone. */
export const mayQuery = (table: HasTableArn, ...partitions: string[]): PolicyStatement =>
  allow(
    ['dynamodb:Query'],
    [table.tableArn],
    partitions.length === 0 ? undefined : { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': partitions } },
  );

/** Rows of partitions whose keys are like these, and of no others. */
export const leading = (...partitions: string[]): Conditions => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions },
});

/** Updates rows whose partition begins with this word, and nothing else. */
export const mayUpdate = (table: HasTableArn, word: string): PolicyStatement =>
  allow(['dynamodb:UpdateItem'], [table.tableArn], leading(`${word}#*`));

/** The looks at EC2 that functions take. */
type Look = 'Instances' | 'Volumes' | 'Images' | 'LaunchTemplateVersions';

/** What EC2 offers no resource-level control for: looking. */
export const mayLookAtEc2 = (...looks: Look[]): PolicyStatement =>
  allow(
    looks.map((look) => `ec2:Describe${look}`),
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
  mayLookAtEc2('Images', 'LaunchTemplateVersions'),
  publicParameters(config),
];

/** AWS's own public parameters, in which the AMI aliases stand. */
const publicParameters = (config: Config): PolicyStatement =>
  allow(
    ['ssm:GetParameter'],
    regionsOf(config).map((region) => `arn:${Aws.PARTITION}:ssm:${region}::parameter/aws/service/*`),
  );

/** Runs these documents of ours, and only on nodes of this installation. */
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
];

/** Reads what a command answered; the call knows no resources. */
export const mayReadAnswers = (): PolicyStatement => allow(['ssm:GetCommandInvocation'], ['*']);

/** Reads metrics of CloudWatch, whatever they are of: the call knows no resources. */
export const mayReadMetrics = (): PolicyStatement => allow(['cloudwatch:GetMetricData'], ['*']);

/** Finds the node that has registered for a host; the call knows no resources. */
export const mayFindNodes = (): PolicyStatement => allow(['ssm:DescribeInstanceInformation'], ['*']);

/** How a task is told its end. */
type Verdict = 'Success' | 'Failure';

/** Answers task tokens of our own state machines. */
export const mayAnswer = (machineArns: string[], verdicts: Verdict[] = ['Success', 'Failure']): PolicyStatement =>
  allow(
    verdicts.map((verdict) => `states:SendTask${verdict}`),
    machineArns,
  );
