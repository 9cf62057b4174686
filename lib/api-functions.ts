import type { Stack } from 'aws-cdk-lib';
import { mayReadHeads } from './audit-powers.ts';
import type { Config } from './config.ts';
import type { Handler, HandlerMaker, HandlerProps } from './constructs/handler.ts';
import {
  allow,
  leading,
  mayAnswer,
  mayLookAtEc2,
  mayQuery,
  mayRead,
  mayReadAnswers,
  maySend,
  mayUpdate,
} from './grants.ts';
import type { HostsStack } from './hosts-stack.ts';
import { documentName, machineArns } from './names.ts';
import {
  mayEnrol,
  mayKeepRules,
  mayKeepSamples,
  mayKeepUserData,
  mayMakeCursorKey,
  mayPush,
  mayReadConsole,
  mayReadSamples,
} from './powers.ts';
import { mayReadReceiverSecrets, mayTellReceivers } from './receiver-powers.ts';
import type { StateStack } from './state-stack.ts';

/** The functions behind the API. Two serve the table's routes; the rest are few routes that need more than the table. */
const FUNCTIONS = [
  'read',
  'write',
  'projects',
  'report',
  'hosts',
  'reach',
  'audit',
  'schedules',
  'previews',
  'calendars',
  'windows',
  'alerts',
  'ingest',
  'metrics',
  'rules',
  'channels',
  'silences',
  'answers',
] as const;
export type ApiFunctions = Readonly<Record<(typeof FUNCTIONS)[number], Handler>>;

export interface ApiFunctionsProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly hosts: HostsStack;
}

type Part = Pick<
  HandlerProps,
  'purpose' | 'rows' | 'unreached' | 'may' | 'timeoutSeconds' | 'reservedConcurrency' | 'quiet'
> & {
  /** Who asks has no token, and so no requests that are counted. */
  readonly isOpen?: true;
};

/** API Gateway ends a request after 30 s; a request may wait 20 s for an operation. */
const TIMEOUT_SECONDS = 29;

const partsOf = (
  stack: Stack,
  { config, state, hosts }: ApiFunctionsProps,
): Readonly<Record<keyof ApiFunctions, Part>> => {
  const { installation } = config;
  const rows = state.state;
  return {
    read: { purpose: 'Answers GET requests', may: [...mayRead(state.state), mayMakeCursorKey(state.state)] },
    write: {
      purpose: 'Admits changes: authorises, validates, writes the intent',
      rows,
      may: [
        mayKeepUserData(config, ['s3:PutObject']),
        // What is cancelled; nothing succeeds by a request.
        mayAnswer(machineArns(stack, installation), ['Failure']),
      ],
    },
    projects: {
      purpose: 'Makes, bounds and ends projects and tokens',
      rows,
      may: [],
    },
    report: {
      purpose: 'Takes in what host units report',
      rows,
      may: [mayPush(state.beats.queue), mayAnswer(machineArns(stack, installation))],
      // A flood of reports must not starve people.
      ...(config.reservedConcurrency && { reservedConcurrency: 50 }),
      quiet: true,
    },
    hosts: {
      purpose: 'Enrols and retires hosts',
      rows,
      // It begins enrolments, which touch no project, and makes tokens of hosts, which belong to none.
      unreached: ['ConditionCheckItem', 'UpdateItem'],
      may: [...mayEnrol(config, hosts.nodeRole), ...maySend(config, [documentName(installation, 'RemoveUnit')])],
    },
    audit: {
      purpose: 'Reads the audit log and its signed heads',
      may: [
        ...mayRead(state.state),
        mayMakeCursorKey(state.state),
        mayQuery(state.audit),
        ...mayReadHeads(state.importedHeads),
      ],
    },
    schedules: {
      purpose: 'Makes, changes and deletes schedules',
      rows,
      may: [],
    },
    previews: { purpose: 'Foretells what schedules will do, and what that saves', may: mayRead(state.state) },
    calendars: {
      purpose: 'Serves groups and calendars, and reads the feeds that people name',
      rows,
      may: [],
    },
    windows: {
      purpose: 'Serves windows: when VMs may be disturbed',
      rows,
      may: [],
    },
    alerts: {
      purpose: "Takes alerts in and shows them: Alertmanager's API",
      rows,
      may: [mayPush(state.looks.queue)],
    },
    silences: {
      purpose: "Serves silences and routes, Alertmanager's and beyond",
      rows,
      may: [mayPush(state.looks.queue)],
    },
    ingest: {
      purpose: 'Takes in what hosts measure',
      rows,
      may: [
        mayKeepSamples(state.telemetry),
        mayReadSamples(state.telemetry),
        mayKeepRules(state.telemetry),
        mayPush(state.looks.queue),
      ],
      // A flood of samples must not starve people.
      ...(config.reservedConcurrency && { reservedConcurrency: 50 }),
      quiet: true,
    },
    metrics: {
      purpose: 'Tells what VMs and hosts use',
      may: [...mayRead(state.state), mayReadSamples(state.telemetry)],
    },
    rules: {
      purpose: 'Serves rules: when alerts of VMs and hosts fire',
      rows,
      may: [],
    },
    channels: {
      purpose: 'Shows how it goes with receivers of alerts, and tries them',
      rows,
      may: [
        ...mayTellReceivers(config, state.key),
        allow(['events:PutEvents'], [state.bus.eventBusArn]),
        allow(['dynamodb:GetItem'], [state.telemetry.tableArn], leading('channel#*')),
      ],
    },
    answers: {
      purpose: 'Takes what people answer from messages about alerts',
      rows,
      may: [mayPush(state.looks.queue), ...mayReadReceiverSecrets(config, state.key)],
      isOpen: true,
    },
    reach: {
      purpose: 'Reaches out to providers within a request: console logs, reconcile',
      rows,
      may: [
        mayLookAtEc2('Instances', 'Volumes'),
        mayReadAnswers(),
        mayReadConsole(config),
        ...maySend(config, [documentName(installation, 'ConsoleLog')]),
        allow(['events:PutEvents'], [state.bus.eventBusArn]),
      ],
    },
  };
};

/** Makes them all. */
export const apiFunctions = (stack: Stack, make: HandlerMaker, props: ApiFunctionsProps): ApiFunctions => {
  const parts = partsOf(stack, props);
  const made = (name: keyof ApiFunctions): Handler => {
    const { isOpen = false, ...part } = parts[name];
    return make(`api/${name}`, {
      timeoutSeconds: TIMEOUT_SECONDS,
      ...part,
      may: [...part.may, ...(isOpen ? [] : [mayUpdate(props.state.telemetry, 'rate')])],
    });
  };
  return {
    read: made('read'),
    write: made('write'),
    projects: made('projects'),
    report: made('report'),
    hosts: made('hosts'),
    reach: made('reach'),
    audit: made('audit'),
    schedules: made('schedules'),
    previews: made('previews'),
    calendars: made('calendars'),
    windows: made('windows'),
    alerts: made('alerts'),
    ingest: made('ingest'),
    metrics: made('metrics'),
    rules: made('rules'),
    channels: made('channels'),
    silences: made('silences'),
    answers: made('answers'),
  };
};
