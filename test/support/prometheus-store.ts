import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import type { Net } from '../../lambdas/runtime/outside.ts';
import { ensurePrometheus, PROMETHEUS } from '../../local/prerequisites.ts';
import { freePort, newFolder } from './alertmanager.ts';
import { selfSigned } from './certificate.ts';

/** A series as Prometheus answers it: its last value, or those of a span, with their times in seconds. */
export interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [seconds: number, value: string];
  readonly values?: readonly (readonly [seconds: number, value: string])[];
}

/** Debian's Prometheus as a store that is written to from outside. */
export interface PrometheusStore extends AsyncDisposable {
  /** Where it takes remote writes. */
  readonly url: string;
  /** The world in which its name leads to it. */
  readonly net: Net;
  /** What an expression is at a time, epoch ms. @throws where Prometheus does not take it */
  readonly query: (expression: string, at: number) => Promise<readonly Found[]>;
  /** Ends it, as a machine that goes down. */
  readonly stop: () => Promise<void>;
  /** Begins it, with what it had. */
  readonly start: () => Promise<void>;
}

const HOST = 'prometheus.example.org';

/** Starts one that has been told nothing yet. */
export const startPrometheusStore = async (): Promise<PrometheusStore> => {
  await ensurePrometheus(console.log);
  const folder = newFolder();
  const { key, cert } = selfSigned();
  const [config, web] = [join(folder.path, 'prometheus.yml'), join(folder.path, 'web.yml')];
  const [keyFile, certFile] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')];
  writeFileSync(config, '');
  writeFileSync(keyFile, key);
  writeFileSync(certFile, cert);
  writeFileSync(web, JSON.stringify({ tls_server_config: { cert_file: certFile, key_file: keyFile } }));
  const port = await freePort();

  const get = async (path: string): Promise<{ readonly status: number; readonly body: unknown }> => {
    const asking = request({ host: '127.0.0.1', servername: HOST, port, path, ca: cert, agent: false }).end();
    const [response] = await once(asking, 'response');
    const isJson = response.headers['content-type'] === 'application/json';
    return { status: response.statusCode, body: isJson ? await json(response) : response.resume() };
  };
  const isUp = (): Promise<boolean> =>
    get('/-/ready').then(
      ({ status }) => status === 200,
      () => false,
    );

  const begin = async () => {
    const child = spawn(
      PROMETHEUS,
      [
        `--config.file=${config}`,
        `--web.config.file=${web}`,
        `--storage.tsdb.path=${folder.path}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (data: Buffer) => {
      said = (said + data).slice(-4000);
    });
    const ended = once(child, 'exit');
    while (!(await isUp())) if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`);
    return async () => {
      child.kill();
      await ended;
    };
  };

  let end = await begin();
  return {
    url: `https://${HOST}:${port}/api/v1/write`,
    net: {
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      refusal: () => undefined,
      ca: cert,
      timeoutMs: 5_000,
    },
    query: async (expression, at) => {
      const asked = new URLSearchParams({ query: expression, time: String(at / 1000) });
      const { status, body } = await get(`/api/v1/query?${asked}`);
      if (status !== 200) throw new Error(`${expression}: ${JSON.stringify(body)}`);
      return (body as { readonly data: { readonly result: readonly Found[] } }).data.result;
    },
    stop: () => end(),
    start: async () => {
      end = await begin();
    },
    [Symbol.asyncDispose]: async () => {
      await end();
      folder[Symbol.dispose]();
    },
  };
};
