import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { chunked } from '../lambdas/runtime/chunks.ts';
import { bundle } from '../lib/bundles.ts';
import { startAlertmanager } from '../test/support/alertmanager.ts';
import { call, signIn } from '../test/support/api.ts';
import type { Teller } from './alertmanager.ts';
import type { AwsFront } from './aws-front.ts';
import { ownAws } from './own-aws.ts';
import { invoked, type Spent, usedBy } from './processes.ts';
import { median, rounded } from './samples.ts';

/** Alerts that are posted at once. */
const POSTED = 500;
/** Longer than Alertmanager takes to be posted all of them, so that it tells of them when it does nothing else. */
const WAIT_SECONDS = 20;
const PATIENCE_MS = 120_000;
const WEBHOOK = '10.79.251.9';

const yamlOf = (url: string): string => `
route:
  receiver: team
  group_by: [alertname, instance]
  group_wait: ${WAIT_SECONDS}s
  group_interval: 5m
  repeat_interval: 4h
receivers:
  - name: team
    webhook_configs: [{ url: '${url}' }]
`;

const alertsOf = (count: number, startsAt: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    labels: { alertname: 'DiskFull', instance: `web-${index}`, severity: 'warning', team: 'shop' },
    annotations: { summary: `The disk of web-${index} is full`, runbook_url: 'https://example.org/runbook#disk' },
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(startsAt + 86_400_000).toISOString(),
    generatorURL: 'http://prometheus.example.org/graph',
  }));

const Heard = z.object({ posts: z.number(), groups: z.number(), ms: z.number() });

/** What was posted to a webhook since it was asked last. @throws Error where it is not one word of each group, soon */
const heard = async (url: string, groups: number): Promise<number> => {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const told = Heard.parse(await (await fetch(url)).json());
    if (told.posts >= groups || Date.now() > until) {
      await fetch(url, { method: 'DELETE' });
      if (told.posts !== groups || told.groups !== groups)
        throw new Error(`${told.posts} words of ${told.groups} groups were told, not of ${groups}`);
      return told.ms;
    }
    await sleep(200);
  }
};

/** Events in as many processes, each of which is called for one after the other, as a sandbox of Lambda is. */
const toldBy = async (processes: number, events: readonly unknown[]): Promise<Spent> => {
  const shares = chunked(events, Math.ceil(events.length / processes));
  const used = await Promise.all(shares.map((share) => invoked('alerting/group-due', share, 1)));
  const sum = (of: (spent: Spent) => number) => used.reduce((all, spent) => all + of(spent), 0);
  return { ms: 0, cpuSeconds: sum(({ cpuSeconds }) => cpuSeconds), maxRssMiB: sum(({ maxRssMiB }) => maxRssMiB) };
};

const ours = async (front: AwsFront, url: string, groups: number, processes: number): Promise<Spent> => {
  front.tables.clear();
  front.messages.length = 0;
  const token = await signIn('operator');
  const routes = await call('POST /v1/routes', { token, body: { yaml: yamlOf(url) } });
  if (routes.status >= 300) throw new Error(`the routes were not taken: ${JSON.stringify(routes.body)}`);
  // What began an hour ago waits no longer.
  for (const body of chunked(alertsOf(groups, Date.now() - 3_600_000), POSTED)) {
    const { status } = await call('POST /api/v2/alerts', { token, body });
    if (status !== 200) throw new Error(`alerts were not taken: ${status}`);
  }
  // As the queue of looks has them, and the bus after it.
  const orders = front.messages.filter(({ queue }) => queue === 'looks');
  const events = orders.map(({ body }) => ({ detail: JSON.parse(body) }));
  const used = await toldBy(processes, events);
  return { ...used, ms: await heard(url, groups) };
};

const theirs = async (url: string, groups: number): Promise<Spent> => {
  await using peer = await startAlertmanager(yamlOf(url));
  const begin = Date.now();
  for (const body of chunked(alertsOf(groups, begin), POSTED)) await peer.api('alerts', body);
  if (Date.now() - begin > WAIT_SECONDS * 1_000) throw new Error('Alertmanager began to tell before it had all alerts');
  const ms = await heard(url, groups);
  return { ...usedBy(peer.pid), ms };
};

const figuresOf = (rounds: readonly Spent[], groups: number): Teller => ({
  perSecond: Math.round(median(rounds.map(({ ms }) => (groups * 1_000) / ms))),
  peakMiB: Math.round(Math.max(...rounds.map(({ maxRssMiB }) => maxRssMiB))),
  cpuMs: rounded(median(rounds.map(({ cpuSeconds }) => (cpuSeconds * 1_000) / groups))),
});

const startWebhook = async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'webhooks.ts'), WEBHOOK], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return { url: String(line).trim(), stop: () => child.stdin.end() };
};

/** One round of all for each of so many. Usage: node bench/alertmanager-rounds.ts <rounds> <groups>, by `besideOwnAws`. */
const [rounds = 1, groups = 1_000] = process.argv.slice(2).map(Number);
bundle(['alerting/group-due']);
const front = await ownAws();
const webhook = await startWebhook();
const all = { ours: [] as Spent[], oursInTwo: [] as Spent[], alertmanager: [] as Spent[] };
try {
  for (let round = 0; round < rounds; round += 1) {
    all.ours.push(await ours(front, webhook.url, groups, 1));
    all.oursInTwo.push(await ours(front, webhook.url, groups, 2));
    all.alertmanager.push(await theirs(webhook.url, groups));
  }
} finally {
  webhook.stop();
  front.close();
}
const figures = Object.entries(all).map(([name, spent]) => [name, figuresOf(spent, groups)]);
console.log(JSON.stringify(Object.fromEntries(figures)));
