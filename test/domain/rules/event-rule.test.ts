import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hostConditions } from '../../../lambdas/domain/alerts/host-conditions.ts';
import { vmConditions } from '../../../lambdas/domain/alerts/vm-conditions.ts';
import { labelsOfEvent } from '../../../lambdas/domain/rules/event-fields.ts';
import { eventNameOf, raisedBy } from '../../../lambdas/domain/rules/event-rule.ts';
import { EVENT_NAMES, isEventName } from '../../../lambdas/domain/rules/events.ts';
import { alertNameOf } from '../../../lambdas/domain/rules/rule.ts';
import { newHost, newVm } from '../../support/api.ts';
import { aRule } from '../../support/rules.ts';

const CONDITIONS = [
  ...hostConditions(newHost(), { project: 'default', names: [], others: 0 }),
  ...vmConditions(newVm({ location: { hostId: 'h-1', region: 'eu-west-1' } }), undefined),
];
const alert = {
  labels: { alertname: 'VmLost', vm: 'web-1', region: '', severity: 'critical' },
  annotations: { summary: 'web-1 is gone', description: 'Look.' },
};
const byRule = (more: object) => raisedBy(aRule({ name: 'vm-lost', when: { event: 'vm-lost' }, ...more }), alert);

describe('each event', () => {
  it.each(CONDITIONS.map((condition) => [condition.labels.alertname, condition] as const))(
    '%s has a rule, which knows its labels',
    (alertname, { labels }) => {
      const event = eventNameOf(alertname);
      expect(alertNameOf(event)).toBe(alertname);
      if (!isEventName(event)) throw new Error(`no event ${event}`);
      expect(['alertname', ...labelsOfEvent(event)]).toEqual(expect.arrayContaining(Object.keys(labels)));
    },
  );

  it('is written down', () => {
    const text = readFileSync(join(import.meta.dirname, '../../../docs/alerts.md'), 'utf8');
    for (const event of EVENT_NAMES) {
      expect(eventNameOf(alertNameOf(event))).toBe(event);
      expect(text).toContain(`\`${alertNameOf(event)}\``);
      expect(text).toContain(`\`${event}\``);
    }
  });
});

describe('an alert of an event', () => {
  it('is as the plane says it where its project has no rule of its own, or one that says nothing', () => {
    expect(raisedBy(undefined, alert)).toBe(alert);
    expect(byRule({})).toEqual({ ...alert, labels: { alertname: 'VmLost', vm: 'web-1', severity: 'critical' } });
  });

  it('has what the rule says beside what the plane does, and in its place', () => {
    const said = byRule({
      labels: { severity: 'page', team: 'web' },
      annotations: { summary: '{{ $labels.vm }} of {{ $labels.team }}', runbook_url: 'https://wiki.test/lost' },
    });
    expect(said).toEqual({
      labels: { alertname: 'VmLost', vm: 'web-1', severity: 'page', team: 'web' },
      annotations: { summary: 'web-1 of web', description: 'Look.', runbook_url: 'https://wiki.test/lost' },
    });
    expect(byRule({ labels: { severity: '' } })?.labels).toEqual({ alertname: 'VmLost', vm: 'web-1' });
  });

  it('is told to nobody where the rule is off, or not about it, by what the plane says of it', () => {
    expect(byRule({ enabled: false })).toBeUndefined();
    expect(byRule({ matchers: ['vm=~"db-.*"'] })).toBeUndefined();
    const matchers = ['vm=~"web-.*"', 'severity="critical"'];
    expect(byRule({ matchers, labels: { severity: 'page' } })?.labels.severity).toBe('page');
  });
});
