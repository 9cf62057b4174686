import {
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
  type Instance,
  type InstanceStateName,
  ModifyInstanceAttributeCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { ec2Error } from './aws.ts';

/** One call that changes something, as it reached EC2. */
interface Ec2Call {
  readonly action: string;
  readonly region: string;
  readonly ids: readonly string[];
  /** Force, SkipOsShutdown. */
  readonly how: Readonly<Record<string, unknown>>;
  readonly passed: boolean;
}

interface Machine {
  readonly id: string;
  readonly token: string;
  readonly region: string;
  readonly tags: NonNullable<Instance['Tags']>;
  state: InstanceStateName;
}

/** Where a state goes by itself. */
const NEXT: Partial<Record<InstanceStateName, InstanceStateName>> = {
  pending: 'running',
  stopping: 'stopped',
  'shutting-down': 'terminated',
};

const GOALS = {
  StartInstances: ['pending', 'running'],
  StopInstances: ['stopping', 'stopped'],
  TerminateInstances: ['shutting-down', 'terminated'],
} as const;

type Client = () => { readonly config: { readonly region: () => Promise<string> } };

/**
 * EC2 in one process, behind the SDK's own clients: instances that change their states, all or none of a call, client tokens
 * honoured. Who asks too often is told so by `takes`.
 */
export class Ec2Service {
  readonly mock = mockClient(EC2Client);
  readonly calls: Ec2Call[] = [];
  readonly machines = new Map<string, Machine>();
  /** Why EC2 refuses a call that names this instance: its code, and whether it says which one. */
  readonly refusals = new Map<string, { readonly code: string; readonly named?: boolean }>();
  /** Whether EC2 takes a call at this moment. */
  takes: (action: string, region: string, instances: number) => boolean = () => true;

  /** Whether EC2 takes a DescribeInstances at this moment. */
  looks: (region: string, isFiltered: boolean) => boolean = () => true;

  constructor() {
    mockClient(SSMClient)
      .on(GetParameterCommand)
      .resolves({ Parameter: { Value: 'ami-1' } });
    this.mock.on(RunInstancesCommand).callsFake((input, client: Client) => this.#launch(input, client));
    this.mock.on(DescribeInstancesCommand).callsFake((input, client: Client) => this.#describe(input, client));
    this.mock.on(ModifyInstanceAttributeCommand).callsFake(({ InstanceId }) => void this.refusals.delete(InstanceId));
    this.mock.on(StartInstancesCommand).callsFake(async (input, client: Client) => ({
      StartingInstances: await this.#change('StartInstances', input, client),
    }));
    this.mock.on(StopInstancesCommand).callsFake(async (input, client: Client) => ({
      StoppingInstances: await this.#change('StopInstances', input, client),
    }));
    this.mock.on(TerminateInstancesCommand).callsFake(async (input, client: Client) => ({
      TerminatingInstances: await this.#change('TerminateInstances', input, client),
    }));
  }

  /** Puts an instance there, as if it had been launched long ago. */
  place(id: string, state: InstanceStateName, region = 'us-east-1'): void {
    this.machines.set(id, { id, state, region, token: id, tags: [] });
  }

  /** Lets what is under way come true. @returns the instances that have changed, by id */
  settle(): string[] {
    return [...this.machines.values()].flatMap((machine) => {
      const next = NEXT[machine.state];
      if (next === undefined) return [];
      machine.state = next;
      return [machine.id];
    });
  }

  callsOf(action: string): Ec2Call[] {
    return this.calls.filter((call) => call.action === action);
  }

  /** @throws RequestLimitExceeded */
  async #admit(action: string, ids: readonly string[], client: Client, how = {}): Promise<string> {
    const region = await client().config.region();
    const passed = this.takes(action, region, Math.max(1, ids.length));
    this.calls.push({ action, region, ids, how, passed });
    if (!passed) throw ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);
    return region;
  }

  async #launch({ ClientToken: token = '', TagSpecifications = [] }: RunInstancesCommandInput, client: Client) {
    const region = await this.#admit('RunInstances', [], client);
    const known = [...this.machines.values()].find((machine) => machine.token === token);
    const id = known?.id ?? `i-${(this.machines.size + 1).toString(16).padStart(17, '0')}`;
    const made: Machine = known ?? { id, token, region, state: 'pending', tags: TagSpecifications[0]?.Tags ?? [] };
    this.machines.set(id, made);
    return { Instances: [shown(made)] };
  }

  async #change(action: keyof typeof GOALS, { InstanceIds: ids, ...how }: { InstanceIds: string[] }, client: Client) {
    await this.#admit(action, ids, client, how);
    const bad = ids.find((id) => this.refusals.has(id) || !this.machines.has(id));
    if (bad !== undefined) {
      const { code, named = false } = this.refusals.get(bad) ?? { code: 'InvalidInstanceID.NotFound' };
      throw ec2Error(code, named ? `The instance '${bad}' is not in a state for it.` : 'One of them will not do.');
    }
    const [via, end] = GOALS[action];
    return ids.map((InstanceId) => {
      const machine = this.machines.get(InstanceId);
      if (machine && machine.state !== end) machine.state = via;
      return { InstanceId, CurrentState: { Name: machine?.state } };
    });
  }

  async #describe({ InstanceIds, Filters = [] }: DescribeInstancesCommandInput, client: Client) {
    const isFiltered = InstanceIds === undefined;
    if (!this.looks(await client().config.region(), isFiltered))
      throw ec2Error('RequestLimitExceeded', 'Request limit exceeded.', 503);
    const tag = Filters.find(({ Name }) => Name?.startsWith('tag:'));
    const ids = InstanceIds ?? Filters.find(({ Name }) => Name === 'instance-id')?.Values;
    const Instances = [...this.machines.values()].filter(({ id, tags }) =>
      ids
        ? ids.includes(id)
        : tags.some(({ Key, Value }) => `tag:${Key}` === tag?.Name && tag.Values?.includes(Value ?? '')),
    );
    return { Reservations: [{ Instances: Instances.map(shown) }] };
  }
}

const shown = ({ id, state, tags }: Machine): Instance => ({
  InstanceId: id,
  State: { Name: state },
  Tags: tags,
  LaunchTime: new Date(0),
});
