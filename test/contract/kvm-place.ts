import { createHash, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SSMClient } from '@aws-sdk/client-ssm';
import { Fault } from '../../lambdas/domain/faults.ts';
import type { Host } from '../../lambdas/domain/host.ts';
import { domainUuidOf, newId, operationIdOf } from '../../lambdas/domain/ids.ts';
import type { Image } from '../../lambdas/domain/image.ts';
import type { Observed, Vm } from '../../lambdas/domain/vm.ts';
import type { VmState } from '../../lambdas/domain/vm-state.ts';
import { askOfComment, invocationOf, type Sent } from '../../lambdas/providers/kvm/commands.ts';
import { createActivation, lookAtEnrolment, prepareHost } from '../../lambdas/providers/kvm/enrol.ts';
import { poolPathOf } from '../../lambdas/providers/kvm/layout.ts';
import { answerOfHost } from '../../lambdas/providers/kvm/outcome.ts';
import { kvmProvider, lookAtCommand } from '../../lambdas/providers/kvm/provider.ts';
import type { Answer } from '../../lambdas/providers/provider.ts';
import { deployDocuments, withdrawDocuments } from '../support/documents.ts';
import { aHost, anImage, aSpec, aVm } from '../support/kvm.ts';
import { type Lab, startLab } from '../support/lab.ts';
import { type ReportServer, startReportServer } from '../support/report-server.ts';
import type { Harness } from './provider-contract.ts';

const HOME = resolve(process.env.NOVACRON_HOME ?? join(import.meta.dirname, '../../.novacron'));

/** Net of this lab's bridge; the planes' own labs use others. */
const LAB_NET = '10.79.0';

const PATIENCE_MS = 60_000;

export interface KvmPlace extends Harness {
  readonly host: Host;
  readonly lab: Lab;
  readonly reports: ReportServer;
  /** The test image as an image of its own at a URL, in no cache yet. */
  readonly imageByUrl: () => Image;
}

/** Waits until `look` has something. @throws Fault TimedOut after a minute */
const until = async <T>(what: string, look: () => Promise<T | undefined>, patienceMs = PATIENCE_MS): Promise<T> => {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await sleep(200);
  }
  throw new Fault('TimedOut', `${what} did not come in ${patienceMs / 1000} s.`);
};

/** Enrols the lab's host as the plane does: activation, agent, EnrolHost. */
const enrol = async (ssm: SSMClient, installation: string, lab: Lab, reports: ReportServer): Promise<Host> => {
  const channel = { ssm, installation };
  const { facts: _, ...host } = aHost({ id: newId('h', Date.now()), name: 'contract-1' });
  const activation = await createActivation(channel, host, { nodeRole: 'novacron-contract-node', nowMs: Date.now() });
  const nodeId = await lab.register(activation);
  const ask = {
    operationId: operationIdOf({ id: 'contract' }, host.id),
    attempt: 1,
    notAfter: new Date(Date.now() + PATIENCE_MS).toISOString(),
  };
  const sent = await prepareHost(channel, nodeId, ask, {
    installation,
    hostId: host.id,
    hostName: host.name,
    apiUrl: reports.url,
    token: 'contract',
    poolPath: poolPathOf(installation),
    beatSeconds: 2,
  });
  const facts = await until('the end of enrolment', () => lookAtEnrolment(ssm, sent), 3 * PATIENCE_MS);
  return { ...host, nodeId, facts };
};

const STATES: Readonly<Record<string, VmState>> = {
  running: 'running',
  idle: 'running',
  paused: 'suspended',
  'in shutdown': 'stopping',
  'shut off': 'stopped',
  crashed: 'error',
};

/** The truth of a domain by virsh alone, nothing of ours in between but the mark. */
const observeBy =
  (lab: Lab, installation: string) =>
  async (vm: Vm): Promise<Observed | undefined> => {
    const uuid = domainUuidOf(installation, vm.id);
    if (!(await lab.virsh('list', '--all', '--uuid')).split('\n').includes(uuid)) return undefined;
    const xml = await lab.virsh('dumpxml', uuid);
    const [, operationId] = xml.match(/<novacron:vm [^>]*operation="([^"]+)"/) ?? [];
    const [, vmId] = xml.match(/<novacron:vm [^>]* id="([^"]+)"/) ?? [];
    const isSaved = /^Managed save: +yes$/m.test(await lab.virsh('dominfo', uuid));
    const state = isSaved ? 'saved' : (STATES[await lab.virsh('domstate', uuid)] ?? 'unknown');
    return {
      ...{ providerId: uuid, name: vm.name, state, location: vm.location, vcpus: vm.vcpus, memoryMiB: vm.memoryMiB },
      ...{ disks: [], nics: [], addresses: [], tags: {} },
      ...(vmId ? { vmId } : {}),
      ...(operationId ? { operationId } : {}),
    };
  };

const countBy =
  (lab: Lab) =>
  async (vm: Vm): Promise<number> => {
    const uuids = (await lab.virsh('list', '--all', '--uuid')).split('\n').filter((uuid) => uuid !== '');
    const definitions = await Promise.all(uuids.map((uuid) => lab.virsh('dumpxml', uuid)));
    return definitions.filter((xml) => xml.includes(`id="${vm.id}"`)).length;
  };

/** Waits for a pending answer as the plane does: looks at the command, then what the host unit reports. */
const finishBy =
  (ssm: SSMClient, reports: ReportServer) =>
  async (_: Vm, answer: Answer): Promise<Partial<Observed>> => {
    const { commandId = '', nodeId = '' } = answer.status === 'pending' ? answer : {};
    const sent: Sent = { commandId, nodeId };
    const done = await until(`the answer of ${commandId}`, async () => {
      const look = await lookAtCommand(ssm, sent);
      if (look.status === 'done') return look;
      const { Comment } = await invocationOf(ssm, sent);
      const ask = askOfComment(Comment);
      const late = ask && reports.resultOf(ask.operationId, ask.attempt);
      return late && answerOfHost(late);
    });
    return done.observed ?? {};
  };

/** The emulated AWS: of the plane that test/plane.sh started, or any that EMULATOR_URL names. */
const emulatorUrl = (): string =>
  process.env.EMULATOR_URL ?? `http://127.0.0.1:${JSON.parse(readFileSync(join(HOME, 'plane.json'), 'utf8')).port}`;

/** The test guest and its kernel, which `npm test` has built before its first check. */
const TEST_IMAGE = join(import.meta.dirname, '../../.novacron/cache/test.qcow2');
const TEST_KERNEL = TEST_IMAGE.replace(/qcow2$/, 'vmlinuz');

const testImage = (source: string): Image => {
  const sha256 = createHash('sha256').update(readFileSync(TEST_IMAGE)).digest('hex');
  return anImage({ id: newId('img', Date.now()), source, sha256, minDiskGiB: 0.0625 });
};

const aRow = (host: Host, name: string, changes: Partial<Vm>): Vm =>
  aVm({
    id: newId('vm', Date.now()),
    name,
    state: 'pending',
    memoryMiB: 160,
    location: { hostId: host.id, hostName: host.name },
    spec: aSpec({ diskGiB: 1 }),
    ...changes,
  });

/** A real libvirt host behind the emulated Systems Manager, enrolled under an installation of its own. */
export const openKvmPlace = async (): Promise<KvmPlace> => {
  const endpoint = emulatorUrl();
  const installation = `contract-${randomInt(1e6)}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const ssm = new SSMClient({ endpoint, region: 'us-east-1', credentials });
  await using begun = new AsyncDisposableStack();
  const reports = begun.adopt(await startReportServer(TEST_IMAGE), ({ close }) => close());
  const ports = [Number(new URL(endpoint).port), reports.port];
  const lab = begun.adopt(await startLab(LAB_NET, ports, endpoint), ({ close }) => close());
  await lab.write(`/var/lib/novacron/${installation}/probe.vmlinuz`, readFileSync(TEST_KERNEL));
  await lab.write(`/etc/novacron/${installation}/mirrors`, '127.0.0.0/8\n');
  begun.defer(() => withdrawDocuments(ssm, installation));
  await deployDocuments(ssm, installation);
  const host = await enrol(ssm, installation, lab, reports);
  const open = begun.move();
  let made = 0;
  return {
    host,
    lab,
    reports,
    provider: kvmProvider({
      installation,
      ssm,
      nodeOf: async () => host.nodeId ?? '',
      userData: async () => ({ url: '', sha256: '' }),
      retainDays: 7,
      now: Date.now,
    }),
    context: { host, image: testImage(TEST_IMAGE) },
    newVm: (changes = {}) => aRow(host, `guest-${++made}`, changes),
    imageByUrl: () => testImage(`${reports.url}/image.qcow2`),
    finish: finishBy(ssm, reports),
    observe: observeBy(lab, installation),
    count: countBy(lab),
    cutNextCreate: () => lab.distort({ garbleOutput: true, document: `NovaCron-${installation}-CreateVm`, times: 1 }),
    close: () => open.disposeAsync(),
  };
};
