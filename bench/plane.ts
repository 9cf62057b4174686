import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ROOT } from '../lib/bundles.ts';

/** A plane that runs here. */
export interface Plane {
  readonly url: string;
  readonly headers: Record<string, string>;
  /** Of the embedded AWS. */
  readonly endpoint: string;
}

export const NO_PLANE = { skipped: 'no plane runs here: npm start' };

/** The plane that `npm start` runs from this clone (or that NOVACRON_HOME names), if it answers. */
export const runningPlane = async (): Promise<Plane | undefined> => {
  const home = resolve(process.env.NOVACRON_HOME ?? join(ROOT, '.novacron'));
  if (!existsSync(join(home, 'local.json')) || !existsSync(join(home, 'plane.json'))) return undefined;
  const { url, token } = JSON.parse(readFileSync(join(home, 'local.json'), 'utf8'));
  const { port } = JSON.parse(readFileSync(join(home, 'plane.json'), 'utf8'));
  const isUp = await fetch(`${url}/v1/health`).then(
    ({ ok }) => ok,
    () => false,
  );
  const headers = { authorization: `Bearer ${token}` };
  return isUp ? { url, headers, endpoint: `http://127.0.0.1:${port}` } : undefined;
};

/** What is answered well, and how long that took in ms. @throws Error for any other answer */
export const timed = async (
  url: string,
  headers: Record<string, string> = {},
): Promise<{ ms: number; text: string }> => {
  const start = performance.now();
  const reply = await fetch(url, { headers });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`GET ${url} → ${reply.status}`);
  return { ms: performance.now() - start, text };
};
