import { setTimeout as sleep } from 'node:timers/promises';
import type { SSMClient } from '@aws-sdk/client-ssm';
import { Fault, raise } from '../../domain/faults.ts';
import { domainUuidOf } from '../../domain/ids.ts';
import { assertMode } from '../../domain/stop-mode.ts';
import type { Observed, Vm } from '../../domain/vm.ts';
import type { Answer, Ask, Capability, Provider } from '../provider.ts';
import { type Channel, invocationOf, type Sent, send, sendFenced, type Verb } from './commands.ts';
import { type Page, pageOf, tailOf } from './console.ts';
import { createPayloadOf, knownAtCreate, partsOf } from './create-payload.ts';
import { answerOfResult, resultOf } from './outcome.ts';
import type { RemovePayload, StopPayload, SubjectPayload } from './payload.ts';
import type { UserDataObject } from './seed.ts';

/** What the KVM provider asks of the plane around it; providers see no store. */
export interface KvmSettings {
  readonly installation: string;
  readonly ssm: SSMClient;
  /** The SSM node of a host. @throws HostNotFound, HostUnreachable where it has not registered */
  readonly nodeOf: (hostId: string) => Promise<string>;
  /** Presigns the user-data object of a VM's spec. */
  readonly userData: (key: string) => Promise<UserDataObject>;
  /** Days for which a removed VM's disks and definition are kept. */
  readonly retainDays: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Waits between two looks at a console command; real time where it is absent. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

const CAPABILITIES: ReadonlySet<Capability> = new Set([
  'console-log',
  'undelete',
  'reset',
  'user-data',
  'readiness',
  'save',
]);

const DAY_MS = 86_400_000;

/** The console route answers within API Gateway's 30 s; a host that takes longer is not there for it. */
const CONSOLE_PATIENCE_MS = 15_000;
const CONSOLE_PAGES = 8;
const FIRST_LOOK_MS = 250;
const LONGEST_LOOK_MS = 2_000;

const subjectOf = ({ id, name }: Vm): SubjectPayload['vm'] => ({ id, name });

/** A look at a command that was sent: its answer, `pending` while it runs or the host still has it under way. @throws the command's Fault */
export const lookAtCommand = async (ssm: SSMClient, sent: Sent): Promise<Answer> => {
  const result = resultOf(await invocationOf(ssm, sent));
  return result === undefined ? { status: 'pending', ...sent } : answerOfResult(result);
};

const hostIdOf = (vm: Vm): string => vm.location.hostId ?? raise('VmLost', `${vm.name} lies on no host that we know.`);

/** What the last report said: reports keep the row, there is nothing fresher that would not cost a command. */
const observedOfRow = (vm: Vm): Observed | undefined =>
  vm.providerId === undefined || vm.state === 'lost' || vm.state === 'deleted'
    ? undefined
    : {
        providerId: vm.providerId,
        name: vm.name,
        state: vm.state,
        ...(vm.managed ? { vmId: vm.id } : {}),
        location: vm.location,
        vcpus: vm.vcpus,
        memoryMiB: vm.memoryMiB,
        disks: vm.disks,
        nics: vm.nics,
        addresses: vm.addresses,
        tags: vm.tags,
      };

/** Polls one command to its end. Only the console does: a person waits for it, and no operation stands behind it. */
const pageFrom = async ({ ssm, pause = sleep, now }: KvmSettings, sent: Sent, until: number): Promise<Page> => {
  let waitMs = FIRST_LOOK_MS;
  while (now() < until) {
    // Half fixed, half random: many people who look at once spread out.
    await pause(waitMs / 2 + (Math.random() * waitMs) / 2);
    const result = resultOf(await invocationOf(ssm, sent));
    if (result !== undefined) return pageOf(result);
    waitMs = Math.min(waitMs * 1.5, LONGEST_LOOK_MS);
  }
  throw new Fault('HostUnreachable', `The host did not send the console log within ${CONSOLE_PATIENCE_MS / 1000} s.`);
};

const consoleLog = async (settings: KvmSettings, channel: Channel, vm: Vm, bytes: number): Promise<string> => {
  const nodeId = await settings.nodeOf(hostIdOf(vm));
  const until = settings.now() + CONSOLE_PATIENCE_MS;
  return tailOf(bytes, CONSOLE_PAGES, async (end, missing) => {
    const parameters = {
      Domain: domainUuidOf(settings.installation, vm.id),
      Bytes: String(missing),
      End: String(end),
    };
    return pageFrom(
      settings,
      await send(channel, 'ConsoleLog', { nodeId, comment: `console#${vm.id}`, parameters }),
      until,
    );
  });
};

/** VMs on libvirt hosts, reached by SSM Run Command: one document a verb, the host's answer comes by event or report. */
export const kvmProvider = (settings: KvmSettings): Provider => {
  const channel: Channel = { ssm: settings.ssm, installation: settings.installation };

  const ask = async (verb: Verb, vm: Vm, fence: Ask, payload: object): Promise<Answer> => {
    const nodeId = fence.nodeId ?? (await settings.nodeOf(hostIdOf(vm)));
    const domain = domainUuidOf(settings.installation, vm.id);
    return { status: 'pending', ...(await sendFenced(channel, verb, { nodeId, ask: fence, domain, payload })) };
  };
  const askSubject = (verb: Verb) => (vm: Vm, fence: Ask) =>
    ask(verb, vm, fence, { vm: subjectOf(vm) } satisfies SubjectPayload);

  return {
    name: 'kvm',
    capabilities: CAPABILITIES,
    create: async (vm, context, fence) => {
      const parts = partsOf(vm, context, settings.installation);
      const key = parts.spec.userDataKey;
      const userData = key === undefined ? undefined : await settings.userData(key);
      const answer = await ask('CreateVm', vm, fence, createPayloadOf(parts, fence.operationId, userData));
      return { ...answer, observed: knownAtCreate(parts) };
    },
    start: askSubject('StartVm'),
    stop: async (vm, { mode, force, graceSeconds }, fence) => {
      assertMode(vm, mode);
      const how = { force, save: mode === 'save', graceSeconds };
      return ask('StopVm', vm, fence, { vm: subjectOf(vm), ...how } satisfies StopPayload);
    },
    reboot: askSubject('RebootVm'),
    reset: askSubject('ResetVm'),
    remove: (vm, { purge }, fence) => {
      const retainUntil = new Date(settings.now() + settings.retainDays * DAY_MS).toISOString();
      const keep = purge || settings.retainDays === 0 ? {} : { retainUntil };
      return ask('RemoveVm', vm, fence, { vm: subjectOf(vm), ...keep } satisfies RemovePayload);
    },
    undelete: askSubject('UndeleteVm'),
    undoCreate: askSubject('UndoCreateVm'),
    describe: async (vm) => observedOfRow(vm),
    consoleLog: (vm, { bytes }) => consoleLog(settings, channel, vm, bytes),
  };
};
