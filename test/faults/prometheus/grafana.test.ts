import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fingerprintOf } from '../../../lambdas/domain/alerts/labels.ts';
import { METRIC_NAMES, METRICS } from '../../../lambdas/domain/metrics/catalog.ts';
import { prometheusName } from '../../../lambdas/domain/metrics/exposition.ts';
import { metricsOf } from '../../../lambdas/domain/metrics/view.ts';
import { exportDue } from '../../../lambdas/events/export-due.ts';
import { remoteStore } from '../../../lambdas/events/remote-store.ts';
import { hourlyOf, OFTEN } from '../../../lambdas/providers/ec2/measures.ts';
import { collectEc2Metrics } from '../../../lambdas/schedules/collect-ec2-metrics.ts';
import { call, insertHost, insertVm, newCloudVm, newHost, newVm, signIn } from '../../support/api.ts';
import { CloudWatchService } from '../../support/cloudwatch.ts';
import { type PrometheusStore, startPrometheusStore } from '../../support/prometheus-store.ts';
import { StateTable } from '../../support/state-table.ts';

/** What is shipped for Grafana, against a Prometheus to which the plane has written what both worlds measure. */
interface Target {
  readonly expr: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly w: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly Target[];
}
interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

const dashboards = globSync('docs/grafana/*.json')
  .toSorted()
  .map((file): readonly [string, Dashboard] => [basename(file, '.json'), JSON.parse(readFileSync(file, 'utf8'))]);

const panels = dashboards.flatMap(([name, { panels: own }]) =>
  own.filter(({ type }) => type !== 'row').map((panel) => [`${name}: ${panel.title} (${panel.id})`, panel] as const),
);

const MINUTE = 60_000;
const NOW = Date.parse('2026-11-27T08:15:07.000Z');
const HOST = newHost();
const WEB = newVm({ providerId: '11111111-1111-4111-8111-111111111111' });
const CLOUD = newCloudVm();

/** Nobody hears that rules are due. */
mockClient(EventBridgeClient)
  .on(PutEventsCommand)
  .resolves({ Entries: [{}] });

/** Not measured, each for another reason. */
const OTHERS = (['stopped', 'error', 'running'] as const).map((state, n) =>
  newVm({ id: `vm-000000000000001${n}`, name: `other-${n}`, state }),
);

const allOf = (kind: 'vm' | 'host') => Object.fromEntries(metricsOf(kind).map((metric) => [metric, 1]));

const measureHost = async () => {
  const token = await signIn('host', { hostId: HOST.id });
  const samples = [1, 2, 3].map((ago) => ({
    at: new Date(NOW - ago * 15_000).toISOString(),
    intervalSeconds: 15,
    host: allOf('host'),
    domains: [{ uuid: WEB.providerId, values: allOf('vm') }],
  }));
  const body = { unitVersion: '1', sentAt: new Date(NOW).toISOString(), samples };
  expect(await call(`POST /v1/hosts/${HOST.id}/metrics`, { token, body })).toMatchObject({ status: 200 });
};

const measureEc2 = async () => {
  const cloudwatch = new CloudWatchService();
  const slot = NOW - (NOW % (5 * MINUTE));
  for (const { name } of [...OFTEN, ...hourlyOf('t3.small')]) {
    for (const ago of [5, 10, 15, 20]) cloudwatch.put('i-3', name, slot - ago * MINUTE, 1);
  }
  await collectEc2Metrics(NOW);
};

const fire = async () => {
  const token = await signIn('operator');
  const labels = ['critical', 'warning'].map((severity) => ({ alertname: 'DiskFull', severity }));
  const body = labels.map((each) => ({ labels: each }));
  expect(await call('POST /api/v2/alerts', { token, body })).toMatchObject({ status: 200 });
  const [first = {}] = labels;
  const taken = await call(`POST /v1/alerts/${fingerprintOf(first)}/actions/acknowledge`, { token, body: {} });
  expect(taken).toMatchObject({ status: 200 });
};

let store: PrometheusStore;
beforeAll(async () => {
  store = await startPrometheusStore();
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  new StateTable();
  await insertHost(HOST);
  await insertHost(newHost({ id: 'h-0000000000000002', name: 'host-2', nodeId: 'mi-2', state: 'unreachable' }));
  for (const vm of [WEB, CLOUD, ...OTHERS]) await insertVm(vm);
  await fire();
  await measureHost();
  await measureEc2();
  const run = await exportDue(remoteStore({ url: store.url, headers: {} }, store.net), NOW);
  expect(run).toMatchObject({ dropped: 0 });
  vi.useRealTimers();
});
afterAll(() => store[Symbol.asyncDispose]());

/** Variables as somebody chose them. */
const chosen = (text: string, vm: string): string =>
  text.replaceAll('$project', '.*').replaceAll('$host', HOST.name).replaceAll('$vm', vm);

/** What a target shows, of either VM: of now, or over the hours before, as its panel asks for it. A nought for nothing is not counted. */
const shownBy = async ({ expr, instant }: Target) => {
  const known = expr.replace(/ or vector\(0\)$/, '');
  const asked = [WEB.name, CLOUD.name].map((vm) => chosen(instant ? known : `(${known})[2h:1m]`, vm));
  return (await Promise.all(asked.map((expression) => store.query(expression, NOW + MINUTE)))).flat();
};

describe('dashboards for Grafana', () => {
  it('are four, each with an id of its own, and show each metric that there is', () => {
    expect(dashboards.map(([name]) => name)).toEqual(['alerts', 'fleet', 'host', 'vm']);
    expect(dashboards.map(([name, { uid }]) => uid === `novacron-${name}`)).toEqual(Array(4).fill(true));
    const all = panels.flatMap(([, { targets = [] }]) => targets.map(({ expr }) => expr)).join('\n');
    expect(METRIC_NAMES.filter((metric) => !new RegExp(`\\b${prometheusName(metric)}\\b`).test(all))).toEqual([]);
  });

  it.each(dashboards)('%s has panels within its grid, and no two of one id', (_, { panels: own }) => {
    expect(new Set(own.map(({ id }) => id)).size).toBe(own.length);
    expect(own.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });

  it.each(dashboards)('%s offers what there is for each of its variables', async (_, { templating: { list } }) => {
    const asked = list.filter(({ type }) => type === 'query');
    expect(list.map(({ type }) => type)).toContain('datasource');
    for (const { name, query } of asked) {
      const text = typeof query === 'string' ? query : query.query;
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(text) ?? [];
      const found = await store.query(`count by (${label}) (${chosen(series, '')})`, NOW);
      expect(
        found.map(({ metric }) => metric[label] ?? '').filter((value) => value !== ''),
        name,
      ).not.toEqual([]);
    }
  });

  it.each(panels)('%s shows what is measured, in a unit and by labels that there are', async (_, panel) => {
    const { targets = [], fieldConfig } = panel;
    expect(fieldConfig?.defaults.unit).toMatch(/^\w+$/);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) {
      const found = await shownBy(target);
      expect(found, target.expr).not.toEqual([]);
      for (const [, label = ''] of (target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)) {
        expect(
          found.some(({ metric }) => metric[label]),
          `${label} of ${target.expr}`,
        ).toBe(true);
      }
    }
  });

  it('have units that fit what they show', () => {
    const fits: Readonly<Record<string, RegExp>> = {
      By: /^(bytes|percentunit)$/,
      'By/s': /^Bps$/,
      s: /^s$/,
      '{operation}/s': /^iops$/,
      '{packet}/s': /^pps$/,
    };
    for (const [title, { targets = [], fieldConfig }] of panels) {
      const unit = fieldConfig?.defaults.unit ?? '';
      for (const { expr } of targets) {
        for (const metric of METRIC_NAMES) {
          if (!new RegExp(`\\b${prometheusName(metric)}\\b`).test(expr) || /timestamp|count/.test(expr)) continue;
          expect(unit, `${title}: ${expr}`).toMatch(fits[METRICS[metric].unit] ?? /^(percentunit|short|bool)$/);
        }
      }
    }
  });
});
