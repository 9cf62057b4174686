import {
  kindOf,
  METRIC_NAMES,
  type MetricName,
  type SubjectKind,
  type Values,
} from '../lambdas/domain/metrics/catalog.ts';
import { prometheusName } from '../lambdas/domain/metrics/exposition.ts';
import { hostSubject, type Subject, vmSubject } from '../lambdas/domain/metrics/labels.ts';
import { snappy } from '../lambdas/domain/metrics/snappy.ts';
import { type Sample, writeRequest } from '../lambdas/domain/metrics/write-request.ts';
import { bundle } from '../lib/bundles.ts';
import { eventOf, insertHost, insertVm, newHost, newVm, signIn } from '../test/support/api.ts';
import { Random } from '../test/support/random.ts';
import type { AwsFront } from './aws-front.ts';
import type { Taker } from './ingest.ts';
import { inLanes } from './lanes.ts';
import { ownAws } from './own-aws.ts';
import { invoked, type Spent, usedBy } from './processes.ts';
import { startPrometheus } from './prometheus.ts';
import { median, rounded } from './samples.ts';

/** Requests that are under way at once. */
const AT_ONCE = 10;
const VMS_OF_A_HOST = 20;
const LOOK_MS = 15_000;

/** What KVM knows no values of. */
const EC2_ONLY: ReadonlySet<MetricName> = new Set(['vm.status.failed', 'vm.cpu.credits']);
const names = (kind: SubjectKind): MetricName[] =>
  METRIC_NAMES.filter((name) => kindOf(name) === kind && !EC2_ONLY.has(name));
const NAMES = { vm: names('vm'), host: names('host') };

const random = new Random(1);

/** As a unit rounds them; nothing that a rule would tell of. */
const valuesOf = (kind: SubjectKind): Values =>
  Object.fromEntries(NAMES[kind].map((name) => [name, Number((random.next() * 0.09).toFixed(4))]));

const digits = (index: number): string => String(index).padStart(16, '0');
const hostAt = (index: number) => newHost({ id: `h-${digits(index)}`, name: `rack-${index}` });
const vmsOf = (host: ReturnType<typeof hostAt>, index: number) =>
  Array.from({ length: VMS_OF_A_HOST }, (_, at) => {
    const number = index * VMS_OF_A_HOST + at;
    return newVm({
      id: `vm-${digits(number)}`,
      name: `web-${number}`,
      providerId: `11111111-1111-4111-8111-${String(number).padStart(12, '0')}`,
      location: { hostId: host.id, hostName: host.name },
      tags: { env: 'prod', app: 'shop' },
    });
  });

/** One look of a host, as both are sent it. */
interface Sent {
  readonly event: unknown;
  readonly write: Uint8Array<ArrayBuffer>;
  readonly samples: number;
}

const samplesOf = ({ labels }: Subject, values: Values, at: number): Sample[] =>
  Object.entries(values).map(([name, value]) => ({ name: prometheusName(name as MetricName), labels, at, value }));

/** A host with its VMs, of which the plane knows. @returns what it sends of a look */
const enrol = async (index: number): Promise<(at: number) => Sent> => {
  const host = hostAt(index);
  const vms = vmsOf(host, index);
  const token = await signIn('host', { id: `tok-${digits(index)}`, hostId: host.id });
  await insertHost(host);
  for (const vm of vms) await insertVm(vm);
  const subjects = vms.map((vm) => ({ uuid: vm.providerId, subject: vmSubject(vm) }));
  return (at) => {
    const own = valuesOf('host');
    const seen = subjects.map(({ uuid, subject }) => ({ uuid, subject, values: valuesOf('vm') }));
    const sample = {
      at: new Date(at).toISOString(),
      intervalSeconds: LOOK_MS / 1_000,
      host: own,
      domains: seen.map(({ uuid, values }) => ({ uuid, values })),
    };
    const body = { unitVersion: '1', sentAt: new Date().toISOString(), samples: [sample] };
    const series = [
      ...samplesOf(hostSubject(host), own, at),
      ...seen.flatMap(({ subject, values }) => samplesOf(subject, values, at)),
    ];
    return {
      event: eventOf(`POST /v1/hosts/${host.id}/metrics`, { token, body }),
      write: new Uint8Array(snappy(writeRequest(series))),
      samples: series.length,
    };
  };
};

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};

const ours = async (front: AwsFront, looks: readonly (readonly Sent[])[]): Promise<Spent> => {
  const sent = looks.flat();
  const used = await invoked(
    'api/ingest',
    sent.map(({ event }) => event),
    AT_ONCE,
  );
  const kept = [...front.table('telemetry').rows.values()].filter(({ pk }) => String(pk).startsWith('samples#'));
  if (kept.length !== sent.length) throw new Error(`${kept.length} of ${sent.length} looks are kept`);
  return used;
};

/** Looks of one host go in their order, as it sends them: Prometheus refuses what is older than what it has. */
const theirs = async (looks: readonly (readonly Sent[])[]): Promise<Spent> => {
  await using prometheus = await startPrometheus(() => '');
  const write = async ({ write: body }: Sent): Promise<void> => {
    const answer = await fetch(`${prometheus.url}/api/v1/write`, { method: 'POST', headers: HEADERS, body });
    if (!answer.ok) throw new Error(`Prometheus answers ${answer.status}: ${await answer.text()}`);
  };
  const begin = performance.now();
  for (const look of looks) await inLanes(AT_ONCE, look, write);
  return { ms: performance.now() - begin, ...usedBy(prometheus.pid) };
};

const figuresOf = (rounds: readonly Spent[], looks: readonly (readonly Sent[])[]): Taker => {
  const sent = looks.flat();
  const samples = sent.reduce((sum, each) => sum + each.samples, 0);
  return {
    samplesPerMinute: Math.round(median(rounds.map(({ ms }) => (samples * 60_000) / ms))),
    requestsPerSecond: Math.round(median(rounds.map(({ ms }) => (sent.length * 1_000) / ms))),
    peakMiB: Math.round(Math.max(...rounds.map(({ maxRssMiB }) => maxRssMiB))),
    cpuMsPerThousand: rounded(median(rounds.map(({ cpuSeconds }) => (cpuSeconds * 1_000_000) / samples))),
  };
};

/** What so many hosts send of so many looks, the last of them now; the plane is new, and knows these hosts. */
const looksOf = async (front: AwsFront, hosts: number, looks: number): Promise<Sent[][]> => {
  front.tables.clear();
  const senders: ((at: number) => Sent)[] = [];
  for (let index = 0; index < hosts; index += 1) senders.push(await enrol(index));
  const first = Date.now() - (looks - 1) * LOOK_MS;
  return Array.from({ length: looks }, (_, look) => senders.map((send) => send(first + look * LOOK_MS)));
};

/** One round of both for each of so many. Usage: node bench/ingest-rounds.ts <rounds> <hosts> <looks>, by `besideOwnAws`. */
const [rounds = 1, hosts = 10, looks = 10] = process.argv.slice(2).map(Number);
bundle(['api/ingest']);
const front = await ownAws();
const all: { readonly ours: Spent[]; readonly prometheus: Spent[] } = { ours: [], prometheus: [] };
let sent: Sent[][] = [];
try {
  for (let round = 0; round < rounds; round += 1) {
    sent = await looksOf(front, hosts, looks);
    all.ours.push(await ours(front, sent));
    all.prometheus.push(await theirs(sent));
  }
} finally {
  front.close();
}
console.log(JSON.stringify({ ours: figuresOf(all.ours, sent), prometheus: figuresOf(all.prometheus, sent) }));
