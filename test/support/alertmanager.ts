import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Alert, received } from '../../lambdas/domain/alerts/alert.ts';
import { parseDuration } from '../../lambdas/domain/alerts/durations.ts';
import {
  ALERTMANAGER,
  AMTOOL,
  ensureAlertmanager,
  ensurePrometheus,
  PROMETHEUS,
  PROMTOOL,
} from '../../local/prerequisites.ts';
import { run } from './run.ts';

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

/** A port of this machine that nobody listens at. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
};

export interface Peer extends AsyncDisposable {
  /** Of its process. */
  readonly pid: number;
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
    pid: child.pid ?? 0,
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

/** Alertmanager's own, for what says no end. */
const RESOLVE_TIMEOUT_MS = 300_000;

/** Posts alerts that begin now, then their end; `heard` is given what is to be told of each, and the moment of the flush. */
export const beginAndEnd = async (
  peer: Peer,
  alerts: readonly Pick<Alert, 'labels' | 'annotations'>[],
  heard: (alerts: Alert[], at: number) => Promise<void>,
): Promise<void> => {
  const now = Date.now();
  const tell = async (endsAt: number, at: number): Promise<void> => {
    const posted = alerts.map((alert) => ({
      ...alert,
      generatorURL: 'http://p/?a=1&b=2',
      startsAt: new Date(now).toISOString(),
      endsAt: new Date(endsAt).toISOString(),
    }));
    await peer.api('alerts', posted);
    await heard(
      posted.map((each) => received(each, now, RESOLVE_TIMEOUT_MS)),
      at,
    );
  };
  await tell(now + 3_600_000, now);
  const end = Date.now();
  await tell(end, end + 1);
};

/** An API of Alertmanager that asks for a token. */
export interface Guarded {
  readonly url: string;
  readonly token: string;
}

/** What amtool says of an API. @throws where it fails, with what it said */
export const amtoolOf = async ({ url, token }: Guarded, ...args: readonly string[]): Promise<string> => {
  await ensureAlertmanager(console.log);
  using folder = newFolder();
  const file = join(folder.path, 'http.yml');
  writeFileSync(file, `authorization: { credentials: ${token} }\n`);
  const { code, stdout, stderr } = await run(AMTOOL, [
    `--alertmanager.url=${url}`,
    `--http.config.file=${file}`,
    ...args,
  ]);
  if (code !== 0) throw new Error(`amtool ${args.join(' ')} → exit ${code}\n${stdout}\n${stderr}`);
  return stdout;
};

/** One sample of what rules record: `labels` as promtool prints them. */
export interface PromSample {
  readonly seconds: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const secondsOf = (text: string): number => parseDuration(text) / 1000;

const sampleIn = (seconds: number, labels: string, value: string): PromSample => ({
  seconds,
  labels: Object.fromEntries(Array.from(labels.matchAll(/(\w+)="([^"]*)"/g), ([, name, text]) => [name, text])),
  value: Number(value),
});

/** What series there are of an expression at each step, as promtool evaluates these rules over this input: it is told to find none. */
export const promtoolSeries = async (
  groups: readonly object[],
  { input, expr, stepSeconds, steps }: { input: readonly object[]; expr: string; stepSeconds: number; steps: number },
): Promise<PromSample[]> => {
  await ensurePrometheus(console.log);
  using folder = newFolder();
  // What is JSON is YAML.
  const [ruleFile, testFile] = [join(folder.path, 'rules.yml'), join(folder.path, 'test.yml')];
  const interval = `${stepSeconds}s`;
  const asked = Array.from({ length: steps }, (_, step) => ({ expr, eval_time: `${step * stepSeconds}s` }));
  writeFileSync(ruleFile, JSON.stringify({ groups }));
  writeFileSync(
    testFile,
    JSON.stringify({
      rule_files: [ruleFile],
      evaluation_interval: interval,
      tests: [{ interval, input_series: input, promql_expr_test: asked }],
    }),
  );
  const { stdout, stderr } = await run(PROMTOOL, ['test', 'rules', testFile]);
  const told = Array.from(`${stdout}${stderr}`.matchAll(/time: (\w+),\n\s*exp:.*\n\s*got:(.*)/g));
  if (told.length === 0) throw new Error(`promtool says nothing of any series: ${stdout}${stderr}`);
  return told.flatMap(([, time = '', got = '']) =>
    Array.from(got.matchAll(/\{([^}]*)\} (\S+?)(?:,|$)/g), ([, labels = '', value = '']) =>
      sampleIn(secondsOf(time), labels, value),
    ),
  );
};

/** What a Prometheus finds from its start on, for so long. */
export interface Finding {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly seconds: number;
}

/** What is JSON is YAML. */
const rulesOf = (findings: readonly Finding[]): string => {
  const now = Date.now() / 1_000;
  const rules = findings.map(({ alert, labels, seconds }) => ({
    alert,
    labels,
    expr: `vector(1) and vector(time()) < ${now + seconds}`,
  }));
  return JSON.stringify({ groups: [{ name: 'test', interval: '1s', rules }] });
};

/** Starts Debian's Prometheus, which sends what it finds to such an API. */
export const startPrometheus = async ({ url, token }: Guarded, ...findings: Finding[]): Promise<AsyncDisposable> => {
  await ensurePrometheus(console.log);
  const folder = newFolder();
  const [config, rules] = [join(folder.path, 'prometheus.yml'), join(folder.path, 'rules.yml')];
  const { host, pathname } = new URL(url);
  writeFileSync(rules, rulesOf(findings));
  writeFileSync(
    config,
    `global: { evaluation_interval: 1s }
rule_files: [${rules}]
alerting:
  alertmanagers:
    - path_prefix: ${pathname}
      static_configs: [{ targets: ['${host}'] }]
      authorization: { credentials: ${token} }
`,
  );
  const child = spawn(
    PROMETHEUS,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${folder.path}/data`,
      `--web.listen-address=127.0.0.1:${await freePort()}`,
      // What it finds before it knows where to send it to it sends once more.
      '--rules.alert.resend-delay=2s',
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
      folder[Symbol.dispose]();
    },
  };
};
