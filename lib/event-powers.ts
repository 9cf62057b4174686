import { Duration, type Stack } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Config } from './config.ts';
import { allow, mayAnswer, mayAppend, mayLookAtEc2, mayReadAndWrite, mayReadAnswers, maySend } from './grants.ts';
import { documentName, executionArns, machineArns } from './names.ts';
import { mayDeregister, mayPush } from './powers.ts';
import type { StateStack } from './state-stack.ts';

/** The listeners, by their path below lambdas/. */
export const EVENTS: readonly string[] = [
  'events/operation-queued',
  'events/state-streamed',
  'events/execution-ended',
  'events/instance-changed',
  'events/command-finished',
  'events/look-again',
  'events/beat-missed',
];

/** The timed jobs and how often they run. */
export const SCHEDULES: Readonly<Record<string, Duration>> = {
  'schedules/sweep-operations': Duration.minutes(1),
  'schedules/reconcile': Duration.minutes(5),
  'schedules/tend-hosts': Duration.minutes(5),
  'schedules/reclaim-retained': Duration.hours(1),
};

const mayStart = (machineArns: string[]): PolicyStatement => allow(['states:StartExecution'], machineArns);

/** What one listener or timed job may do. @throws Error where it was added and its powers were not */
export const powersOfEvent = (entry: string, stack: Stack, config: Config, state: StateStack): PolicyStatement[] => {
  const machines = machineArns(stack, config.installation);
  const rows = mayReadAndWrite(state.state);
  // A look may find that a host has registered by now, and then begins its enrolment.
  const looks = [
    mayLookAtEc2(),
    mayAnswer(machines),
    ...maySend(config, [documentName(config.installation, 'EnrolHost')]),
  ];
  const powers: Record<string, PolicyStatement[]> = {
    'events/operation-queued': [...rows, mayStart(machines)],
    'events/state-streamed': [
      mayAppend(state.audit),
      allow(['events:PutEvents'], [state.bus.eventBusArn]),
      mayPush(state.looks.queue),
    ],
    'events/execution-ended': [...rows, mayStart(machines.slice(-1))],
    'events/instance-changed': [...rows, mayAnswer(machines), mayLookAtEc2()],
    'events/command-finished': [...rows, mayAnswer(machines), mayReadAnswers()],
    'events/look-again': [...rows, ...looks, mayPush(state.looks.queue)],
    'events/beat-missed': rows,
    'schedules/sweep-operations': [
      ...rows,
      ...looks,
      mayStart(machines),
      allow(['states:DescribeExecution'], executionArns(stack, config.installation)),
    ],
    'schedules/reconcile': [...rows, mayLookAtEc2()],
    'schedules/tend-hosts': [
      ...rows,
      mayDeregister(config),
      ...maySend(config, [documentName(config.installation, 'UpgradeUnit')]),
    ],
    'schedules/reclaim-retained': rows,
  };
  const found = powers[entry];
  if (!found) throw new Error(`lambdas/${entry}.ts has no entry in powersOfEvent of lib/event-powers.ts.`);
  return found;
};
