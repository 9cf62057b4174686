import { afterAll, describe, expect, it } from 'vitest';
import type { Host } from '../../lambdas/domain/host.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as names from '../../lambdas/store/names.ts';
import * as table from '../../lambdas/store/table.ts';
import { signIn } from '../support/api.ts';
import { IS_LONG, SEED } from '../support/cases.ts';
import { chainOf } from '../support/chain-of-host.ts';
import { Campaign } from '../support/simulation/campaign.ts';
import { HostMachine } from '../support/simulation/host.ts';
import { HostUnit } from '../support/simulation/host-unit.ts';
import { type Case, happen, type Story } from '../support/simulation/story.ts';
import type { World } from '../support/simulation/world.ts';

/**
 * An agent registers anew for a host that is unreachable and has a VM: the host's own, or that of another machine. Whoever works on it
 * dies at any of its calls. The host's own comes back with id and VM, in place of the node it was; another is sent away, and the host
 * is as it was.
 */
const campaign = new Campaign('hosts taken anew');
afterAll(() => console.log(String(campaign)));

const ID = 'h-0000000000000001';
const OLD = 'mi-00000000000000001';
const NEW = 'mi-00000000000000009';
const SECRET = 'its own secret';

const machineOf = (world: World): HostMachine => {
  const machine = world.ssm.hosts.get(OLD);
  if (machine === undefined) throw new Error('the host has an agent at first');
  return machine;
};

const other = (world: World, { isClone }: Who): HostMachine => {
  const unit = new HostUnit(world, ID, 'none');
  unit.isOn = false;
  return Object.assign(new HostMachine(world, unit), isClone ? { preparedAs: ID, secret: SECRET } : {});
};

interface Told {
  world: World;
  /** The host as it was when it had fallen silent, and once its operation had ended. */
  before: Host;
  after: Host;
}

/** Who registers, and whether the plane knows a link of the host's chain. */
interface Who {
  readonly isSame: boolean;
  readonly hasKey: boolean;
  /** A copy of the host's disk in another machine, while the host itself is heard again. */
  readonly isClone?: boolean;
}

const over = async (world: World, minutes: number, isOver: () => boolean): Promise<void> => {
  await world.scheduler.run(world.scheduler.now + minutes * 60_000, isOver);
};
const hasNoOpen = (world: World) => () =>
  world.tables.state.of('operation').every(({ endedAt }) => endedAt !== undefined);

const storyOf = (who: Who, told: Partial<Told>): Story => ({
  hosts: 1,
  prepare: async (people, world) => {
    told.world = world;
    world.operator = await signIn('admin');
    await table.save(names.taking('host', { name: 'host-1', id: ID }));
    const machine = machineOf(world);
    Object.assign(machine, { preparedAs: ID, secret: who.hasKey ? SECRET : undefined });
    const row = await hosts.get(ID);
    if (who.hasKey) await hosts.swap(row, { ...row, identity: chainOf(SECRET).at(-1) ?? '' });
    people.askAfter(10, () => ({
      line: 'POST /v1/vms',
      body: { name: 'web-1', provider: 'kvm', image: 'test', size: 'small', readyTimeoutSeconds: 60 },
    }));
    await over(world, 10, () => people.waiting === 0 && hasNoOpen(world)());
    machine.unit.isOn = false;
    await over(world, 3, () => false);
    told.before = await hosts.get(ID);
  },
  act: async (people, world) => {
    const machine = machineOf(world);
    people.askAfter(10, () => ({ line: 'POST /v1/hosts/enrol', body: { name: 'host-1', anew: true } }));
    world.scheduler.after(2_000, 'an agent registers', () => {
      world.ssm.register(NEW, who.isSame ? machine : other(world, who), ID);
    });
    if (who.isClone)
      world.scheduler.after(1_000, 'the host is heard again', () => Object.assign(machine.unit, { isOn: true }));
    await over(world, 600, () => people.waiting === 0 && world.scheduler.now > 2_000 && hasNoOpen(world)());
    told.after = await hosts.get(ID);
    // The old unit was only stopped: where nothing has changed, it is heard as before.
    machine.unit.isOn = true;
  },
  troubledMs: 60_000,
});

const told = (): Told => {
  throw new Error('nothing was told');
};

/** Lets it happen once. @returns what went on, with what came of the operation */
const happened = async (who: Who, given: Case, replay?: string) => {
  const seen: Partial<Told> = {};
  const story = () => storyOf(who, seen);
  const outcome = replay === undefined ? await happen(story(), given) : await campaign.add(story, given, replay);
  expect(outcome.trouble).toEqual([]);
  const { world = told().world, before = told().before, after = told().after } = seen;
  const row = world.tables.state.of('host').find(({ id }) => id === ID);
  return { outcome, before, after, row, nodes: [...world.ssm.nodes.keys()], vms: world.tables.state.of('vm') };
};

const calm: Case = { seed: SEED, plan: {}, honoursTokens: true };
const WAYS = IS_LONG ? (['crash-before', 'crash-after'] as const) : (['crash-after'] as const);

type Came = Awaited<ReturnType<typeof happened>>;

const cameBack = ({ outcome, before, row, nodes, vms }: Came, { hasKey }: Who): void => {
  expect(outcome.operations.at(-1)).toMatchObject({ kind: 'enrol-host', state: 'succeeded' });
  expect(row).toMatchObject({ id: ID, name: 'host-1', state: 'ready', nodeId: NEW, allocated: before.allocated });
  // A link is named once: the next proof must name the one before.
  expect(row?.identity).toBe(hasKey ? chainOf(SECRET).at(-2) : chainOf('its own').at(-1));
  expect(nodes).toEqual([NEW]);
  expect(vms).toMatchObject([{ state: 'running', location: { hostId: ID } }]);
};

const stayedAsItWas = ({ outcome, before, after, row, nodes, vms }: Came): void => {
  expect(outcome.operations.at(-1)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('HostIsAnother'),
  });
  const { version: _, ...same } = before;
  expect(after).toMatchObject(same);
  expect(nodes).toEqual([OLD]);
  expect(row).toMatchObject({ state: 'ready', nodeId: OLD });
  expect(vms).toMatchObject([{ state: 'running', location: { hostId: ID } }]);
};

const stayedWhereItWas = ({ outcome, before, row, nodes, vms }: Came): void => {
  expect(outcome.operations.at(-1)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('HostIsAnother'),
  });
  expect(nodes).toEqual([OLD]);
  expect(row).toMatchObject({ state: 'ready', nodeId: OLD, identity: before.identity });
  expect(vms).toMatchObject([{ state: 'running', location: { hostId: ID } }]);
};

describe.each([
  ['its own agent, with its key', { isSame: true, hasKey: true }],
  ['its own agent, from before there were keys', { isSame: true, hasKey: false }],
  ['another machine, without its key', { isSame: false, hasKey: true }],
  ['another machine, without its VMs', { isSame: false, hasKey: false }],
  ['a clone of it, while it is heard itself', { isSame: false, hasKey: true, isClone: true }],
] satisfies [string, Who][])('a host for which registers %s', (_, who: Who) => {
  const checkOther = who.isClone ? stayedWhereItWas : stayedAsItWas;
  const check = (came: Came) => (who.isSame ? cameBack(came, who) : checkOther(came));

  it('is what it must be, wherever a handler dies', async () => {
    const clean = await happened(who, calm);
    check(clean);
    const { points, prepared } = clean.outcome;
    const own = points.slice(prepared).filter(({ handler }) => !handler.includes('report'));
    expect(own.length).toBeGreaterThan(20);
    for (const { number, handler, call } of own) {
      campaign.points.add(`${handler} ${call}`);
      for (const kind of WAYS) {
        const replay = `vitest run --project faults test/faults/taken-anew.test.ts (${JSON.stringify(who)}, call ${number})`;
        check(await happened(who, { ...calm, plan: { crashes: [{ call: number, kind }] } }, replay));
      }
    }
  });
});
