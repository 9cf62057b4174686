import {
  DescribeInstancesCommand,
  type EC2Client,
  ModifyInstanceAttributeCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Vm } from '../../domain/vm.ts';
import type { Answer } from '../provider.ts';
import type { RegionClients } from './clients.ts';
import { describe } from './describe.ts';
import { toFault } from './errors.ts';
import { PROTECTED_TAG } from './run-instances.ts';
import { stateOfEc2 } from './to-observed.ts';

const terminate = async (ec2: EC2Client, id: string): Promise<Answer> => {
  const { TerminatingInstances: [change] = [] } = await ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }));
  // Shutting down cannot be taken back and is not billed: there is nothing left to wait for.
  return { status: 'done', observed: { providerId: id, state: stateOfEc2(change?.CurrentState?.Name) } };
};

/** Whether we set the protection ourselves, at launch: then the row decides; what a person set on EC2 is honoured. */
const isOurProtection = async (ec2: EC2Client, id: string): Promise<boolean> => {
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
  const tags = Reservations.flatMap(({ Instances = [] }) => Instances).flatMap(({ Tags = [] }) => Tags);
  return tags.some(({ Key, Value }) => Key === PROTECTED_TAG && Value === 'true');
};

const unprotectAndTerminate = async (ec2: EC2Client, id: string): Promise<Answer> => {
  await ec2.send(new ModifyInstanceAttributeCommand({ InstanceId: id, DisableApiTermination: { Value: false } }));
  return terminate(ec2, id);
};

/** Terminates the VM's instance; one that is gone, or never was, is removed already. @throws VmProtected, Fault */
export const remove = async (clients: RegionClients, installation: string, vm: Vm): Promise<Answer> => {
  // A row that never heard its id may have an instance all the same: its launch's answer was lost.
  const id = vm.providerId ?? (await describe(clients, installation, vm))?.providerId;
  if (id === undefined) return { status: 'done', detail: 'it has no instance' };
  try {
    return await terminate(clients.ec2, id);
  } catch (error) {
    const fault = toFault(error, `Removing ${vm.name}`);
    if (fault.name === 'VmLost') return { status: 'done', detail: 'it was gone already' };
    if (fault.name !== 'VmProtected' || vm.deletionProtection || !(await isOurProtection(clients.ec2, id))) throw fault;
    return unprotectAndTerminate(clients.ec2, id);
  }
};
