import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ran, ROOT, run } from './run.ts';

interface Access {
  readonly url: string;
  readonly token: string;
  readonly installation: string;
}

/** What `npm start` noted of the plane. */
interface Noted {
  readonly port: number;
  readonly region: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly hosts: readonly { readonly name: string; readonly hostId: string }[];
  readonly emulator?: { readonly pid: number };
}

const apiOf =
  ({ url, token }: Access) =>
  async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, json: text ? JSON.parse(text) : undefined };
  };

/** The plane of a home: its access, its API, and the command line as a person types it. */
export const planeClient = (home: string) => {
  const readJson = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8'));
  const access: Access = readJson('local.json');
  const plane: Noted = readJson('plane.json');
  const api = apiOf(access);

  const novacron = (...args: string[]): Promise<Ran> =>
    run(process.execPath, [join(ROOT, 'cli/novacron.ts'), ...args], {
      NOVACRON_URL: access.url,
      NOVACRON_TOKEN: access.token,
    });

  /** The same, as JSON; fails the test with what the command said when it did not end well. */
  const novacronJson = async <T>(...args: string[]): Promise<T> => {
    const ran = await novacron(...args, '-o', 'json');
    if (ran.code !== 0) throw new Error(`novacron ${args.join(' ')} → exit ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
    return JSON.parse(ran.stdout) as T; // the shape is what the test is about
  };

  /** The VM of that name as the list shows it; undefined where none is. */
  const findVm = async (name: string) =>
    (await api('GET', `/v1/vms?filter=${encodeURIComponent(`name=${name}`)}`)).json.items[0];

  return { access, plane, api, novacron, novacronJson, findVm };
};
