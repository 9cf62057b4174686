import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Ran, ROOT, run } from '../support/run.ts';

export { ROOT, run };

/** The plane that test/plane.sh started: its home, its access, and the command line as a person types it. */
export const HOME = resolve(process.env.NOVACRON_HOME ?? join(ROOT, '.novacron'));

const readJson = (name: string) => JSON.parse(readFileSync(join(HOME, name), 'utf8'));

export const access: { url: string; token: string; installation: string } = readJson('local.json');
export const plane: {
  port: number;
  region: string;
  outputs: Record<string, string>;
  hosts: { name: string; hostId: string }[];
} = readJson('plane.json');

/** `npx novacron …` on this plane. */
export const novacron = (...args: string[]): Promise<Ran> =>
  run(process.execPath, [join(ROOT, 'cli/novacron.ts'), ...args], {
    NOVACRON_URL: access.url,
    NOVACRON_TOKEN: access.token,
  });

/** The same, as JSON; fails the test with what the command said when it did not end well. */
export const novacronJson = async <T>(...args: string[]): Promise<T> => {
  const ran = await novacron(...args, '-o', 'json');
  if (ran.code !== 0) throw new Error(`novacron ${args.join(' ')} → exit ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  return JSON.parse(ran.stdout) as T;
};

/** One call to the API, whatever it answers. */
export const api = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const reply = await fetch(`${access.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${access.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, json: text ? JSON.parse(text) : undefined };
};

/** Waits until `look` answers something, up to `seconds`. */
export const eventually = async <T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((wake) => setTimeout(wake, 500));
  }
  throw new Error(`not within ${seconds} s: ${what}`);
};

/** local/hosts.sh on the separate hosts of this plane. */
export const labHosts = (...args: string[]): Promise<Ran> =>
  run('bash', [join(ROOT, 'local/hosts.sh'), ...args], {
    NOVACRON_LAB: join(HOME, 'hosts'),
    NOVACRON_LAB_NET: `10.78.${plane.port % 250}`,
    NOVACRON_FORWARD: String(plane.port),
  });

/** What the libvirt of a host itself says, on this machine (`local`) or a separate one (`h1` …). */
export const virshOn = async (hostName: string, ...args: string[]): Promise<Ran> => {
  const uri = hostName === 'local' ? 'qemu:///system' : (await labHosts('uri', hostName.slice(1))).stdout.trim();
  return run('virsh', ['-c', uri, ...args]);
};
