import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../lib/bundles.ts';
import { usedBy } from './processes.ts';
import { startPrometheus } from './prometheus.ts';

/**
 * 10 rules over 10,000 VMs, ours beside Debian's Prometheus: what a look at all rules takes, and the most memory that the process
 * had. Ours has a heap that fits a function of 256 MB, and has the samples in hand. Prometheus reads them from its store, into which
 * it scrapes them: its time is that of its rule group alone, its memory all that it is.
 */
const VMS = 10_000;
const PROMETHEUS_SECONDS = 90;
const STEP_SECONDS = 5;
const HEAP = ['--max-old-space-size=128', '--max-semi-space-size=8'];

/** As rules-once.ts has them. */
const RULES = [
  'avg_over_time(cpu{provider="kvm",tag_env=~"prod|stage"}[15m]) > 0.95',
  'avg_over_time(steal{provider="kvm",tag_env=~"prod|stage"}[10m]) > 0.2',
  'max_over_time(read{provider="kvm",tag_env=~"prod|stage"}[10m]) > 0.1',
  'resident{provider="kvm",tag_env=~"prod|stage"} - resident offset 15m > 1073741824',
  'usage{provider="kvm",tag_env=~"prod|stage"} / allocated > 0.95',
  ...['errors', 'dropped', 'write', 'flush'].map((name) => `${name}{provider="kvm",tag_env=~"prod|stage"} > 0.1`),
  'cpu{provider="kvm",tag_env=~"prod|stage"} > 0.99',
];
const METRICS = ['cpu', 'steal', 'read', 'resident', 'usage', 'allocated', 'errors', 'dropped', 'write', 'flush'];

interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly peakMiB: number;
}

const ours = async (): Promise<Figures> => {
  const file = join(ROOT, 'bench/rules-once.ts');
  const child = spawn(process.execPath, [...HEAP, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { p50Ms, p99Ms, peakMiB } = JSON.parse(await text(child.stdout));
  return { p50Ms, p99Ms, peakMiB };
};

/** A hundredth of the VMs always fires. */
const measured = (metric: string, vm: number): number => {
  if (metric === 'allocated') return 1;
  return metric === 'cpu' && vm % 100 === 0 ? 1 : Number((Math.random() * 0.09).toFixed(4));
};

const exposition = (): string => {
  const labelsOf = (vm: number) =>
    `vm="web-${vm}",host="rack-${vm % 100}",provider="kvm",project="default",tag_env="prod",tag_app="shop"`;
  const lines = METRICS.flatMap((metric) =>
    Array.from({ length: VMS }, (_, vm) => `${metric}{${labelsOf(vm)}} ${measured(metric, vm)}`),
  );
  return `${lines.join('\n')}\n`;
};

const configOf = (target: string, rules: string): string => `
global: { scrape_interval: ${STEP_SECONDS}s, evaluation_interval: ${STEP_SECONDS}s }
rule_files: [${rules}]
scrape_configs:
  - job_name: vms
    static_configs: [{ targets: ['${target}'] }]
`;

const addressOf = (server: ReturnType<typeof createServer>): string => {
  const { port } = server.address() as AddressInfo; // a TCP server's address
  return `127.0.0.1:${port}`;
};

const listening = async (body: () => string): Promise<ReturnType<typeof createServer>> => {
  const server = createServer((_, response) => response.end(body())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
};

/** What Prometheus tells of itself. */
const figuresOf = async (url: string, pid: number): Promise<Figures> => {
  const told = await (await fetch(`${url}/metrics`)).text();
  const milliseconds = (quantile: string): number => {
    const line = new RegExp(`^prometheus_rule_group_duration_seconds\\{quantile="${quantile}"\\} (\\S+)`, 'm').exec(
      told,
    );
    return Math.round(Number(line?.[1]) * 1000);
  };
  return { p50Ms: milliseconds('0.5'), p99Ms: milliseconds('0.99'), peakMiB: Math.round(usedBy(pid).maxRssMiB) };
};

const theirs = async (): Promise<Figures> => {
  const vms = await listening(exposition);
  const group = { name: 'all', rules: RULES.map((expr, index) => ({ alert: `Rule${index}`, expr })) };
  await using prometheus = await startPrometheus((folder) => {
    const rules = join(folder, 'rules.yml');
    writeFileSync(rules, JSON.stringify({ groups: [group] }));
    return configOf(addressOf(vms), rules);
  });
  try {
    await sleep(PROMETHEUS_SECONDS * 1000);
    return await figuresOf(prometheus.url, prometheus.pid);
  } finally {
    vms.close();
  }
};

console.table({ ours: await ours(), prometheus: await theirs() });
