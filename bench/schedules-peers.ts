import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../lib/bundles.ts';
import type { Run, Stage, Used } from './schedules-stage.ts';

const execute = promisify(execFile);

/** Peers lie beside the embedded AWS, and in no commit. */
const PEERS = join(ROOT, '.novacron/peers');

export const INSTANCE_SCHEDULER = 'v3.2.8';
export const CUSTODIAN = '0.9.53';

/** What v3.2.8's pyproject.toml asks for to run. */
const NEEDS = [
  'aws-lambda-powertools>=3.4.1,<4',
  'packaging>=24,<25',
  'pydantic',
  'urllib3>=2.7,<3',
  'boto3',
  'tzdata',
];

const KEYS = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_DEFAULT_REGION: 'us-east-1' };

/** A peer that can be run, or why it cannot. */
export type Peer = ((stage: Stage, run: Run) => Promise<Used>) | { readonly skipped: string };

/** A Python of its own with these packages. @throws Error where they cannot be had */
const pythonWith = async (name: string, packages: readonly string[]): Promise<string> => {
  mkdirSync(PEERS, { recursive: true });
  const home = join(PEERS, name);
  const done = join(home, 'installed');
  if (!existsSync(done)) {
    await execute('/usr/bin/python3', ['-m', 'venv', home]);
    await execute(join(home, 'bin/pip'), ['install', '--quiet', ...packages]);
    writeFileSync(done, packages.join('\n'));
  }
  return join(home, 'bin');
};

/** The server of the emulator that the local plane's EC2 stands on, in the same version: the plane itself goes without. */
export const emulator = async (): Promise<string> => join(await pythonWith('moto', ['moto[server]==5.2.5']), 'python');

/** The tag's sources: of the clone that INSTANCE_SCHEDULER_CLONE names, else from GitHub. */
const sourcesOf = async (): Promise<string> => {
  const home = join(PEERS, `instance-scheduler-${INSTANCE_SCHEDULER}`);
  const from = process.env.INSTANCE_SCHEDULER_CLONE ?? 'https://github.com/aws-solutions/instance-scheduler-on-aws.git';
  if (!existsSync(home))
    await execute('git', ['clone', '--quiet', '--depth=1', '--branch', INSTANCE_SCHEDULER, from, home]);
  return join(home, 'source/app');
};

const orSkipped = async (peer: () => Promise<Peer>): Promise<Peer> => {
  try {
    return await peer();
  } catch (error) {
    return { skipped: `it could not be had: ${String(error).slice(0, 300)}` };
  }
};

/** instance-scheduler-on-aws, by its own handler of one scheduling request; `registry` is a table that is there. */
export const instanceScheduler = (registry: string): Promise<Peer> =>
  orSkipped(async () => {
    const [bin, sources] = [await pythonWith('instance-scheduler', NEEDS), await sourcesOf()];
    const script = join(import.meta.dirname, 'instance_scheduler_once.py');
    return async (stage, { before, moment }) => {
      const env = { ...KEYS, AWS_ENDPOINT_URL: stage.url, PYTHONPATH: sources, PATH: process.env.PATH };
      const at = (time: string) => stage.run([join(bin, 'python'), script, time, registry], { env });
      if (before !== undefined) await at(before);
      stage.front.counted();
      return at(moment);
    };
  });

/** By its own filters of hours, which know the clock of the machine only. */
const policyOf = ({ batches, want }: Run): object => {
  const hour = new Date().getUTCHours();
  const filter = want === 'up' ? 'onhour' : 'offhour';
  const now = batches.length > 0 ? hour : (hour + 12) % 24;
  return {
    policies: [
      {
        name: 'office',
        resource: 'aws.ec2',
        filters: [
          { type: 'value', key: 'tag:Schedule', op: 'in', value: batches.length > 0 ? batches : ['office', 'early'] },
          { type: filter, default_tz: 'utc', [filter]: now, tag: 'hours', 'opt-out': true, weekends: false },
        ],
        actions: [want === 'up' ? 'start' : 'stop'],
      },
    ],
  };
};

/** Cloud Custodian, by its command. */
export const custodian = (): Promise<Peer> =>
  orSkipped(async () => {
    const bin = await pythonWith('custodian', [`c7n==${CUSTODIAN}`]);
    return (stage, run) => {
      const file = join(PEERS, 'policy.json');
      writeFileSync(file, JSON.stringify(policyOf(run)));
      const env = { ...KEYS, AWS_ENDPOINT_URL: stage.url, PATH: process.env.PATH, HOME: PEERS };
      const args = ['run', '--region', 'us-east-1', '--output-dir', join(PEERS, 'out'), '--cache-period', '0', file];
      return stage.run([join(bin, 'custodian'), ...args], { env });
    };
  });
