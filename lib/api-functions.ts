import type { Stack } from 'aws-cdk-lib';
import type { Config } from './config.ts';
import type { Handler, HandlerMaker, HandlerProps } from './constructs/handler.ts';
import { allow, mayAnswer, mayLookAtEc2, mayRead, mayReadAndWrite, maySend } from './grants.ts';
import type { HostsStack } from './hosts-stack.ts';
import { documentName, machineArns } from './names.ts';
import { mayEnrol, mayKeepUserData, mayMakeCursorKey, mayPush, mayReadConsole } from './powers.ts';
import type { StateStack } from './state-stack.ts';

/** The functions behind the API. Two serve the table's routes; the rest are few routes that need more than the table. */
const FUNCTIONS = ['read', 'write', 'report', 'hosts', 'reach'] as const;
export type ApiFunctions = Readonly<Record<(typeof FUNCTIONS)[number], Handler>>;

export interface ApiFunctionsProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly hosts: HostsStack;
}

type Part = Pick<HandlerProps, 'purpose' | 'may' | 'timeoutSeconds' | 'reservedConcurrency'>;

/** API Gateway ends a request after 30 s; a request may wait 20 s for an operation. */
const TIMEOUT_SECONDS = 29;

const partsOf = (
  stack: Stack,
  { config, state, hosts }: ApiFunctionsProps,
): Readonly<Record<keyof ApiFunctions, Part>> => {
  const { installation } = config;
  const rows = mayReadAndWrite(state.state);
  return {
    read: { purpose: 'Answers GET requests', may: [mayRead(state.state), mayMakeCursorKey(state.state)] },
    write: {
      purpose: 'Admits changes: authorises, validates, writes the intent',
      may: [
        ...rows,
        mayKeepUserData(config, ['s3:PutObject', 's3:DeleteObject']),
        mayAnswer(machineArns(stack, installation)),
      ],
    },
    report: {
      purpose: 'Takes in what host units report',
      may: [...rows, mayPush(state.beats.queue), mayAnswer(machineArns(stack, installation))],
      // A flood of reports must not starve people.
      ...(config.reservedConcurrency && { reservedConcurrency: 50 }),
    },
    hosts: {
      purpose: 'Enrols and retires hosts',
      may: [
        ...rows,
        ...mayEnrol(config, hosts.nodeRole),
        ...maySend(config, [documentName(installation, 'RemoveUnit')]),
      ],
    },
    reach: {
      purpose: 'Reaches out to providers within a request: console logs, reconcile',
      may: [
        ...rows,
        mayLookAtEc2(),
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
  const made = (name: keyof ApiFunctions): Handler =>
    make(`api/${name}`, { timeoutSeconds: TIMEOUT_SECONDS, ...parts[name] });
  return {
    read: made('read'),
    write: made('write'),
    report: made('report'),
    hosts: made('hosts'),
    reach: made('reach'),
  };
};
