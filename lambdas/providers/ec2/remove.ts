import {
  DescribeInstancesCommand,
  ModifyInstanceAttributeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Fault } from '../../domain/faults.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Vm } from '../../domain/vm.ts';
import type { RegionClients } from './clients.ts';
import { describe } from './describe.ts';
import { toFault } from './errors.ts';
import { PROTECTED_TAG } from './run-instances.ts';
import { stateOfEc2 } from './to-observed.ts';

const terminate = async ({ changing }: RegionClients, id: string): Promise<Outcome> => {
  const { TerminatingInstances: [change] = [] } = await changing.send(
    new TerminateInstancesCommand({ InstanceIds: [id] }),
  );
  // Shutting down cannot be taken back and is not billed: there is nothing left to wait for.
  return { observed: { providerId: id, state: stateOfEc2(change?.CurrentState?.Name) } };
};

/** Whether we set the protection ourselves, at launch: then the row decides; what a person set on EC2 is honoured. */
const isOurProtection = async ({ ec2 }: RegionClients, id: string): Promise<boolean> => {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const tags = Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ Tags = [] }) => Tags);
  return tags.some(({ Key, Value }) => Key === PROTECTED_TAG && Value === 'true');
};

const unprotectAndTerminate = async (clients: RegionClients, id: string): Promise<Outcome> => {
  await clients.changing.send(
    new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: false } }),
  );
  return terminate(clients, id);
};

/** The instance that a row stands for. One that never heard its id may have one all the same: its launch's answer was lost. */
export const instanceIdOf = async (clients: RegionClients, installation: string, vm: Vm): Promise<string | undefined> =>
  vm.providerId ?? (await describe(clients, installation, vm))?.providerId;

/**
 * What a termination comes to that EC2 has refused: one that is gone is removed already, a protection that we put on is taken off
 * once its row has it off. @throws VmProtected, and the fault itself
 */
export const afterRefusal = async (
  clients: RegionClients,
  vm: Vm & { readonly providerId: string },
  fault: Fault,
): Promise<Outcome> => {
  if (fault.name === 'VmLost') return { detail: 'it was gone already' };
  const isOurs = fault.name === 'VmProtected' && !vm.deletionProtection;
  if (!isOurs || !(await isOurProtection(clients, vm.providerId))) throw fault;
  return unprotectAndTerminate(clients, vm.providerId);
};

/** Terminates an instance of the VM by a call of its own; one that is gone is removed already. @throws VmProtected, Fault */
export const removeNow = async (clients: RegionClients, vm: Vm & { readonly providerId: string }): Promise<Outcome> => {
  try {
    return await terminate(clients, vm.providerId);
  } catch (error) {
    return afterRefusal(clients, vm, toFault(error, `Removing ${vm.name}`));
  }
};
