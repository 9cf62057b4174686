import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../lambdas/domain/alerts/alert.ts';
import { alertsUrl, description, subject } from '../../../lambdas/domain/alerts/default-texts.ts';
import type { Told } from '../../../lambdas/domain/alerts/notify.ts';
import { opsgenieRequest } from '../../../lambdas/domain/alerts/opsgenie.ts';
import { pagerdutyEvent } from '../../../lambdas/domain/alerts/pagerduty.ts';

const AT = Date.parse('2026-11-27T10:00:00.000Z');
const alert = (vm: string, more: Partial<Alert> = {}): Alert => ({
  labels: { alertname: 'Disk', vm },
  annotations: {},
  startsAt: '2026-11-27T09:00:00.000Z',
  endsAt: '2026-11-27T11:00:00.000Z',
  generatorURL: '',
  updatedAt: '2026-11-27T09:00:00.000Z',
  timeout: false,
  ...more,
});
const told = (...alerts: Alert[]): Told => ({
  receiver: "it's (a) team!*",
  groupKey: '{}:{alertname="Disk"}',
  groupLabels: { alertname: 'Disk' },
  alerts,
  at: AT,
  externalURL: 'https://api.test',
});
const NONE = { texts: {}, details: {} };
const over = { endsAt: '2026-11-27T09:30:00.000Z' };

describe('the words of a group', () => {
  it('count what fires, and name what is alike beyond the group', () => {
    expect(subject(told(alert('a')))).toBe('[FIRING:1] Disk (a)');
    expect(subject(told(alert('a'), alert('b'), alert('c', over)))).toBe('[FIRING:2] Disk ');
    expect(subject(told(alert('a', over)))).toBe('[RESOLVED] Disk (a)');
  });

  it('list what fires and what is over apart', () => {
    const said = description(told(alert('a'), alert('b', over)));
    expect(said).toMatch(/^\nAlerts Firing:\nLabels:\n - alertname = Disk\n - vm = a\n.*\nAlerts Resolved:\n.*vm = b/s);
  });

  it('lead to the alerts of a receiver, whatever its name', () => {
    expect(alertsUrl(told())).toBe('https://api.test/#/alerts?receiver=it%27s+%5C%28a%5C%29+team%21%5C%2A');
  });
});

describe('an event of PagerDuty', () => {
  const read = (...args: Parameters<typeof pagerdutyEvent>) => JSON.parse(pagerdutyEvent(...args));

  it('is of NovaCron, unless a person has said of whom', () => {
    expect(read(told(alert('a')), NONE, 'k')).toMatchObject({ client: 'NovaCron', payload: { source: 'NovaCron' } });
    const said = { texts: { client: 'ops', source: 'rack', client_url: '' }, details: {} };
    expect(read(told(alert('a')), said, 'k')).toMatchObject({ client: 'ops', payload: { source: 'rack' } });
    expect(read(told(alert('a')), said, 'k')).not.toHaveProperty('client_url');
  });

  it('that is too large goes without its details, which say so', () => {
    const event = read(told(alert('a', { annotations: { text: 'é'.repeat(256_000) } })), NONE, 'k');
    expect(event.payload.custom_details).toEqual({ error: expect.stringContaining('maximum size of 512KB') });
    const fits = read(told(alert('a', { annotations: { text: 'é'.repeat(250_000) } })), NONE, 'k');
    expect(fits.payload.custom_details).toMatchObject({ num_firing: '1' });
  });

  it('has a summary of 1,024 characters at most', () => {
    const { payload } = read(told(alert('a')), { texts: { description: '😀'.repeat(1_025) }, details: {} }, 'k');
    expect(payload.summary).toBe(`${'😀'.repeat(1_023)}…`);
  });
});

describe('an alert of OpsGenie', () => {
  const created = (said: Partial<Parameters<typeof opsgenieRequest>[1]>) =>
    JSON.parse(opsgenieRequest(told(alert('a')), { ...NONE, responders: [], ...said }).body);

  it('leaves out what nobody has said', () => {
    expect(Object.keys(created({ texts: { description: '', tags: ' ' } }))).toEqual([
      'alias',
      'message',
      'details',
      'source',
    ]);
  });

  it('is for each team of several, and for nobody who is not named', () => {
    expect(
      created({ responders: [{}, { name: '' }, { type: 'teams', name: 'a,,b' }, { id: '4' }] }).responders,
    ).toEqual([
      { name: 'a', type: 'team' },
      { name: 'b', type: 'team' },
      { id: '4', type: '' },
    ]);
  });
});
