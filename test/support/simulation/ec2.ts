import type { Instance, InstanceStateName, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import { ec2Error } from '../aws.ts';
import type { World } from './world.ts';

/** One instance, as EC2 itself knows it. */
export interface Machine {
  readonly id: string;
  readonly token: string;
  readonly request: string;
  type: string;
  readonly launchedAt: number;
  readonly tags: Readonly<Record<string, string>>;
  state: InstanceStateName;
  /** Describe shows it from then on. */
  readonly seenFrom: number;
  /** What Describe may still show for a moment. */
  stale?: { readonly state: InstanceStateName; readonly until: number };
  protected: boolean;
}

/** A terminated instance is shown for about an hour. */
const SHOWN_AFTER_END_MS = 3_600_000;

const CODES: Record<InstanceStateName, number> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export const isAlive = ({ state }: Machine): boolean => state !== 'shutting-down' && state !== 'terminated';

/** The instances of one Region, changing their states in the world's time. Commands: ec2-calls.ts. */
export class Ec2 {
  readonly machines = new Map<string, Machine>();
  /** Whether a client token is honoured, as AWS does and emulators do not. */
  readonly #honoursTokens: boolean;
  readonly #world: World;

  constructor(world: World, honoursTokens: boolean) {
    this.#world = world;
    this.#honoursTokens = honoursTokens;
  }

  /** @throws InsufficientInstanceCapacity, IdempotentParameterMismatch */
  launch(input: RunInstancesCommandInput): Machine {
    const { faults, random, scheduler } = this.#world;
    const { ClientToken: token = '' } = input;
    const request = JSON.stringify(input);
    const known = [...this.machines.values()].find((each) => each.token === token);
    if (known !== undefined && this.#honoursTokens) {
      if (known.request !== request) throw ec2Error('IdempotentParameterMismatch');
      return known;
    }
    if (faults.fires('no-capacity')) throw ec2Error('InsufficientInstanceCapacity', 'none left', 500);
    const tags = input.TagSpecifications?.find(({ ResourceType }) => ResourceType === 'instance')?.Tags ?? [];
    const lag = faults.fires('describe-lags') ? random.between(1_000, 12_000) : random.between(0, 400);
    const machine: Machine = {
      id: `i-${random.bytes(8).toString('hex').padEnd(17, '0')}`,
      token,
      request,
      type: input.InstanceType ?? '',
      launchedAt: scheduler.now,
      tags: Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value])),
      state: 'pending',
      seenFrom: scheduler.now + lag,
      protected: input.DisableApiTermination ?? false,
    };
    this.machines.set(machine.id, machine);
    this.#tell(machine);
    const dies = faults.fires('instance-dies');
    this.later(machine, dies ? 'shutting-down' : 'running', random.between(2_000, 40_000), ['pending']);
    return machine;
  }

  /** Moves an instance, tells of it, and lets the next state come by itself. */
  move(machine: Machine, state: InstanceStateName): void {
    const { random, faults, scheduler } = this.#world;
    if (faults.fires('describe-stale')) {
      machine.stale = { state: machine.state, until: scheduler.now + random.between(500, 6_000) };
    }
    machine.state = state;
    scheduler.note(`${machine.id} is ${state}`);
    this.#tell(machine);
    if (state === 'stopping') this.later(machine, 'stopped', random.between(5_000, 90_000), ['stopping']);
    if (state === 'shutting-down') this.later(machine, 'terminated', random.between(5_000, 60_000), ['shutting-down']);
    if (state === 'pending') this.later(machine, 'running', random.between(2_000, 30_000), ['pending']);
    if (state === 'terminated') {
      scheduler.after(SHOWN_AFTER_END_MS, '', () => void this.machines.delete(machine.id), true);
    }
  }

  later(machine: Machine, state: InstanceStateName, milliseconds: number, from: readonly InstanceStateName[]): void {
    this.#world.scheduler.after(milliseconds, '', () => {
      if (from.includes(machine.state)) this.move(machine, state);
    });
  }

  #tell({ id, state }: Machine): void {
    const detail = { 'instance-id': id, state };
    this.#world.bus.tellQueue('looks', { account: '123456789012', region: 'eu-central-1', detail });
  }

  /** What Describe answers of an instance now; undefined while it does not show it yet. */
  shown(machine: Machine): Instance | undefined {
    const { now } = this.#world.scheduler;
    if (machine.seenFrom > now) return undefined;
    const state = machine.stale && machine.stale.until > now ? machine.stale.state : machine.state;
    return instanceOf(machine, state);
  }
}

/** An instance in EC2's own words. */
export const instanceOf = (machine: Machine, state: InstanceStateName = machine.state): Instance => ({
  InstanceId: machine.id,
  ClientToken: machine.token,
  // The type was taken from the request, which names one of EC2's.
  InstanceType: machine.type as NonNullable<Instance['InstanceType']>,
  LaunchTime: new Date(machine.launchedAt),
  State: { Name: state, Code: CODES[state] },
  Placement: { AvailabilityZone: 'eu-central-1a' },
  Tags: Object.entries(machine.tags).map(([Key, Value]) => ({ Key, Value })),
  ...(state === 'running' ? { PrivateIpAddress: '10.0.0.7' } : {}),
});
