import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePrometheus, PROMETHEUS } from '../local/prerequisites.ts';
import { freePort, newFolder } from '../test/support/alertmanager.ts';

/** Debian's Prometheus as a peer. */
export interface Prometheus extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

/** Starts one that takes remote writes, with a configuration that may name files of its folder. */
export const startPrometheus = async (configIn: (folder: string) => string): Promise<Prometheus> => {
  await ensurePrometheus(console.log);
  const folder = newFolder();
  const config = join(folder.path, 'prometheus.yml');
  writeFileSync(config, configIn(folder.path));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    PROMETHEUS,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder.path}/data`,
      `--web.listen-address=${address}`,
      '--web.enable-remote-write-receiver',
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  const url = `http://${address}`;
  while (!(await isReady(url))) if (child.exitCode !== null) throw new Error(`Prometheus ended by ${child.exitCode}`);
  return {
    url,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
      folder[Symbol.dispose]();
    },
  };
};
