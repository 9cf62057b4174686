import { Random } from '../random.ts';
import { KINDS, type Kind } from './faults.ts';
import type { People, Wish } from './people.ts';
import type { Story } from './story.ts';
import { textsOf } from './user-data.ts';
import type { World } from './world.ts';

export type Provider = 'ec2' | 'kvm';

const creating = (provider: Provider, name = 'web-1', userData?: string): Wish => ({
  line: 'POST /v1/vms',
  body: {
    name,
    provider,
    image: provider === 'kvm' ? 'test' : 'al2023',
    size: 'small',
    readyTimeoutSeconds: 60,
    ...(userData === undefined ? {} : { userData }),
  },
});

const acting = (id: string, verb: string): Wish =>
  verb === 'delete' || verb === 'purge'
    ? { line: `DELETE /v1/vms/${id}${verb === 'purge' ? '?purge=true' : ''}` }
    : { line: `POST /v1/vms/${id}/actions/${verb}`, body: verb === 'stop' ? { graceSeconds: 30 } : {} };

const idsOf = (world: World): string[] => world.tables.state.of('vm').map(({ id }) => String(id));

const theVm = (world: World): string => idsOf(world)[0] ?? 'none';

/** Asks for one thing after the other, each once the one before has ended. */
const inTurn = async (people: People, world: World, wishes: readonly (() => Wish)[]): Promise<void> => {
  for (const wish of wishes) {
    people.askAfter(10, wish);
    const isOver = () =>
      people.waiting === 0 && world.tables.state.of('operation').every(({ endedAt }) => endedAt !== undefined);
    await world.scheduler.run(world.scheduler.now + 600_000, isOver);
  }
};

/** What each kind of operation needs to have happened before. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  create: [],
  start: ['create', 'stop'],
  stop: ['create'],
  reboot: ['create'],
  reset: ['create'],
  delete: ['create'],
  purge: ['create'],
  undelete: ['create', 'delete'],
  cancel: [],
};

/** The operations that each provider knows. */
export const VERBS_OF: Readonly<Record<Provider, readonly string[]>> = {
  ec2: ['create', 'start', 'stop', 'reboot', 'delete', 'cancel'],
  kvm: ['create', 'start', 'stop', 'reboot', 'reset', 'delete', 'purge', 'undelete', 'cancel'],
};

const cancelling = (world: World): Wish | undefined => {
  const [operation] = world.tables.state.of('operation').filter(({ endedAt }) => endedAt === undefined);
  return operation && { line: `POST /v1/operations/${operation.id}/cancel` };
};

/** One operation of one VM, with what must stand before it; a create of it may have user-data. */
export const single = (provider: Provider, verb: string, userData?: string): Story => {
  const wish = (each: string, world: World) => (): Wish =>
    each === 'create' ? creating(provider, undefined, userData) : acting(theVm(world), each);
  return {
    hosts: provider === 'kvm' ? 1 : 0,
    prepare: (people, world) =>
      inTurn(
        people,
        world,
        (BEFORE[verb] ?? []).map((each) => wish(each, world)),
      ),
    act: (people, world) => {
      people.askAfter(10, wish(verb === 'cancel' ? 'create' : verb, world));
      if (verb === 'cancel') people.askAfter(900, () => cancelling(world));
    },
    troubledMs: 60_000,
  };
};

const ACTIONS = ['start', 'stop', 'stop', 'reboot', 'reset', 'delete', 'purge', 'undelete'] as const;

/** What somebody may ask for next, of any VM there is. */
const anyWish = (world: World, random: Random, text: () => string | undefined): Wish | undefined => {
  const ids = idsOf(world);
  const draw = random.next();
  if (draw < 0.1) return cancelling(world);
  const names = ['web-1', 'web-2', 'web-3'];
  if (ids.length === 0 || draw < 0.4) return creating(random.pick(['ec2', 'kvm'] as const), random.pick(names), text());
  return acting(random.pick(ids), random.pick(ACTIONS));
};

/** Some people ask for this and that, on both providers, for some minutes. */
export const anyStory = (seed: number): Story => {
  const random = new Random(seed);
  const text = textsOf(seed);
  const minutes = random.whole(2, 8);
  return {
    hosts: 2,
    act: (people, world) => {
      for (let left = random.whole(3, 9); left > 0; left -= 1) {
        people.askAfter(random.between(0, minutes * 60_000), () => anyWish(world, random, text));
      }
      people.askAfter(10, () => creating(random.pick(['ec2', 'kvm'] as const), undefined, text()));
    },
    troubledMs: (minutes + 1) * 60_000,
  };
};

/** How often a kind may happen at most, where it can at all; those of calls are per call, and an operation makes some forty. */
const MOST: Partial<Record<Kind, number>> = {
  'crash-before': 0.02,
  'crash-after': 0.02,
  throttled: 0.1,
  'server-error': 0.05,
  'reset-before': 0.05,
  'reply-cut': 0.05,
  'slow-reply': 0.05,
  'no-capacity': 0.5,
  'instance-dies': 0.2,
  'execution-aborted': 0.2,
  'host-dies': 0.1,
  'host-silent': 0.1,
  'script-killed': 0.2,
  'disk-full': 0.1,
  'guest-deaf': 0.7,
  'guest-slow': 0.7,
};
const USUAL = 0.3;

/** Some of all kinds of faults, each as often as it pleases: many different mixtures find more than one of everything. */
export const anyPlan = (seed: number): Record<string, number> => {
  const random = new Random(seed ^ 0x5eed);
  const share = random.between(0.1, 0.9);
  return Object.fromEntries(
    KINDS.filter(() => random.chance(share)).map((kind) => [kind, random.next() * (MOST[kind] ?? USUAL)]),
  );
};
