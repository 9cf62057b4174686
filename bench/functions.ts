import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { DEFAULT_PRICE_BOOK } from '../lambdas/domain/price.ts';
import { bundle, entries } from '../lib/bundles.ts';
import { VARIABLES } from '../lib/environment.ts';
import { HELLO, helloFolder } from './hello-code.ts';
import { pathOf } from './paths.ts';
import { interleaved, median, rounded } from './samples.ts';

/** What a function weighs, and how long it takes to load. */
export interface FunctionFigures {
  readonly entry: string;
  readonly gzipKiB: number;
  /** Median and least of the rounds: the least is what a quiet machine would show. */
  readonly loadMs?: number;
  readonly leastMs?: number;
  readonly cpuMs?: number;
  /** Load time over that of a hello world, in ms: a ratio to 0.7 ms would say nothing. */
  readonly overHelloMs?: number;
}

/** As Lambda zips it, roughly: one deflated file. */
const gzipKiB = (text: string): number => rounded(gzipSync(text, { level: 9 }).length / 1024);

/** The weight of every function of the product. */
export const weights = (): FunctionFigures[] => {
  const all = entries();
  const bundles = bundle(all);
  return all.map((entry) => ({ entry, gzipKiB: gzipKiB(bundles.get(entry)?.text ?? '') }));
};

/** A value that every module's own check of its environment takes. */
const stubOf = (name: string): string => {
  if (/URL|ISSUER|URI/.test(name)) return 'https://example.test/x';
  if (name === 'IAM_ROLES' || name === 'NOTICE_QUEUES') return '{}';
  if (name === 'REMOTE_WRITE') return '{"url":"https://example.test/x"}';
  if (name === 'PRICE_BOOK') return JSON.stringify(DEFAULT_PRICE_BOOK);
  if (/OVERCOMMIT|DAYS|LIMIT/.test(name)) return '1';
  if (name === 'RECEIVER_SMS') return 'false';
  return name === 'REGIONS' ? 'us-east-1' : 'x';
};

/** What every function finds in its environment, with nothing behind it. */
export const environment = {
  PATH: process.env.PATH,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  ...Object.fromEntries(VARIABLES.map((name) => [name, stubOf(name)])),
};

const execute = promisify(execFile);

/** Loads the bundle of a function, or another module, in a process of its own. @throws Error where it does not load */
export const loadOnce = async (path: string): Promise<{ wallMs: number; cpuMs: number }> => {
  const script = join(import.meta.dirname, 'load-once.ts');
  const { stdout } = await execute(process.execPath, [script, path], { env: environment });
  return JSON.parse(stdout);
};

const helloPath = (): string => join(helloFolder(), 'index.js');

/** Weight and load time of every function beside a hello world, each load in a process of its own. */
export const functionFigures = async (rounds: number): Promise<FunctionFigures[]> => {
  const weighed = weights();
  const paths = weighed.map(({ entry }) => pathOf(entry));
  const cpu: number[][] = [helloPath(), ...paths].map(() => []);
  const contestants = [helloPath(), ...paths].map((path, index) => async () => {
    const { wallMs, cpuMs } = await loadOnce(path);
    cpu[index]?.push(cpuMs);
    return wallMs;
  });
  const [hello = [], ...loads] = await interleaved(rounds, contestants);
  const figures = weighed.map((weight, index) => ({
    ...weight,
    loadMs: rounded(median(loads[index] ?? [])),
    leastMs: rounded(Math.min(...(loads[index] ?? []))),
    cpuMs: rounded(median(cpu[index + 1] ?? [])),
    overHelloMs: rounded(median(loads[index] ?? []) - median(hello)),
  }));
  const helloFigures = {
    entry: 'hello world',
    gzipKiB: gzipKiB(HELLO),
    loadMs: rounded(median(hello)),
    leastMs: rounded(Math.min(...hello)),
    cpuMs: rounded(median(cpu[0] ?? [])),
    overHelloMs: 0,
  };
  return [helloFigures, ...figures];
};
