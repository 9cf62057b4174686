import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { planeClient } from '../support/plane-client.ts';
import { type Ran, ROOT, run } from '../support/run.ts';

export { ROOT, run };

/** The plane that test/plane.sh started. */
export const HOME = resolve(process.env.NOVACRON_HOME ?? join(ROOT, '.novacron'));

export const { access, plane, api, novacron, novacronJson, findVm } = planeClient(HOME);

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
    await new Promise((wake) => setTimeout(wake, 250));
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

/** One audit now, as a person asks for it; its exit code says what its answer does. */
export const auditPlane = async () => {
  const { code, stdout, stderr } = await novacron('audit', 'check', '-o', 'json');
  if (stdout === '') throw new Error(`novacron audit → exit ${code}\n${stderr}`);
  const { sound, items, collection } = JSON.parse(stdout);
  expect(code).toBe(sound ? 0 : 1);
  return { items, collection };
};
