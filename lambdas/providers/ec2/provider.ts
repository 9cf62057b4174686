import { setTimeout as sleep } from 'node:timers/promises';
import { RebootInstancesCommand, StartInstancesCommand, StopInstancesCommand } from '@aws-sdk/client-ec2';
import { Fault, raise } from '../../domain/faults.ts';
import type { Vm, VmState } from '../../domain/vm.ts';
import { type Answer, type Capability, isGone, type Provider } from '../provider.ts';
import { type RegionClients, regionClients } from './clients.ts';
import { consoleTail } from './console.ts';
import { describe, idOf, regionOf, sightOf } from './describe.ts';
import { toFault, translated } from './errors.ts';
import { type Launcher, launch, trailOf } from './launch.ts';
import { remove } from './remove.ts';
import { stateOfEc2, toObserved } from './to-observed.ts';
import { isAlive, type Pause, patientLook } from './traces.ts';
import type { UserDataObjects } from './user-data.ts';

/** What the EC2 provider asks of the plane around it. */
export interface Ec2Settings {
  readonly installation: string;
  readonly userData: UserDataObjects;
  /** The clients of a Region; our own, with the function's credentials, where it is absent. */
  readonly clients?: (region: string) => RegionClients;
  readonly pause?: Pause;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** No `reset`: see Provider.reset. No `undelete`: EC2 keeps nothing of a terminated instance. */
const CAPABILITIES: ReadonlySet<Capability> = new Set(['console-log', 'user-data', 'termination-protection']);

/** `done` once EC2 says the wanted state, else an event will tell. */
const answerOf = (name: string | undefined, wanted: VmState, vm: Vm): Answer => {
  const observed = { providerId: idOf(vm), state: stateOfEc2(name) };
  return { status: observed.state === wanted ? 'done' : 'pending', observed };
};

/** EC2 calls a terminated instance one in the wrong state for an hour; for us it is lost. */
const lostIfGone = async (fault: Fault, clients: RegionClients, installation: string, vm: Vm): Promise<Fault> =>
  fault.name === 'InvalidTransition' && isGone(await describe(clients, installation, vm))
    ? new Fault('VmLost', `${vm.name} was terminated.`, { cause: fault })
    : fault;

/** VMs as EC2 instances, asked for directly and reached by event. */
export const ec2Provider = ({
  installation,
  userData,
  clients = regionClients(),
  pause = sleep,
  now = Date.now,
}: Ec2Settings): Provider => {
  const of = (vm: Vm) => clients(regionOf(vm));
  const launcherOf = (vm: Vm): Launcher => ({ installation, clients: of(vm), userData, pause, now });

  /** One verb on an instance that is there. */
  const act = async (doing: string, vm: Vm, call: (ec2: RegionClients['ec2'], ids: string[]) => Promise<Answer>) => {
    try {
      return await call(of(vm).ec2, [idOf(vm)]);
    } catch (error) {
      throw await lostIfGone(toFault(error, `${doing} ${vm.name}`), of(vm), installation, vm);
    }
  };

  return {
    name: 'ec2',
    capabilities: CAPABILITIES,

    create: async (vm, _context, ask) => {
      const instance = await launch(launcherOf(vm), vm, ask);
      const observed = toObserved(instance, sightOf(installation, vm, instance));
      return { status: observed.state === 'running' ? 'done' : 'pending', observed };
    },

    start: (vm) =>
      act('Starting', vm, async (ec2, InstanceIds) => {
        const { StartingInstances: [change] = [] } = await ec2.send(new StartInstancesCommand({ InstanceIds }));
        return answerOf(change?.CurrentState?.Name, 'running', vm);
      }),

    stop: (vm, { force, skipOsShutdown }) =>
      act('Stopping', vm, async (ec2, InstanceIds) => {
        const how = { ...(force ? { Force: true } : {}), ...(skipOsShutdown ? { SkipOsShutdown: true } : {}) };
        const { StoppingInstances: [change] = [] } = await ec2.send(new StopInstancesCommand({ InstanceIds, ...how }));
        return answerOf(change?.CurrentState?.Name, 'stopped', vm);
      }),

    reboot: (vm) =>
      act('Rebooting', vm, async (ec2, InstanceIds) => {
        await ec2.send(new RebootInstancesCommand({ InstanceIds }));
        return { status: 'done', detail: 'EC2 reboots it, by force where the guest does not within four minutes.' };
      }),

    reset: async (vm) =>
      raise(
        'CapabilityMissing',
        `EC2 has no reset button for ${vm.name}: reboot it, or stop it by force and start it.`,
      ),

    undelete: async (vm) =>
      raise('CapabilityMissing', `${vm.name} was terminated; EC2 keeps nothing that could be brought back.`),

    remove: (vm) => translated(`Removing ${vm.name}`, () => remove(of(vm), installation, vm)),

    undoCreate: (vm, ask) =>
      translated(`Undoing the launch of ${vm.name}`, async () => {
        const launched = await patientLook(of(vm).ec2, trailOf(vm, ask, installation), pause);
        for (const { InstanceId } of launched.filter(isAlive)) {
          await remove(of(vm), installation, {
            ...vm,
            deletionProtection: false,
            ...(InstanceId && { providerId: InstanceId }),
          });
        }
        if (vm.spec?.userDataKey !== undefined) await userData.remove(vm.spec.userDataKey);
        return { status: 'done', detail: launched.length > 0 ? 'terminated' : 'nothing had been launched' };
      }),

    describe: (vm) => translated(`Looking at ${vm.name}`, () => describe(of(vm), installation, vm)),

    consoleLog: (vm, { bytes }) =>
      translated(`Reading the console of ${vm.name}`, () => consoleTail(of(vm), vm, bytes)),
  };
};
