import { Aws } from 'aws-cdk-lib';
import type { IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Config } from './config.ts';
import { allow, type HasTableArn, mayChangeInstances, mayLaunchInstances, mayLookAtEc2, maySend } from './grants.ts';
import { bucketName, documentName } from './names.ts';

/** Makes the key that signs cursors, the first time it is needed: that one row and no other. */
export const mayMakeCursorKey = (table: HasTableArn): PolicyStatement =>
  allow(['dynamodb:PutItem'], [table.tableArn], {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['secret#cursor'] },
  });

/** User-data between request and launch, nothing else in the bucket. */
export const mayKeepUserData = (config: Config, actions: string[]): PolicyStatement =>
  allow(actions, [`arn:${Aws.PARTITION}:s3:::${bucketName(config.installation)}/user-data/*`]);

export const mayPush = (...queues: IQueue[]): PolicyStatement =>
  allow(
    ['sqs:SendMessage'],
    queues.map((queue) => queue.queueArn),
  );

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

interface StepPower {
  /** EC2 actions on instances that carry our marks. */
  readonly ec2?: readonly string[];
  readonly launches?: boolean;
  /** Looks at EC2 without changing anything there. */
  readonly looks?: boolean;
  /** Documents it may send. */
  readonly documents?: readonly string[];
  readonly userData?: readonly string[];
}

const UNDO: StepPower = {
  ec2: ['TerminateInstances', 'ModifyInstanceAttribute'],
  documents: ['UndoCreateVm'],
  userData: ['s3:DeleteObject'],
};

/** What each step of the state machines may do at a provider, beside reading and writing rows. */
const STEP_POWERS: Readonly<Record<string, StepPower>> = {
  'launch-vm': {
    launches: true,
    documents: ['CreateVm', 'UndoCreateVm'],
    userData: ['s3:GetObject', 's3:DeleteObject'],
    ec2: UNDO.ec2 ?? [],
  },
  'await-ready': {},
  'start-vm': { ec2: ['StartInstances'], documents: ['StartVm'] },
  'ask-to-stop': { ec2: ['StopInstances'], documents: ['StopVm'] },
  'reboot-vm': { ec2: ['RebootInstances'], documents: ['RebootVm'] },
  'reset-vm': { documents: ['ResetVm'] },
  'remove-vm': { ec2: ['TerminateInstances', 'ModifyInstanceAttribute'], documents: ['RemoveVm'] },
  'restore-definition': { documents: ['UndeleteVm'] },
  'prepare-host': { documents: ['EnrolHost'] },
  'undo-operation': UNDO,
  'record-outcome': { looks: true, userData: ['s3:DeleteObject'] },
};

/** The statements of one step. @throws Error where a step was added and its powers were not */
export const powersOf = (step: string, config: Config): PolicyStatement[] => {
  const power = STEP_POWERS[step];
  if (!power) throw new Error(`lambdas/steps/${step}.ts has no entry in STEP_POWERS of lib/powers.ts.`);
  const documents = power.documents?.map((verb) => documentName(config.installation, verb)) ?? [];
  return [
    ...(power.launches ? mayLaunchInstances(config) : []),
    ...(power.ec2 ? [mayChangeInstances(config, [...power.ec2])] : []),
    ...(power.ec2 || power.looks ? [mayLookAtEc2()] : []),
    ...(documents.length > 0 ? maySend(config, documents) : []),
    ...(power.userData ? [mayKeepUserData(config, [...power.userData])] : []),
  ];
};
