import { Aws } from 'aws-cdk-lib';
import type { IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from './config.ts';
import {
  allow,
  type HasTableArn,
  leading,
  mayAnswer,
  mayChangeInstances,
  mayFindNodes,
  mayLaunchInstances,
  mayLookAtEc2,
  maySend,
} from './grants.ts';
import { bucketName, documentName } from './names.ts';
import type { StateStack } from './state-stack.ts';

/** Makes the key that signs cursors, the first time it is needed: that one row and no other. */
export const mayMakeCursorKey = (table: HasTableArn): PolicyStatement =>
  allow(['dynamodb:PutItem'], [table.tableArn], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['secret#cursor'] },
  });

/** Looks at everything, table included, and writes two rows of its own: what it found, and what the collector may trust. */
export const mayAudit = (
  { installation }: Config,
  { state, bus }: { readonly state: HasTableArn; readonly bus: { readonly eventBusArn: string } },
): PolicyStatement[] => [
  allow(['dynamodb:GetItem', 'dynamodb:Scan', 'dynamodb:DescribeTable'], [state.tableArn]),
  allow(['dynamodb:PutItem'], [state.tableArn], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['plane'] },
  }),
  mayLookAtEc2('Instances', 'Volumes'),
  allow(['s3:ListBucket'], [`arn:${Aws.PARTITION}:s3:::${bucketName(installation)}`], {
    StringLike: { 's3:prefix': ['user-data/*'] },
  }),
  allow(['events:PutEvents'], [bus.eventBusArn]),
];

/** Partitions in which rows of projects lie, by their beginnings: of none in which hosts, names or the plane's own rows do. */
const PROJECTS_ROWS = ['vm#*', 'op#*', 'token#*', 'key#*', 'image#*', 'p#*'];

/** Looks through the table for what is left of deleted projects, and removes rows of kinds that projects have, with user-data. */
export const mayErase = (config: Config, table: HasTableArn): PolicyStatement[] => [
  allow(['dynamodb:Scan'], [table.tableArn]),
  allow(['dynamodb:DeleteItem'], [table.tableArn], leading(...PROJECTS_ROWS)),
  mayKeepUserData(config, ['s3:DeleteObject']),
];

/** User-data between request and launch, nothing else in the bucket. */
export const mayKeepUserData = (config: Config, actions: string[]): PolicyStatement =>
  allow(actions, [`arn:${Aws.PARTITION}:s3:::${bucketName(config.installation)}/user-data/*`]);

export const mayPush = (...queues: IQueue[]): PolicyStatement =>
  allow(
    ['sqs:SendMessage'],
    queues.map((queue) => queue.queueArn),
  );

/** Moves what lies in a queue of dead letters; into the queues from which it came whoever does so is to be let in as well. */
export const mayRedrive = ({ queueArn }: IQueue): PolicyStatement =>
  allow(['sqs:StartMessageMoveTask', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn]);

export const mayReadConsole = (config: Config): PolicyStatement => mayChangeInstances(config, ['GetConsoleOutput']);

/** Ends the registration of nodes of this installation. */
export const mayDeregister = (config: Config): PolicyStatement =>
  allow(
    ['ssm:DeregisterManagedInstance'],
    [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:managed-instance/*`],
    { StringEquals: { 'ssm:resourceTag/novacron:installation': config.installation } },
  );

/** Mints activations that can only become nodes of this installation, and ends their registration. */
export const mayEnrol = (config: Config, nodeRole: IRole): PolicyStatement[] => [
  allow(['ssm:CreateActivation'], ['*'], {
    StringEquals: { 'aws:RequestTag/novacron:installation': config.installation },
  }),
  allow(['ssm:AddTagsToResource'], [`arn:${Aws.PARTITION}:ssm:${Aws.REGION}:${Aws.ACCOUNT_ID}:managed-instance/*`], {
    StringEquals: { 'aws:RequestTag/novacron:installation': config.installation },
  }),
  allow(['iam:PassRole'], [nodeRole.roleArn], { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } }),
  mayDeregister(config),
];

/** Partitions in which the time lies that VMs were off by schedules, of every project. */
const TIME_OFF = ['off', 'saved#*', 'p#*#off', 'p#*#saved#*'];

/** Reads what it asks after of operations and schedules, and writes rows of time off, and no other. */
export const mayNoteTimeOff = (table: HasTableArn): PolicyStatement[] => [
  allow(['dynamodb:GetItem'], [table.tableArn]),
  allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], [table.tableArn], leading(...TIME_OFF)),
];

/** Partitions of samples as they come, and the notes of what is to be put together. */
const SAMPLES = ['samples#*', 'samples-due'];

/** Writes down what is measured. */
export const mayKeepSamples = ({ tableArn }: HasTableArn): PolicyStatement =>
  allow(['dynamodb:PutItem'], [tableArn], leading(...SAMPLES));

/** Keeps what rules know of what is measured. */
export const mayKeepRules = ({ tableArn }: HasTableArn): PolicyStatement =>
  allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tableArn], leading('rules#*'));

/** Reads samples as they come, and keeps what a store outside was told of them. */
export const mayExportSamples = ({ tableArn }: HasTableArn): PolicyStatement[] => [
  allow(['dynamodb:Query'], [tableArn], leading('samples#*')),
  allow(['dynamodb:GetItem', 'dynamodb:PutItem'], [tableArn], leading('export#*')),
];

/** Reads what was measured. */
export const mayReadSamples = ({ tableArn }: HasTableArn): PolicyStatement =>
  allow(['dynamodb:Query'], [tableArn], leading('samples#*', 'series#*'));

/** Reads samples as they came, and writes each subject's hour. */
export const mayCompactSamples = ({ tableArn }: HasTableArn): PolicyStatement[] => [
  allow(['dynamodb:Query'], [tableArn], leading(...SAMPLES)),
  allow(['dynamodb:PutItem'], [tableArn], leading('series#*')),
  allow(['dynamodb:DeleteItem'], [tableArn], leading('samples-due')),
];

interface StepPower {
  /** EC2 actions on instances that carry our marks. */
  readonly ec2?: readonly string[];
  readonly launches?: boolean;
  /** Puts into the queue what is asked of EC2 for many at once. */
  readonly orders?: boolean;
  /** Looks at instances, without changing anything there. */
  readonly looks?: boolean;
  /** Looks for the node that a host has become. */
  readonly findsNodes?: boolean;
  /** Ends registrations of nodes. */
  readonly deregisters?: boolean;
  /** Documents it may send. */
  readonly documents?: readonly string[];
  readonly userData?: readonly string[];
  /** How it answers its own task: any can fail; one whose end an event tells does not succeed by itself. */
  readonly answers?: Parameters<typeof mayAnswer>[1];
}

const FAILS: StepPower = { answers: ['Failure'] };
const ENDS: StepPower = { answers: ['Success', 'Failure'] };

const UNDO: StepPower = {
  ec2: ['TerminateInstances', 'ModifyInstanceAttribute'],
  documents: ['UndoCreateVm'],
};

/** What each step of the state machines may do at a provider and to its workflow, beside what its code does with rows. */
const STEP_POWERS: Readonly<Record<string, StepPower>> = {
  'launch-vm': {
    ...ENDS,
    launches: true,
    orders: true,
    documents: ['CreateVm'],
    userData: ['s3:GetObject'],
    // Doubles of its own launch.
    ec2: ['TerminateInstances'],
  },
  'await-ready': ENDS,
  'start-vm': { ...FAILS, orders: true, documents: ['StartVm'] },
  'ask-to-stop': { ...FAILS, orders: true, documents: ['StopVm'] },
  'reboot-vm': { ...ENDS, ec2: ['RebootInstances'], documents: ['RebootVm'] },
  'reset-vm': { ...FAILS, documents: ['ResetVm'] },
  'remove-vm': { ...ENDS, orders: true, looks: true, documents: ['RemoveVm'] },
  'restore-definition': { ...FAILS, documents: ['UndeleteVm'] },
  'prepare-host': { ...ENDS, documents: ['ProveHost', 'EnrolHost'], findsNodes: true, deregisters: true },
  'undo-operation': { ...ENDS, ...UNDO },
  'record-outcome': { looks: true, userData: ['s3:DeleteObject'] },
};

const atProviders = (power: StepPower, config: Config, state: StateStack): PolicyStatement[] => {
  const documents = power.documents?.map((verb) => documentName(config.installation, verb)) ?? [];
  return [
    ...(power.launches ? mayLaunchInstances(config) : []),
    ...(power.orders ? [mayPush(state.actions.queue)] : []),
    ...(power.ec2 ? [mayChangeInstances(config, [...power.ec2])] : []),
    ...(power.ec2 || power.looks ? [mayLookAtEc2('Instances')] : []),
    ...(documents.length > 0 ? maySend(config, documents) : []),
    ...(power.findsNodes ? [mayFindNodes()] : []),
    ...(power.deregisters ? [mayDeregister(config)] : []),
    ...(power.userData ? [mayKeepUserData(config, [...power.userData])] : []),
  ];
};

/** Takes a create back at its provider, which is all that the collector does there. */
export const mayUndoCreates = (config: Config, state: StateStack): PolicyStatement[] =>
  atProviders(UNDO, config, state);

/** The statements of one step. @throws Error where a step was added and its powers were not */
export const powersOf = (step: string, config: Config, state: StateStack, machines: string[]): PolicyStatement[] => {
  const power = STEP_POWERS[step];
  if (!power) throw new Error(`lambdas/steps/${step}.ts has no entry in STEP_POWERS of lib/powers.ts.`);
  return [...(power.answers ? [mayAnswer(machines, power.answers)] : []), ...atProviders(power, config, state)];
};
