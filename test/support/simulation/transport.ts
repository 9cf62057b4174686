import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Random } from '../random.ts';
import type { CallKind, Faults } from './faults.ts';
import { type Invocation, running } from './lambda.ts';
import { awsError, networkError, throttleOf } from './refusals.ts';
import type { Scheduler } from './scheduler.ts';

/** A command of the SDK; `input` is read by the service that knows its class. */
export interface Command {
  readonly input: object;
}

/** Where a call comes from: `id` is the same for every try of one call, `region` is the client's. */
export interface Request {
  readonly id: object;
  readonly region: string;
}

/** What a service does with a command, at once. @throws its errors */
export type Service = (command: Command, request: Request) => unknown;

export type ServiceName = 'dynamodb' | 'ec2' | 'events' | 's3' | 'sfn' | 'sns' | 'sqs' | 'ssm';

const CLIENTS: readonly (readonly [ServiceName, { readonly prototype: object }])[] = [
  ['dynamodb', DynamoDBDocumentClient],
  ['dynamodb', DynamoDBClient],
  ['ec2', EC2Client],
  ['events', EventBridgeClient],
  ['s3', S3Client],
  ['sfn', SFNClient],
  ['sns', SNSClient],
  ['sqs', SQSClient],
  ['ssm', SSMClient],
];

let transport: Transport | undefined;

/** Which world the SDK's clients speak to. */
export const connect = (next: Transport | undefined): void => {
  transport = next;
};

/** Hears each call of each function (by its path below lambdas/), as often as it is tried. */
type Listener = (entry: string, service: ServiceName, command: Command) => void;
let listener: Listener | undefined;

/** Lets somebody hear all calls of all worlds from now on. */
export const overhear = (next: Listener | undefined): void => {
  listener = next;
};

interface Client {
  readonly config: { readonly maxAttempts?: () => Promise<number>; readonly region?: () => Promise<string> };
}

// The clients' own send is never reached: no test of this rig may speak to AWS.
for (const [service, { prototype }] of CLIENTS) {
  Object.defineProperty(prototype, 'send', {
    value(this: Client, command: Command) {
      if (transport === undefined) throw new Error(`${service} was called in no world`);
      return transport.send(service, this, command);
    },
  });
}

interface Settings {
  readonly tries: number;
  readonly region: string;
}
const settings = new WeakMap<object, Settings>();
const settingsOf = async ({ config }: Client): Promise<Settings> => {
  const known = settings.get(config) ?? {
    tries: (await config.maxAttempts?.()) ?? 3,
    region: (await config.region?.()) ?? '',
  };
  settings.set(config, known);
  return known;
};

/** What the SDK's standard mode sends again by itself. */
const isTransient = (error: unknown): boolean =>
  error instanceof Error &&
  ('code' in error || '$retryable' in error || ('$fault' in error && error.$fault === 'server'));

/** One call of the world, as the list of crash points names it. */
export interface CallPoint {
  readonly number: number;
  readonly handler: string;
  readonly call: string;
}

/** A call on its way: `serve` does it. @throws the service's errors */
interface Call {
  readonly service: ServiceName;
  readonly name: string;
  readonly serve: () => unknown;
}

const calls = new Map<unknown, string>();

/** `dynamodb:Get`, as IAM would say it. */
const callOf = (service: ServiceName, command: Command): string => {
  const { constructor: kind } = command;
  const known = calls.get(kind) ?? `${service}:${kind.name.replace(/Command$/, '')}`;
  calls.set(kind, known);
  return known;
};

/** Carries each call of a handler to its service and back, in the world's own time, or not. */
export class Transport {
  readonly points: CallPoint[] = [];
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #services: Readonly<Record<ServiceName, Service>>;

  constructor(
    { scheduler, faults, random }: { scheduler: Scheduler; faults: Faults; random: Random },
    services: Readonly<Record<ServiceName, Service>>,
  ) {
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.#random = random;
    this.#services = services;
  }

  /** Sends a command as the SDK does. What the rig itself sends, outside of any handler, is done at once. */
  async send(service: ServiceName, client: Client, command: Command): Promise<unknown> {
    const invocation = running.getStore();
    const { tries, region } = await settingsOf(client);
    const request = { id: {}, region };
    if (invocation === undefined) return this.#services[service](command, request);
    for (let attempt = 1; ; attempt += 1) {
      try {
        listener?.(invocation.entry, service, command);
        return await this.#once(
          { service, name: callOf(service, command), serve: () => this.#services[service](command, request) },
          invocation,
        );
      } catch (error) {
        if (attempt >= tries || !isTransient(error)) throw error;
        await this.#pause(this.#random.between(20, 200) * attempt);
      }
    }
  }

  /** Carries a call that is made without a client of the SDK, `s3:PutObject`: once, since its caller tries again by himself. */
  async request<T>(name: string, serve: () => T): Promise<T> {
    const invocation = running.getStore();
    // What it resolves to is what `serve` gives.
    return invocation === undefined ? serve() : (this.#once({ service: 's3', name, serve }, invocation) as Promise<T>);
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#scheduler.after(milliseconds, '', resolve);
    });
  }

  #once(call: Call, invocation: Invocation): Promise<unknown> {
    const number = this.points.push({ number: this.points.length + 1, handler: invocation.name, call: call.name });
    invocation.calls += 1;
    const fault = this.#faults.atCall(number);
    return new Promise((resolve, reject) => {
      const arrive = (): void => {
        if (invocation.dead) return;
        if (this.#scheduler.trace)
          this.#scheduler.note(`${invocation.name} #${number} ${call.name}${fault ? `   ✗ ${fault}` : ''}`);
        if (fault === 'crash-before') invocation.end({ error: 'Runtime.ExitError' });
        else this.#reply(fault, invocation, this.#done(fault, call, { resolve, reject }));
      };
      this.#scheduler.after(this.#random.between(1, 12), '', arrive);
    });
  }

  /** Gives the reply of what was done, unless nobody is there any more to take it. */
  #reply(fault: CallKind | undefined, invocation: Invocation, reply: () => void): void {
    if (fault === 'crash-after') {
      invocation.end({ error: 'Runtime.ExitError' });
      return;
    }
    const late = fault === 'slow-reply' ? this.#random.between(1000, 9000) : this.#random.between(1, 12);
    this.#scheduler.after(late, '', () => {
      if (!invocation.dead) reply();
    });
  }

  /** Does it now, where it is to be done at all, and says how its reply is given. */
  #done(
    fault: CallKind | undefined,
    { service, serve }: Call,
    { resolve, reject }: { resolve: (value: unknown) => void; reject: (error: unknown) => void },
  ): () => void {
    const refused = refusalOf(fault, service);
    if (refused) return () => reject(refused);
    try {
      const answer = serve();
      return fault === 'reply-cut' ? () => reject(networkError()) : () => resolve(answer);
    } catch (error) {
      this.#scheduler.note(`    ${service} refuses: ${String(error)}`);
      return () => reject(error);
    }
  }
}

const refusalOf = (fault: CallKind | undefined, service: ServiceName): Error | undefined => {
  if (fault === 'throttled') return throttleOf(service);
  if (fault === 'server-error') return awsError(service === 's3' ? 'InternalError' : 'InternalServerError', 500);
  return fault === 'reset-before' ? networkError() : undefined;
};
