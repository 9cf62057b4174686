import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ApiStack } from './api-stack.ts';
import type { Bundle } from './bundles.ts';
import type { Config } from './config.ts';
import { deadLetterQueue } from './constructs/delayed-queue.ts';
import { feedFromBus, feedFromOurBus, feedFromQueue, feedFromStream, feedQueueOfLooks } from './constructs/feeds.ts';
import { type Handler, type HandlerMaker, handlers } from './constructs/handler.ts';
import { releaseOf } from './constructs/release.ts';
import { Timer } from './constructs/timer.ts';
import { Workflow } from './constructs/workflow.ts';
import { eventsOf, powersOfEvent, rowsOfEvent, schedulesOf, UNREACHED } from './event-powers.ts';
import type { HostsStack } from './hosts-stack.ts';
import { auditKeyParameter, MACHINES, machineArns, pascal } from './names.ts';
import { powersOf } from './powers.ts';
import type { StateStack } from './state-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly config: Config;
  readonly state: StateStack;
  readonly hosts: HostsStack;
  readonly api: ApiStack;
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** Listeners that are called all day long. */
const QUIET: readonly string[] = ['events/beat-missed', 'events/export-due', 'events/totals-due'];

/** What is done each minute while something is measured, by those listeners of which there are settings. */
const EACH_MINUTE: Readonly<Record<string, string>> = {
  'events/export-due': 'What was measured is to be told outside, each minute while something is',
  'events/totals-due': 'What the whole plane is, each minute while something is measured',
};

/** How long a listener may take that works off what has come together, and begins anew each minute. */
const PATIENCE_SECONDS: Readonly<Record<string, number>> = { 'events/export-due': 55 };

/** What carries an admitted change to its end: the state machines, their steps, and what hears and wakes them. */
export class OperationsStack extends Stack {
  readonly workflows: ReadonlyMap<string, Workflow>;
  readonly steps: readonly Handler[];
  readonly listeners: readonly Handler[];
  /** Events that failed for good. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    const { config, state, hosts, api, bundles, ...rest } = props;
    super(scope, id, { description: `NovaCron ${config.installation}: state machines and their steps`, ...rest });
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', state.key);
    const offers = {
      ...api.offers,
      ...(config.remoteWrite && { REMOTE_WRITE: JSON.stringify(config.remoteWrite) }),
      KEY_ARN: state.key.keyArn,
      AUDIT_KEY_PARAMETER: auditKeyParameter(config.installation, state.key.keyId),
      TELEMETRY_TABLE: state.telemetry.tableName,
      UNIT_VERSION: hosts.unitVersion,
      DEAD_LETTERS_URL: this.deadLetters.queueUrl,
    };
    const release = releaseOf(this, state.releaseAlarms);
    const make = handlers(this, { config, key: state.key, bundles, offers, release });
    this.steps = this.stepHandlers(make, props);
    this.workflows = this.makeWorkflows(props);
    const listeners = this.listenerHandlers(make, props);
    this.feed(listeners, props);
    this.listeners = [...listeners.values()];
    new CfnOutput(this, 'OperationsDeadLettersUrl', { value: this.deadLetters.queueUrl });
    const reconcile = listeners.get('schedules/reconcile');
    if (reconcile) new CfnOutput(this, 'ReconcileFunctionName', { value: reconcile.functionName });
  }

  /** Steps are invoked by state machines, which retry them; nothing of theirs can become a dead letter. */
  private stepHandlers(make: HandlerMaker, { config, state, bundles }: OperationsStackProps): Handler[] {
    return [...bundles.keys()]
      .filter((entry) => entry.startsWith('steps/'))
      .map((entry) =>
        make(entry, {
          purpose: `Step ${entry.replace('steps/', '')} of the state machines`,
          timeoutSeconds: 60,
          rows: state.state,
          may: powersOf(entry.replace('steps/', ''), config, state, machineArns(this, config.installation)),
        }),
      );
  }

  private makeWorkflows({ config, state }: OperationsStackProps): ReadonlyMap<string, Workflow> {
    const tasks = new Map(this.steps.map((step) => [pascal(step.entry.replace('steps/', '')), step.live]));
    return new Map(
      MACHINES.map((name) => [name, new Workflow(this, pascal(name), { config, key: state.key, name, tasks })]),
    );
  }

  private listenerHandlers(make: HandlerMaker, props: OperationsStackProps): ReadonlyMap<string, Handler> {
    const { config, state } = props;
    return new Map(
      [...eventsOf(config), ...schedulesOf(config).map(([entry]) => entry)].map((entry) => [
        entry,
        make(entry, {
          purpose: entry.startsWith('schedules/') ? `Timed job ${entry.slice(10)}` : `Hears ${entry.slice(7)}`,
          timeoutSeconds: entry.startsWith('schedules/') ? 300 : (PATIENCE_SECONDS[entry] ?? 30),
          rows: rowsOfEvent(entry, state),
          unreached: UNREACHED[entry],
          may: powersOfEvent(entry, this, config, state),
          deadLetters: this.deadLetters,
          // A timer has no caller whose trace this could be part of.
          quiet: QUIET.includes(entry) || entry.startsWith('schedules/'),
        }),
      ]),
    );
  }

  private feed(listeners: ReadonlyMap<string, Handler>, { config, state }: OperationsStackProps): void {
    const named = (entry: string): Handler => {
      const listener = listeners.get(entry);
      if (!listener) throw new Error(`${entry} is fed, but it is not made.`);
      return listener;
    };
    feedFromStream(named('events/operation-queued'), state, this.deadLetters, {
      filter: { eventName: ['INSERT'], dynamodb: { NewImage: { entity: { S: ['operation'] } } } },
      // The sweeper starts what is not started here.
      again: { tries: 2 },
    });
    feedFromStream(named('events/state-streamed'), state, this.deadLetters, {
      filter: { dynamodb: { NewImage: { entity: { S: ['vm', 'operation', 'host', 'audit'] } } } },
      // Nobody else writes the audit log or tells the bus: a table or a bus that is away is waited for.
      again: { hours: 6 },
    });
    // As many as EC2 takes in a filter: their instances are looked at by one call.
    feedFromQueue(named('events/look-again'), state.looks.queue, { maxConcurrency: 20, batchSize: 200 });
    feedFromQueue(named('events/beat-missed'), state.beats.queue, { maxConcurrency: 10 });
    // Few functions, so that the batches fill: EC2 takes a thousand ids in one call, and counts calls.
    feedFromQueue(named('events/instances-asked'), state.actions.queue, { maxConcurrency: 2, batchSize: 1_000 });
    feedQueueOfLooks(this, config, state, this.deadLetters);
    feedFromBus(this, config, named, this.deadLetters);
    feedFromOurBus(named('schedules/tend-hosts'), state, this.deadLetters, {
      description: 'An operator of the account asks to tend the hosts now',
      source: ['novacron.operator'],
      detailType: ['Host Tending Requested'],
    });
    feedFromOurBus(named('schedules/collect-leftovers'), state, this.deadLetters, {
      description: 'An operator of the account asks to collect now what failed creates left',
      source: ['novacron.operator'],
      detailType: ['Collection Requested'],
    });
    feedFromOurBus(named('schedules/run-schedules'), state, this.deadLetters, {
      description: 'A VM has come to where others of its schedule may wait for it, or a delay between them is over',
      source: ['novacron.operation', 'novacron.vm', 'novacron.schedule'],
      detailType: ['Operation Succeeded', 'VM Readiness Changed', 'Schedule Turn Due'],
    });
    feedFromOurBus(named('schedules/audit-installation'), state, this.deadLetters, {
      description: 'A person, or an operator of the account, asks to audit now',
      source: ['novacron.finding', 'novacron.operator'],
      detailType: ['Audit Requested'],
    });
    for (const [entry, description] of Object.entries(EACH_MINUTE)) {
      const listener = listeners.get(entry);
      if (listener === undefined) continue;
      feedFromOurBus(listener, state, this.deadLetters, {
        description,
        source: ['novacron.alert'],
        detailType: ['Rules Due'],
      });
    }
    for (const [entry, every] of schedulesOf(config)) {
      new Timer(this, `Every${pascal(entry.slice(10))}`, {
        every,
        target: named(entry).live,
        deadLetters: this.deadLetters,
      });
    }
  }
}
