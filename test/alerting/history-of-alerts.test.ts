import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { AlertView } from '../../lambdas/domain/alerts/alert-view.ts';
import { alertWorld } from '../support/alert-world.ts';
import { call, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** What people do about an alert, and what has become of it. */
const world = alertWorld();
vi.mock('../../lambdas/alerting/receivers/webhook.ts', async (original) => ({
  ...(await original<object>()),
  postWebhook: async (url: string, body: string) => world().take(url, body),
}));

const YAML = `
route: { receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1m }
receivers: [{ name: team, webhook_configs: [{ url: 'https://hooks.example.org/a' }] }]
`;
let token: string;
let id: string;
const raise = async (endsAt?: string) => {
  const alert = { labels: { alertname: 'Down' }, startsAt: '2026-11-25T10:00:00.000Z', ...(endsAt ? { endsAt } : {}) };
  expect((await call('POST /api/v2/alerts', { token, body: [alert] })).status).toBe(200);
};
beforeEach(async () => {
  new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await call('POST /v1/routes', { token, body: { yaml: YAML } });
  await raise('2026-11-25T20:00:00.000Z');
  const listed = (await call('GET /api/v2/alerts', { token })).body as unknown as AlertView[];
  id = listed[0]?.fingerprint ?? '';
});
const act = (what: string, body?: object, key = `${what}-key`) =>
  call(`POST /v1/alerts/${id}/actions/${what}`, {
    token,
    ...(body ? { body } : {}),
    headers: { 'idempotency-key': key },
  });
const shown = async () => (await call(`GET /v1/alerts/${id}`, { token })).body as unknown as AlertView;

describe('an alert that people care for', () => {
  it('tells what has become of it, who did what, and what receivers were told', async () => {
    await world().until(10);
    expect((await act('acknowledge', { comment: 'on it' })).status).toBe(200);
    expect((await act('comment', { comment: 'the fan is dead' })).status).toBe(200);
    // The same request again says nothing twice.
    expect((await act('comment', { comment: 'the fan is dead' })).status).toBe(200);
    expect((await act('assign', { to: 'anna' })).body).toMatchObject({ assigned: { to: 'anna', by: 'operator' } });
    expect(await shown()).toMatchObject({
      state: 'acknowledged',
      assigned: { to: 'anna' },
      status: { state: 'active' },
      notified: [{ receiver: 'team/webhook[0]', what: 'firing', at: '2026-11-25T10:00:00.000Z' }],
    });
    await act('unacknowledge');
    await act('assign', {}, 'nobody');
    await raise(new Date(Date.now()).toISOString());
    await world().until(80);
    expect((await act('comment', { comment: 'it was the fan' }, 'late')).status).toBe(200);
    expect((await act('assign', { to: 'anna' }, 'late-too')).status).toBe(404);
    const { history, ...alert } = await shown();
    expect(alert).toMatchObject({ state: 'resolved', notified: [{ what: 'resolved' }] });
    expect(alert.assigned).toBeUndefined();
    const by = { by: 'operator' };
    expect(history).toMatchObject([
      { what: 'fired', at: '2026-11-25T10:00:00.000Z' },
      { what: 'acknowledged', ...by, text: 'on it' },
      { what: 'commented', ...by, text: 'the fan is dead' },
      { what: 'assigned', ...by, to: 'anna' },
      { what: 'given-back', ...by },
      { what: 'assigned', ...by },
      { what: 'resolved', at: '2026-11-25T10:00:10.000Z' },
      { what: 'commented', ...by, text: 'it was the fan' },
    ]);
    expect(history[5]?.to).toBeUndefined();
  });

  it('is nobody’s the next time it fires, and its history goes on', async () => {
    await act('assign', { to: 'anna' });
    await world().until(1);
    await raise(new Date(Date.now()).toISOString());
    await world().until(120);
    const again = { labels: { alertname: 'Down' }, startsAt: new Date(Date.now()).toISOString() };
    await call('POST /api/v2/alerts', { token, body: [again] });
    const alert = await shown();
    expect(alert.assigned).toBeUndefined();
    expect(alert.history.map(({ what }) => what)).toEqual(['fired', 'assigned', 'resolved', 'fired']);
  });

  it('that nobody knows is none', async () => {
    id = '0123456789abcdef';
    expect((await call(`GET /v1/alerts/${id}`, { token })).status).toBe(404);
    expect((await act('comment', { comment: 'x' })).status).toBe(404);
  });
});
