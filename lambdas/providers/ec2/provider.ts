import { setTimeout as sleep } from 'node:timers/promises';
import { RebootInstancesCommand } from '@aws-sdk/client-ec2';
import { raise } from '../../domain/faults.ts';
import { assertMode } from '../../domain/stop-mode.ts';
import type { Vm } from '../../domain/vm.ts';
import type { Answer, Ask, Capability, Provider } from '../provider.ts';
import { type Action, delaysOf, toldToSlowDown } from './actions.ts';
import { lostIfGone } from './carry-out.ts';
import { type RegionClients, regionClients } from './clients.ts';
import { consoleTail } from './console.ts';
import { describe, describeAll, idOf, regionOf, sightOf } from './describe.ts';
import { toFault, translated } from './errors.ts';
import { type Launcher, launch, trailOf } from './launch.ts';
import { instanceIdOf, removeNow } from './remove.ts';
import { toObserved } from './to-observed.ts';
import { isAlive, type Pause, patientLook } from './traces.ts';
import type { ReadUserData } from './user-data.ts';

/** What the EC2 provider asks of the plane around it. */
export interface Ec2Settings {
  readonly installation: string;
  readonly userData: ReadUserData;
  /** Puts an action into the queue from which many are asked for in one call. */
  readonly order: (action: Action, delaySeconds: number) => Promise<void>;
  /** The clients of a Region; our own, with the function's credentials, where it is absent. */
  readonly clients?: (region: string) => RegionClients;
  readonly pause?: Pause;
  /** Whether no later attempt of the operation, and no undo, has begun; taken for granted where it is absent. */
  readonly isStillAsked?: (ask: Ask) => Promise<boolean>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** No `reset`: see Provider.reset. No `undelete`: EC2 keeps nothing of a terminated instance. */
const CAPABILITIES: ReadonlySet<Capability> = new Set([
  'console-log',
  'user-data',
  'termination-protection',
  'hibernate',
]);

/** VMs as EC2 instances, asked for directly and reached by event. */
export const ec2Provider = ({
  installation,
  userData,
  order,
  clients = regionClients(),
  pause = sleep,
  isStillAsked = async () => true,
  now = Date.now,
}: Ec2Settings): Provider => {
  const of = (vm: Vm) => clients(regionOf(vm));
  const launcherOf = (vm: Vm): Launcher => ({ installation, clients: of(vm), userData, pause, isStillAsked, now });

  const actionOf = (vm: Vm, { operationId, attempt }: Ask, action: Action['action']): Action => ({
    action,
    ...(vm.location.account === undefined ? {} : { account: vm.location.account }),
    region: regionOf(vm),
    vmId: vm.id,
    operationId,
    attempt,
    refused: 0,
  });

  /** In company: events/instances-asked.ts asks, and answers the wait where no event will. */
  const inCompany = async (action: Action): Promise<Answer> => {
    await order(action, 0);
    return { status: 'pending' };
  };

  /** EC2 took too many launches at once, and definitely not this one: it waits in the queue, and uses up no attempt. */
  const putOff = async (vm: Vm, ask: Ask): Promise<Answer> => {
    const action = { ...actionOf(vm, ask, 'launch'), refused: (ask.refused ?? 0) + 1 };
    await order(action, delaysOf([action])[0] ?? 0);
    return { status: 'pending', detail: toldToSlowDown(action.refused) };
  };

  return {
    name: 'ec2',
    capabilities: CAPABILITIES,

    create: async (vm, _context, ask) => {
      const instance = await launch(launcherOf(vm), vm, ask);
      if (instance === undefined) return putOff(vm, ask);
      const observed = toObserved(instance, sightOf(installation, vm, instance));
      return { status: observed.state === 'running' ? 'done' : 'pending', observed };
    },

    start: async (vm, ask) => inCompany({ ...actionOf(vm, ask, 'start'), instanceId: idOf(vm) }),

    stop: async (vm, { mode, force, skipOsShutdown }, ask) => {
      assertMode(vm, mode);
      const hibernate = mode === 'hibernate' ? { hibernate: true } : {};
      const how = { ...(force ? { force } : {}), ...(skipOsShutdown ? { skipOsShutdown } : {}), ...hibernate };
      return inCompany({ ...actionOf(vm, ask, 'stop'), instanceId: idOf(vm), ...how });
    },

    reboot: async (vm) => {
      try {
        await of(vm).changing.send(new RebootInstancesCommand({ InstanceIds: [idOf(vm)] }));
      } catch (error) {
        throw await lostIfGone(of(vm), installation, vm, toFault(error, `Rebooting ${vm.name}`));
      }
      return { status: 'done', detail: 'EC2 reboots it, by force where the guest does not within four minutes.' };
    },

    reset: async (vm) =>
      raise(
        'CapabilityMissing',
        `EC2 has no reset button for ${vm.name}: reboot it, or stop it by force and start it.`,
      ),

    undelete: async (vm) =>
      raise('CapabilityMissing', `${vm.name} was terminated; EC2 keeps nothing that could be brought back.`),

    remove: async (vm, _options, ask) => {
      const instanceId = await instanceIdOf(of(vm), installation, vm);
      if (instanceId === undefined) return { status: 'done', detail: 'it has no instance' };
      return inCompany({ ...actionOf(vm, ask, 'terminate'), instanceId });
    },

    undoCreate: (vm, ask) =>
      translated(`Undoing the launch of ${vm.name}`, async () => {
        const launched = await patientLook(of(vm).ec2, trailOf(vm, ask, installation), pause);
        for (const { InstanceId: providerId = '' } of launched.filter(isAlive)) {
          await removeNow(of(vm), { ...vm, deletionProtection: false, providerId });
        }
        return { status: 'done', detail: launched.length > 0 ? 'terminated' : 'nothing had been launched' };
      }),

    describe: (vm) => translated(`Looking at ${vm.name}`, () => describe(of(vm), installation, vm)),

    describeAll: async (vms) => {
      const [first] = vms;
      return first === undefined ? new Map() : describeAll(of(first), installation, vms);
    },

    consoleLog: (vm, { bytes }) =>
      translated(`Reading the console of ${vm.name}`, () => consoleTail(of(vm), vm, bytes)),
  };
};
