import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALERTMANAGER, AMTOOL, ensureAlertmanager } from '../../local/prerequisites.ts';

/** The real Alertmanager 0.25 of Debian, which ours is compared with: `amtool` on files, and the program itself on loopback. */

/** A folder that is gone when it is no longer used. */
export const newFolder = (): Disposable & { readonly path: string } => {
  const path = mkdtempSync(join(tmpdir(), 'novacron-alertmanager-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

/** What amtool prints, whatever it thinks of it. */
export const amtool = async (args: readonly string[]): Promise<string> => {
  await ensureAlertmanager(console.log);
  return new Promise((resolve, reject) => {
    execFile(AMTOOL, args, { maxBuffer: 1 << 28 }, (error, stdout) =>
      error !== null && typeof error.code === 'string' ? reject(error) : resolve(stdout),
    );
  });
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
};

export interface Peer extends AsyncDisposable {
  /** Its API v2: what it answers, read as JSON where it is. */
  api(path: string, body?: unknown): Promise<unknown>;
  /** Takes another configuration. */
  configure(yaml: string): Promise<void>;
}

const isUp = async (url: string): Promise<boolean> =>
  fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Starts the program with a configuration. */
export const startAlertmanager = async (yaml: string): Promise<Peer> => {
  await ensureAlertmanager(console.log);
  const folder = newFolder();
  const file = join(folder.path, 'alertmanager.yml');
  writeFileSync(file, yaml);
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(
    ALERTMANAGER,
    [
      `--config.file=${file}`,
      `--storage.path=${folder.path}`,
      `--web.listen-address=${new URL(url).host}`,
      '--web.external-url=http://alerts.test',
      '--web.route-prefix=/',
      '--cluster.listen-address=',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said = (said + data).slice(-4000);
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
    folder[Symbol.dispose]();
  };
  while (!(await isUp(url))) if (child.exitCode !== null) throw new Error(`Alertmanager ended: ${said}`);
  const asked = async (path: string, init?: RequestInit): Promise<string> => {
    const answer = await fetch(url + path, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
    return text;
  };
  return {
    api: async (path, body) => {
      const headers = { 'content-type': 'application/json' };
      const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
      const text = await asked(`/api/v2/${path}`, init);
      return text === '' ? undefined : JSON.parse(text);
    },
    configure: async (next) => {
      writeFileSync(file, next);
      await asked('/-/reload', { method: 'POST' });
    },
    [Symbol.asyncDispose]: stop,
  };
};
