import {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  type DescribeInstancesCommandInput,
  DescribeVolumesCommand,
  type Filter,
  type InstanceStateChange,
  type InstanceStateName,
  ModifyInstanceAttributeCommand,
  type ModifyInstanceAttributeCommandInput,
  RebootInstancesCommand,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { ec2Error } from '../aws.ts';
import { type Ec2, instanceOf, type Machine } from './ec2.ts';
import type { Command, Request, Service } from './transport.ts';
import type { World } from './world.ts';

/** The other Regions of the plane are empty. */
const HOME = 'eu-central-1';

const fieldOf = (machine: Machine, state: string, name: string): string | undefined => {
  if (name === 'client-token') return machine.token;
  if (name === 'instance-id') return machine.id;
  if (name === 'instance-state-name') return state;
  if (name.startsWith('tag:')) return machine.tags[name.slice(4)];
  throw new Error(`the double does not know the filter ${name}`);
};

const passes = (machine: Machine, state: string, filters: readonly Filter[]): boolean =>
  filters.every(({ Name = '', Values = [] }) => Values.includes(fieldOf(machine, state, Name) ?? '\0'));

/** EC2's commands, on the instances of a world. */
export const ec2Calls = (world: World, ec2: Ec2): Service => {
  const known = (ids: readonly string[] | undefined): Machine[] =>
    (ids ?? []).map((id) => {
      const machine = ec2.machines.get(id);
      if (machine === undefined || machine.seenFrom > world.scheduler.now) throw ec2Error('InvalidInstanceID.NotFound');
      return machine;
    });

  const describe = ({ InstanceIds, Filters = [] }: DescribeInstancesCommandInput) => {
    const byLaunch = Filters.some(({ Name }) => Name === 'client-token' || Name === 'tag:novacron:op');
    if (byLaunch && world.defects.blindToLaunches) return { Reservations: [] };
    const machines = InstanceIds === undefined ? [...ec2.machines.values()] : known(InstanceIds);
    const Instances = machines.flatMap((machine) => {
      const shown = ec2.shown(machine);
      return shown && passes(machine, shown.State?.Name ?? '', Filters) ? [shown] : [];
    });
    return { Reservations: Instances.map((instance) => ({ Instances: [instance] })) };
  };

  /** Moves all or none: EC2 refuses a batch of which one is in the wrong state. */
  const change = (
    ids: readonly string[] | undefined,
    to: InstanceStateName,
    { from, same }: { from: readonly InstanceStateName[]; same: readonly InstanceStateName[] },
  ): InstanceStateChange[] => {
    const machines = known(ids);
    if (machines.some(({ state }) => !from.includes(state) && !same.includes(state))) {
      throw ec2Error('IncorrectInstanceState', `${machines.map(({ state }) => state)}`);
    }
    return machines.map((machine) => {
      const PreviousState = { Name: machine.state };
      if (from.includes(machine.state)) ec2.move(machine, to);
      return { InstanceId: machine.id, PreviousState, CurrentState: { Name: machine.state } };
    });
  };

  const start = (ids: readonly string[] | undefined) => {
    if (world.faults.fires('no-capacity')) throw ec2Error('InsufficientInstanceCapacity', 'none left', 500);
    return change(ids, 'pending', { from: ['stopped'], same: ['pending', 'running'] });
  };

  const terminate = (ids: readonly string[] | undefined) => {
    if (known(ids).some((machine) => machine.protected)) throw ec2Error('OperationNotPermitted');
    return change(ids, 'shutting-down', {
      from: ['pending', 'running', 'stopping', 'stopped'],
      same: ['shutting-down', 'terminated'],
    });
  };

  const modify = (machine: Machine, input: ModifyInstanceAttributeCommandInput): void => {
    if (input.DisableApiTermination?.Value !== undefined) machine.protected = input.DisableApiTermination.Value;
    if (input.InstanceType?.Value === undefined) return;
    if (machine.state !== 'stopped') throw ec2Error('IncorrectInstanceState', machine.state);
    machine.type = input.InstanceType.Value;
  };

  return (command: Command, { region }: Request): unknown => {
    if (region !== HOME) return { Reservations: [], Volumes: [] };
    if (command instanceof RunInstancesCommand) return { Instances: [instanceOf(ec2.launch(command.input))] };
    if (command instanceof DescribeInstancesCommand) return describe(command.input);
    if (command instanceof StartInstancesCommand) return { StartingInstances: start(command.input.InstanceIds) };
    if (command instanceof StopInstancesCommand) {
      const how = { from: ['running'], same: ['stopping', 'stopped'] } as const;
      return { StoppingInstances: change(command.input.InstanceIds, 'stopping', how) };
    }
    if (command instanceof RebootInstancesCommand) {
      return change(command.input.InstanceIds, 'running', { from: [], same: ['running'] });
    }
    if (command instanceof TerminateInstancesCommand) {
      return { TerminatingInstances: terminate(command.input.InstanceIds) };
    }
    if (command instanceof ModifyInstanceAttributeCommand) {
      for (const machine of known([command.input.InstanceId ?? ''])) modify(machine, command.input);
      return {};
    }
    if (command instanceof DescribeVolumesCommand) return { Volumes: [] };
    if (command instanceof DescribeImagesCommand) return { Images: [] };
    throw new Error(`EC2 does not know ${command.constructor.name}`);
  };
};
