import type { AlertGroup } from '../../lambdas/domain/alerts/alert-group.ts';
import type { AlertRow } from '../../lambdas/domain/alerts/alert-row.ts';
import { defaultRouting, defaultYaml } from '../../lambdas/domain/alerts/default-routing.ts';
import { fingerprintOf } from '../../lambdas/domain/alerts/labels.ts';
import type { RoutingRow } from '../../lambdas/domain/alerts/routing-row.ts';
import type { SilenceRow } from '../../lambdas/domain/alerts/silence-row.ts';

/** Rows of alerts and what goes with them, before their first write. */
const AT = '2026-11-25T10:00:00.000Z';

export const newAlert = (more: Partial<AlertRow> = {}): AlertRow => {
  const labels = more.labels ?? { alertname: 'Down' };
  return {
    labels,
    annotations: { summary: 'It is down.' },
    startsAt: AT,
    endsAt: '2099-01-01T00:00:00.000Z',
    generatorURL: '',
    updatedAt: AT,
    timeout: true,
    fingerprint: fingerprintOf(labels),
    project: 'default',
    inhibits: false,
    version: 0,
    ...more,
  };
};

export const newAlertGroup = (more: Partial<AlertGroup> = {}): AlertGroup => ({
  id: 'agr-1',
  project: 'default',
  groupKey: '{}:{alertname="Down"}',
  receiver: 'default',
  labels: { alertname: 'Down' },
  alerts: [fingerprintOf({ alertname: 'Down' })],
  isFlushed: false,
  groupIntervalMs: 300_000,
  routing: 0,
  told: {},
  nextAt: AT,
  keptUntil: '2026-11-30T10:00:00.000Z',
  version: 0,
  ...more,
});

export const newSilence = (more: Partial<SilenceRow> = {}): SilenceRow => ({
  id: '01930000-0000-7000-8000-000000000000',
  matchers: [{ name: 'alertname', type: '=', value: 'Down' }],
  startsAt: AT,
  endsAt: '2099-01-01T00:00:00.000Z',
  updatedAt: AT,
  createdBy: 'anna',
  comment: 'works',
  project: 'default',
  version: 1,
  ...more,
});

const channels = { topicArn: 'arn:aws:sns:eu-central-1:123456789012:alerts' };

export const newRouting = (more: Partial<RoutingRow> = {}): RoutingRow => ({
  project: 'default',
  yaml: defaultYaml(channels),
  config: defaultRouting(channels),
  undelivered: [],
  by: 'anna',
  at: AT,
  version: 0,
  ...more,
});
