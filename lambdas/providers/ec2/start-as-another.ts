import { ModifyInstanceAttributeCommand } from '@aws-sdk/client-ec2';
import { Fault } from '../../domain/faults.ts';
import { architectureOf } from '../../domain/size.ts';
import type { Vm } from '../../domain/vm.ts';
import type { Action } from './actions.ts';
import type { RegionClients } from './clients.ts';
import { lacksCapacity } from './errors.ts';
import { type Came, together } from './together.ts';

/** What came of a start, and as what the instance starts where that is another type than it had. */
export interface Started {
  readonly came: Came;
  readonly as?: string;
}

/** The other types that were asked for when the VM was made, in their order, which boot what is on its disk. */
const typesBeside = ({ spec, instanceType }: Vm): readonly string[] => {
  if (instanceType === undefined) return [];
  return (spec?.ec2?.instanceTypes ?? []).filter(
    (type) => type !== instanceType && architectureOf(type) === architectureOf(instanceType),
  );
};

const become = (clients: RegionClients, InstanceId: string, type: string) =>
  clients.changing.send(new ModifyInstanceAttributeCommand({ InstanceId, InstanceType: { Value: type } }));

const lackOf = (vm: Vm, types: readonly string[], cause: unknown): Fault =>
  new Fault(
    'CapacityUnavailable',
    `No capacity for ${[vm.instanceType, ...types].join(', ')} in ${vm.location.zone ?? vm.location.region}.`,
    { cause },
  );

/**
 * Starts a stopped instance for whose type EC2 has just definitely lacked capacity as the next type of its list, as a launch
 * does; where none is to be had it is again the type that it was. It keeps the type that it came up with. May be repeated.
 * "Change the instance type": https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/change-instance-type-of-ebs-backed-instance.html
 * @throws what EC2 says to the change of the type
 */
export const startAsAnother = async (
  clients: RegionClients,
  action: Action & { readonly instanceId: string },
  vm: Vm,
  refused: unknown,
): Promise<Started> => {
  const { instanceId } = action;
  const types = typesBeside(vm);
  if (types.length === 0) return { came: { refused } };
  for (const type of types) {
    await become(clients, instanceId, type);
    const came = (await together(clients.changing, action, [instanceId])).get(instanceId);
    if (came !== undefined && !('refused' in came && lacksCapacity(came.refused))) return { came, as: type };
  }
  if (vm.instanceType !== undefined) await become(clients, instanceId, vm.instanceType);
  return { came: { refused: lackOf(vm, types, refused) } };
};
