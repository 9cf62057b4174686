import type { FaultPlan, Kind } from './faults.ts';
import { History } from './history.ts';
import { doubledIn, troubleOf } from './invariants.ts';
import { People } from './people.ts';
import type { CallPoint } from './transport.ts';
import { type Defects, World, type WorldSettings } from './world.ts';

/** What people do, in a world that is given. `prepare` happens before anything may go wrong. */
export interface Story {
  readonly hosts: number;
  readonly prepare?: (people: People, world: World) => Promise<void> | void;
  readonly act: (people: People, world: World) => Promise<void> | void;
  /** How long things may go wrong; then all faults cease. Milliseconds. */
  readonly troubledMs: number;
}

export interface Case {
  readonly seed: number;
  readonly plan: FaultPlan;
  readonly honoursTokens: boolean;
  readonly defects?: Defects;
  readonly traced?: boolean;
  readonly project?: WorldSettings['project'] | undefined;
}

/** How a case came out. */
export interface Outcome {
  readonly trouble: readonly string[];
  readonly fired: ReadonlyMap<Kind, number>;
  readonly faults: number;
  readonly points: readonly CallPoint[];
  /** Calls before the story began to act. */
  readonly prepared: number;
  readonly operations: readonly { readonly kind: string; readonly state: string; readonly error: string }[];
  readonly events: number;
  readonly trace: readonly string[];
}

const HOUR_MS = 3_600_000;
/** The longest machine runs eight hours into its own time-out; after twice that nothing may be open. */
const PATIENCE_MS = 16 * HOUR_MS;
const LOOK_MS = 5_000;
/** A sweep, an inventory and a reconcile. */
const REST_MS = { kvm: 75_000, ec2: 320_000 };

/** Whether nothing is under way any more. */
const isAtRest = (world: World, people: People, history: History): boolean =>
  people.waiting === 0 &&
  history.open.size === 0 &&
  [...world.sfn.executions.values()].every(({ status }) => status !== 'RUNNING') &&
  [...world.ec2.machines.values()].every(({ state }) => ['running', 'stopped', 'terminated'].includes(state)) &&
  [...world.ssm.hosts.values()].every((host) => host.isReachable) &&
  // What a clock that was ahead has dated into the future is young until then, and is not missed before.
  world.tables.state.of('vm').every(({ changedAt }) => Date.parse(String(changedAt)) <= world.scheduler.now);

const rest = async (world: World, people: People, history: History): Promise<void> => {
  const { scheduler } = world;
  const until = scheduler.now + PATIENCE_MS;
  while (scheduler.now < until) {
    await scheduler.run(scheduler.now + LOOK_MS, () => false);
    if (!isAtRest(world, people, history)) continue;
    await scheduler.run(scheduler.now + (world.ec2.machines.size > 0 ? REST_MS.ec2 : REST_MS.kvm), () => false);
    if (isAtRest(world, people, history)) return;
  }
};

/** Lets a story happen once, from its seed: always the same. */
export const happen = (story: Story, given: Case): Promise<Outcome> =>
  World.tell({ ...given, hosts: story.hosts }, async (world) => {
    const people = new People(world);
    const history = new History(world);
    world.faults.calm = true;
    await story.prepare?.(people, world);
    await rest(world, people, history);
    const prepared = world.transport.points.length;
    if (given.honoursTokens) world.scheduler.watch = watchDoubles(world, history);
    world.faults.calm = false;
    await story.act(people, world);
    await world.scheduler.run(world.scheduler.now + story.troubledMs, () => false);
    world.faults.calm = true;
    world.scheduler.note('--- all faults cease');
    await rest(world, people, history);
    const rows = world.tables.state.of('operation');
    return {
      trouble: troubleOf(world, people, history),
      fired: world.faults.fired,
      faults: world.faults.count,
      points: world.transport.points,
      prepared,
      operations: rows.map(({ kind, state, error }) => ({
        kind: String(kind),
        state: String(state),
        error: JSON.stringify(error ?? ''),
      })),
      events: world.scheduler.happened,
      trace: world.scheduler.trace ?? [],
    };
  });

/** I2 at every instant: looked at after each event that made something. */
const watchDoubles = (world: World, history: History) => {
  let made = 0;
  return (): void => {
    const there =
      world.ec2.machines.size + [...world.ssm.hosts.values()].reduce((sum, host) => sum + host.domains.size, 0);
    if (there <= made) {
      made = there;
      return;
    }
    made = there;
    for (const id of doubledIn(world)) history.broken.push(`I2 ${id} was there twice at ${world.scheduler.now}`);
  };
};
