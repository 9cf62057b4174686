import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadPlane } from '../../local/home.ts';
import { hostProcesses } from '../../local/libvirt-hosts.ts';
import type { FaultRule, startFaultProxy } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { ROOT, run } from '../support/run.ts';

export const HOSTS = ['h1', 'h2'] as const;
/** What can be hurt; one fault at a time each. */
export const PLACES = ['aws', ...HOSTS] as const;
export type Place = (typeof PLACES)[number];

export interface Hurt {
  readonly home: string;
  readonly installation: string;
  readonly port: number;
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>;
  readonly random: Random;
}

interface SoakFault {
  readonly name: string;
  readonly at: readonly Place[];
  /** Returns once it is mended. */
  readonly inflict: (hurt: Hurt, place: Place) => Promise<unknown>;
}

const AWS_SECONDS = 10;
/** From a beat that is missed to a host that is told silent (35 s). */
const CUT_SECONDS = [5, 45] as const;

const hosts = async ({ home, port }: Hurt, ...words: string[]): Promise<void> => {
  const ran = await run('bash', [join(ROOT, 'local/hosts.sh'), ...words], {
    NOVACRON_LAB: join(home, 'hosts'),
    NOVACRON_LAB_NET: `10.78.${port % 250}`,
    NOVACRON_FORWARD: String(port),
  });
  if (ran.code !== 0) throw new Error(`hosts.sh ${words.join(' ')}: ${ran.code} ${ran.stderr}`);
};

const numberOf = (place: Place): string => place.slice(1);

const onHost = (hurt: Hurt, place: Place, line: string) => hosts(hurt, 'exec', numberOf(place), 'sh', '-c', line);

/** The rig leaves no host hurt. @throws Error where its libvirt does not answer */
export const isWell = (hurt: Hurt, place: (typeof HOSTS)[number]) => onHost(hurt, place, 'timeout 20 virsh -q version');

const libvirtdKilled = (hurt: Hurt, place: Place, seconds: number) =>
  onHost(
    hurt,
    place,
    `kill -9 $(cat /run/libvirtd.pid); sleep ${seconds}; rm -f /run/libvirtd.pid; libvirtd -d -p /run/libvirtd.pid -f /etc/libvirt/libvirtd.conf && timeout 20 virsh -q version`,
  );

const aws =
  (...rules: readonly FaultRule[]) =>
  async ({ proxy }: Hurt): Promise<void> => {
    await proxy.break(...rules);
    await sleep(AWS_SECONDS * 1000);
    await proxy.break();
  };

const throttled = (service: FaultRule['service'], code: string, status: number): SoakFault => ({
  name: `${service} refuses three of ten`,
  at: ['aws'],
  inflict: aws({ service, probability: 0.3, error: { code, status } }),
});

const cutReply = (service: FaultRule['service'], operation: string): SoakFault => ({
  name: `reply of ${operation} lost`,
  at: ['aws'],
  inflict: aws({ service, operation, times: 3, response: { abort_bytes: 0 } }),
});

const partition = (...way: string[]): SoakFault => ({
  name: `partition ${way.join() || 'both ways'}`,
  at: HOSTS,
  inflict: async (hurt, place) => {
    await hosts(hurt, 'partition', numberOf(place), ...way);
    await sleep(hurt.random.between(...CUT_SECONDS) * 1000);
    await hosts(hurt, 'heal', numberOf(place));
  },
});

/** The next command is treated so; local/ssm-agent/faults.py has the words. */
const agentThat = (name: string, lie: Readonly<Record<string, unknown>>): SoakFault => ({
  name: `agent ${name}`,
  at: HOSTS,
  inflict: async ({ home }, place) => {
    writeFileSync(join(home, 'agents', place, 'faults.json'), JSON.stringify({ ...lie, times: 1 }));
  },
});

const startProcesses = async (place: Place): Promise<void> => {
  const plane = loadPlane(undefined);
  const host = plane.hosts.find(({ name }) => name === place);
  if (host) await hostProcesses(plane, host, 'start');
};

const onOne = (name: string, inflict: SoakFault['inflict']): SoakFault => ({ name, at: HOSTS, inflict });
/** What ends the unit or the agent stays on one host: on the other they live long, and are weighed. */
const onSecond = (name: string, inflict: SoakFault['inflict']): SoakFault => ({ name, at: ['h2'], inflict });

export const FAULTS: readonly SoakFault[] = [
  throttled('ec2', 'RequestLimitExceeded', 503),
  throttled('ssm', 'ThrottlingException', 400),
  throttled('stepfunctions', 'ThrottlingException', 400),
  throttled('dynamodb', 'ThrottlingException', 400),
  cutReply('ec2', 'RunInstances'),
  cutReply('ssm', 'SendCommand'),
  cutReply('stepfunctions', 'StartExecution'),
  cutReply('stepfunctions', 'SendTaskSuccess'),
  cutReply('dynamodb', 'TransactWriteItems'),
  cutReply('sqs', 'SendMessage'),
  partition(),
  partition('deaf'),
  partition('mute'),
  agentThat('loses a report', { dropReport: true }),
  agentThat('runs twice', { runTwice: true }),
  agentThat('cuts an answer', { cutOutput: 30 }),
  agentThat('garbles an answer', { garbleOutput: true }),
  agentThat('reports late', { delayReportSeconds: 20 }),
  onOne('libvirtd restarted', (hurt, place) => hosts(hurt, 'bounce', numberOf(place))),
  onOne('libvirtd killed', (hurt, place) => libvirtdKilled(hurt, place, 2)),
  onOne('libvirtd away', (hurt, place) => libvirtdKilled(hurt, place, hurt.random.between(...CUT_SECONDS))),
  onOne('QEMU killed', (hurt, place) =>
    onHost(
      hurt,
      place,
      // The pid of libvirtd itself lies beside theirs; only a guest has its definition there.
      'for pid in $(ls /run/libvirt/qemu/*.xml 2>/dev/null | shuf -n 1 | sed s/xml$/pid/); do kill -9 $(cat $pid); done || true',
    ),
  ),
  onSecond('unit killed', (hurt, place) =>
    onHost(hurt, place, `pkill -9 -f 'curren[t] ${hurt.installation} unit' || true`),
  ),
  onSecond('agent killed', async (hurt, place) => {
    await onHost(hurt, place, "pkill -9 -f 'ssm-agent/agent.p[y] run' || true");
    await sleep(2000);
    await startProcesses(place);
  }),
  onSecond('power cut', async (hurt, place) => {
    await hosts(hurt, 'kill', numberOf(place));
    await sleep(hurt.random.between(0, 30) * 1000);
    await hosts(hurt, 'start', numberOf(place));
    await startProcesses(place);
  }),
];
