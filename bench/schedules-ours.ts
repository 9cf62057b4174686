import { NO_HOLIDAYS } from '../lambdas/domain/holidays.ts';
import { lookedAtNext } from '../lambdas/domain/schedule-due.ts';
import { chunked } from '../lambdas/runtime/chunks.ts';
import * as schedules from '../lambdas/store/schedules.ts';
import * as table from '../lambdas/store/table.ts';
import * as vms from '../lambdas/store/vms.ts';
import { newSchedule } from '../test/support/api.ts';
import { anEc2Vm } from '../test/support/ec2.ts';
import { queued, streamed } from '../test/support/stream.ts';
import type { Change } from './aws-front.ts';
import { environment } from './functions.ts';
import { heapOf } from './processes.ts';
import type { Instance, Process, Run, Stage } from './schedules-stage.ts';

/** The functions that a run of a schedule on EC2 goes through. */
export const FUNCTIONS = [
  'schedules/run-schedules',
  'events/operation-queued',
  'events/state-streamed',
  'steps/start-vm',
  'steps/ask-to-stop',
  'events/instances-asked',
  'events/look-again',
  'steps/record-outcome',
];

/** Those of them that do what a peer does: decide, and ask EC2. */
const SCHEDULING = new Set(['schedules/run-schedules', 'events/instances-asked']);

/** lib/constructs/feeds.ts, lib/operations-stack.ts: what a function is given at once. */
const OF_A_STREAM = 25;
const LOOKS = 200;
const ACTIONS = 1_000;

const ACCOUNT = '123456789012';
const REGION = 'us-east-1';
const STEPS = { 'start-vm': ['steps/start-vm', 'Start'], 'stop-vm': ['steps/ask-to-stop', 'Ask To Stop'] } as const;

const rowOf = ({ id, state, batch }: Instance, index: number) =>
  anEc2Vm({
    id: `vm-${index.toString().padStart(16, '0')}`,
    name: `web-${index}`,
    state,
    desired: state,
    providerId: id,
    tags: { batch },
    location: { account: ACCOUNT, region: REGION },
  });

/** A schedule of these VMs that wants this a minute ago, or that is at rest. */
const scheduleOf = ({ want, filter, isDue }: Run, now: number) => {
  const minute = new Date(now - 60_000).toISOString().slice('yyyy-mm-ddT'.length, 'yyyy-mm-ddThh:mm'.length);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
  const row = newSchedule({
    timeZone: 'Etc/UTC',
    targets: { filter },
    periods: [{ weekdays: [...days], ...(want === 'up' ? { start: minute } : { stop: minute }) }],
    ranThrough: new Date(isDue ? now - 120_000 : now).toISOString(),
  });
  return lookedAtNext({ ...row, holidays: NO_HOLIDAYS, windowTimes: [] }, now - 120_000);
};

/** The plane, function by function as it is shipped, each in a process of its own; tables and queues are the front's. */
class Plane {
  readonly processes: Process[] = [];
  readonly #stage: Stage;
  #seen = 0;

  readonly #heap: readonly string[];

  constructor(stage: Stage, memoryMB: number) {
    this.#stage = stage;
    this.#heap = heapOf(memoryMB);
  }

  async call(entry: string, events: readonly unknown[]): Promise<void> {
    if (events.length === 0) return;
    const url = this.#stage.url;
    const env = {
      ...environment,
      INSTALLATION: 'bench',
      ACCOUNT,
      REGIONS: REGION,
      AWS_ENDPOINT_URL: url,
      STATE_TABLE: 'state',
      AUDIT_TABLE: 'audit',
      ACTIONS_QUEUE_URL: `${url}/actions`,
      LOOKS_QUEUE_URL: `${url}/looks`,
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      POWERTOOLS_METRICS_DISABLED: 'true',
    };
    const before = this.#stage.front.count;
    const used = await this.#stage.run([process.execPath, ...this.#heap, 'bench/invoke-many.ts', entry], {
      env,
      input: JSON.stringify(events),
    });
    const calls = this.#stage.front.count - before;
    this.processes.push({ ...used, calls, schedules: SCHEDULING.has(entry) });
  }

  /** Hands both consumers of the table's stream what has changed since the last time. */
  async stream(): Promise<void> {
    const changes = this.#stage.front.table('state').changes.slice(this.#seen);
    this.#seen += changes.length;
    const batches = (fit: (change: Change) => boolean) =>
      chunked(changes.filter(fit), OF_A_STREAM).map((batch) => streamed(...batch));
    const told = new Set(['vm', 'operation', 'host', 'audit']);
    await this.call(
      'events/operation-queued',
      batches(({ before, after }) => !before && after?.entity === 'operation'),
    );
    await this.call(
      'events/state-streamed',
      batches(({ after }) => told.has(String(after?.entity))),
    );
  }

  get operations() {
    return this.#stage.front.table('state').of('operation');
  }

  messages(queue: string): string[] {
    return this.#stage.front.messages.filter((message) => message.queue === queue).map(({ body }) => body);
  }
}

const furnish = ({ front }: Stage, run: Run, fleet: readonly Instance[]): void => {
  front.tables.clear();
  front.messages.length = 0;
  front.answers.clear();
  const rows = [
    ...fleet.map((instance, index) => table.putNew(vms.entity, rowOf(instance, index + 1))),
    table.putNew(schedules.entity, scheduleOf(run, Date.now())),
  ];
  for (const { item } of rows) front.table('state').write({ Item: item });
  front.table('state').changes.length = 0;
};

/** One run of our scheduler to its end: the tick, and where it begins operations their whole way. @returns what each process came to */
export const runOurs = async (
  stage: Stage,
  run: Run,
  fleet: readonly Instance[],
  memoryMB: number,
): Promise<Process[]> => {
  furnish(stage, run, fleet);
  stage.front.own = true;
  const plane = new Plane(stage, memoryMB);
  await plane.call('schedules/run-schedules', [{}]);
  await plane.stream();
  const asked = plane.operations;
  const execution = ({ id, vmId }: Record<string, unknown>) => ({ operationId: id, vmId });
  const [step, name] = STEPS[run.want === 'up' ? 'start-vm' : 'stop-vm'];
  await plane.call(
    step,
    asked.map((operation) => ({ execution: execution(operation), step: name, token: `token ${operation.id}` })),
  );
  await plane.stream();
  await plane.call(
    'events/instances-asked',
    chunked(plane.messages('actions'), ACTIONS).map((bodies) => queued(...bodies)),
  );
  const changed = plane.messages('actions').map((body) => {
    const { instanceId } = JSON.parse(body);
    return { account: ACCOUNT, region: REGION, detail: { 'instance-id': instanceId } };
  });
  // Of each change EC2 tells twice: that it is under way, and that it is done.
  for (const _ of ['under way', 'done'])
    await plane.call(
      'events/look-again',
      chunked(changed, LOOKS).map((batch) => queued(...batch)),
    );
  await plane.call(
    'steps/record-outcome',
    asked.map((operation) => ({
      execution: execution(operation),
      outcome: stage.front.answers.get(`token ${operation.id}`) ?? {},
    })),
  );
  await plane.stream();
  const unwell = plane.operations.filter(({ state }) => state !== 'succeeded');
  if (asked.length !== run.changes || unwell.length > 0)
    throw new Error(`${asked.length} of ${run.changes} asked for, ${unwell.length} did not go well`);
  return plane.processes;
};
