import { Aws, Duration, type Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { secretIn, workspaceOf } from '../lambdas/domain/metrics/remote-write.ts';
import { maySign } from './audit-powers.ts';
import type { Config } from './config.ts';
import {
  allow,
  type HasTableArn,
  mayAnswer,
  mayAppend,
  mayChangeInstances,
  mayFindNodes,
  mayLaunchInstances,
  mayLookAtEc2,
  mayReadAnswers,
  mayReadMetrics,
  maySend,
  type RowCall,
} from './grants.ts';
import { documentName, executionArns, machineArns } from './names.ts';
import {
  mayAudit,
  mayCompactSamples,
  mayDeregister,
  mayErase,
  mayExportSamples,
  mayKeepRules,
  mayKeepSamples,
  mayKeepUserData,
  mayNoteTimeOff,
  mayPush,
  mayReadSamples,
  mayUndoCreates,
} from './powers.ts';
import { mayReadSecret } from './receiver-powers.ts';
import type { StateStack } from './state-stack.ts';

/** The settings that say which functions there are. */
type Settings = Pick<Config, 'ec2Metrics' | 'remoteWrite' | 'planeMetrics'>;

const always = (): boolean => true;

/** The listeners, by their path below lambdas/, and which installations have them. */
const EVENTS: Readonly<Record<string, (config: Settings) => boolean>> = {
  'events/operation-queued': always,
  'events/state-streamed': always,
  'events/execution-ended': always,
  'events/command-finished': always,
  'events/look-again': always,
  'events/beat-missed': always,
  'events/instances-asked': always,
  'events/export-due': ({ remoteWrite }) => remoteWrite !== undefined,
  'events/totals-due': ({ planeMetrics }) => planeMetrics,
};

/** Those of them that an installation with these settings has. */
export const eventsOf = (config: Settings): readonly string[] =>
  Object.entries(EVENTS).flatMap(([entry, isWanted]) => (isWanted(config) ? [entry] : []));

/** The timed jobs and how often they run. */
const SCHEDULES: Readonly<Record<string, Duration>> = {
  'schedules/run-schedules': Duration.minutes(1),
  'schedules/sweep-operations': Duration.minutes(1),
  'schedules/reconcile': Duration.minutes(5),
  'schedules/tend-hosts': Duration.minutes(5),
  'schedules/reclaim-retained': Duration.hours(1),
  'schedules/audit-installation': Duration.hours(1),
  'schedules/collect-leftovers': Duration.hours(1),
  'schedules/refresh-calendars': Duration.hours(1),
  'schedules/sign-audit': Duration.minutes(5),
  'schedules/compact-samples': Duration.minutes(10),
  'schedules/collect-ec2-metrics': Duration.minutes(5),
};

/** Those of them that an installation with these settings has. */
export const schedulesOf = ({ ec2Metrics }: Settings): (readonly [entry: string, every: Duration])[] =>
  Object.entries(SCHEDULES).filter(([entry]) => ec2Metrics || entry !== 'schedules/collect-ec2-metrics');

/** These say themselves which rows they may write, or read another table's. */
const ROWS_OF_THEIR_OWN = [
  'events/state-streamed',
  'schedules/audit-installation',
  'schedules/sign-audit',
  'schedules/compact-samples',
];

/** The table with whose rows a listener or timed job may do what its code does. */
export const rowsOfEvent = (entry: string, state: StateStack): HasTableArn | undefined =>
  ROWS_OF_THEIR_OWN.includes(entry) ? undefined : state.state;

/** They begin deletes, or starts and stops, of all that store/begin.ts can begin; what the one removes itself is bound to partitions of projects, below. */
export const UNREACHED: Readonly<Record<string, readonly RowCall[]>> = {
  'schedules/run-schedules': ['DeleteItem'],
  'schedules/reclaim-retained': ['DeleteItem', 'UpdateItem'],
};

const mayStart = (machineArns: string[]): PolicyStatement => allow(['states:StartExecution'], machineArns);

/** Changes EC2's instances for all steps, launches what was put off, and puts off again what EC2 refuses for haste. */
const mayCarryOut = (config: Config, state: StateStack): PolicyStatement[] => [
  mayLookAtEc2('Instances'),
  mayChangeInstances(config, ['StartInstances', 'StopInstances', 'TerminateInstances', 'ModifyInstanceAttribute']),
  ...mayLaunchInstances(config),
  mayKeepUserData(config, ['s3:GetObject']),
  mayPush(state.actions.queue, state.looks.queue),
];

/** Tells a store outside of samples, with a secret or signed by its own role. */
const mayExport = ({ remoteWrite }: Config, { telemetry, key }: StateStack): PolicyStatement[] => {
  const secret = remoteWrite && secretIn(remoteWrite);
  const workspace = remoteWrite && workspaceOf(remoteWrite.url);
  return [
    ...mayExportSamples(telemetry),
    ...(secret === undefined ? [] : mayReadSecret(secret, key)),
    ...(workspace
      ? [
          allow(
            ['aps:RemoteWrite'],
            [`arn:${Aws.PARTITION}:aps:${workspace.region}:${Aws.ACCOUNT_ID}:workspace/${workspace.id}`],
          ),
        ]
      : []),
  ];
};

/** What one listener or timed job may do, beside what its code does with rows. @throws Error where it was added and its powers were not */
export const powersOfEvent = (entry: string, stack: Stack, config: Config, state: StateStack): PolicyStatement[] => {
  const machines = machineArns(stack, config.installation);
  // A look may find that a host has registered by now, and then asks who it is, or begins its enrolment.
  const looks = [
    mayLookAtEc2('Instances'),
    mayReadAnswers(),
    mayFindNodes(),
    mayAnswer(machines),
    ...maySend(
      config,
      ['ProveHost', 'EnrolHost'].map((verb) => documentName(config.installation, verb)),
    ),
  ];
  const powers: Record<string, PolicyStatement[]> = {
    'events/operation-queued': [mayStart(machines)],
    'events/state-streamed': [
      ...mayAppend(state.audit),
      allow(['events:PutEvents'], [state.bus.eventBusArn]),
      mayPush(state.looks.queue),
      ...mayNoteTimeOff(state.state),
    ],
    'events/execution-ended': [mayStart(machines.slice(-1))],
    'events/command-finished': [mayAnswer(machines), mayReadAnswers()],
    'events/look-again': [...looks, mayPush(state.looks.queue), allow(['events:PutEvents'], [state.bus.eventBusArn])],
    'events/beat-missed': [],
    'events/export-due': mayExport(config, state),
    'events/totals-due': [mayReadSamples(state.telemetry)],
    'events/instances-asked': [mayAnswer(machines), ...mayCarryOut(config, state)],
    'schedules/sweep-operations': [
      ...looks,
      mayStart(machines),
      allow(['states:DescribeExecution'], executionArns(stack, config.installation)),
      allow(['events:PutEvents'], [state.bus.eventBusArn]),
    ],
    'schedules/run-schedules': [allow(['events:PutEvents'], [state.bus.eventBusArn]), mayPush(state.looks.queue)],
    'schedules/refresh-calendars': [allow(['events:PutEvents'], [state.bus.eventBusArn])],
    'schedules/reconcile': [mayLookAtEc2('Instances', 'Volumes')],
    'schedules/tend-hosts': [
      mayDeregister(config),
      ...maySend(config, [documentName(config.installation, 'UpgradeUnit')]),
    ],
    'schedules/reclaim-retained': [
      allow(['dynamodb:DescribeTable'], [state.state.tableArn]),
      ...mayErase(config, state.state),
    ],
    'schedules/audit-installation': mayAudit(config, state),
    'schedules/sign-audit': maySign(config, state),
    'schedules/compact-samples': mayCompactSamples(state.telemetry),
    'schedules/collect-ec2-metrics': [
      mayReadMetrics(),
      mayKeepSamples(state.telemetry),
      mayReadSamples(state.telemetry),
      mayKeepRules(state.telemetry),
      mayPush(state.looks.queue),
      allow(['events:PutEvents'], [state.bus.eventBusArn]),
    ],
    'schedules/collect-leftovers': [
      allow(['dynamodb:DescribeTable'], [state.state.tableArn]),
      // What it does at a provider is the undo of a create, and nothing else.
      ...mayUndoCreates(config, state),
    ],
  };
  const found = powers[entry];
  if (!found) throw new Error(`lambdas/${entry}.ts has no entry in powersOfEvent of lib/event-powers.ts.`);
  return found;
};
