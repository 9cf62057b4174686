import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../lib/bundles.ts';
import { startHello } from './hello.ts';
import { interleaved, percentile, rounded } from './samples.ts';

export interface ApiFigures {
  readonly path: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Read routes as a person or a dashboard asks them. */
const PATHS = ['/v1/health', '/v1/me', '/v1/vms?limit=100', '/v1/operations?limit=20'];

const timed = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
  const start = performance.now();
  const reply = await fetch(url, { headers });
  await reply.arrayBuffer();
  if (!reply.ok) throw new Error(`GET ${url} → ${reply.status}`);
  return performance.now() - start;
};

/** The plane that `npm start` runs from this clone (or that NOVACRON_HOME names), if it answers. */
const plane = (): { url: string; token: string; endpoint: string } | undefined => {
  const home = resolve(process.env.NOVACRON_HOME ?? join(ROOT, '.novacron'));
  if (!existsSync(join(home, 'local.json')) || !existsSync(join(home, 'plane.json'))) return undefined;
  const { url, token } = JSON.parse(readFileSync(join(home, 'local.json'), 'utf8'));
  const { port } = JSON.parse(readFileSync(join(home, 'plane.json'), 'utf8'));
  return { url, token, endpoint: `http://127.0.0.1:${port}` };
};

/** Warm answers of our API beside a hello world on the same emulator: the emulator's own share is in both. */
export const apiFigures = async (rounds: number): Promise<ApiFigures[] | { skipped: string }> => {
  const found = plane();
  const isUp =
    found &&
    (await fetch(`${found.url}/v1/health`)
      .then(({ ok }) => ok)
      .catch(() => false));
  if (!found || !isUp) return { skipped: 'no plane runs here: npm start' };
  const hello = await startHello(found.endpoint);
  try {
    const headers = { authorization: `Bearer ${found.token}` };
    const ours = PATHS.map((path) => () => timed(`${found.url}${path}`, headers));
    const contestants = [() => timed(hello.url), ...ours];
    // The first call of each starts its worker.
    await interleaved(3, contestants);
    const samples = await interleaved(rounds, contestants);
    return ['hello world', ...PATHS].map((path, index) => ({
      path,
      p50Ms: rounded(percentile(samples[index] ?? [], 0.5)),
      p99Ms: rounded(percentile(samples[index] ?? [], 0.99)),
    }));
  } finally {
    await hello.stop();
  }
};
