import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  alertHash,
  alertsToSend,
  type Notified,
  needsUpdate,
  webhookPayload,
} from '../../../lambdas/domain/alerts/notify.ts';
import { NOW, newAlert, secondsOff, someLabels } from '../../support/alerts.ts';

const HOUR = 3_600_000;
const told = (firing: string[], resolved: string[] = [], secondsAgo = 10): Notified => ({
  firing,
  resolved,
  at: secondsOff(-secondsAgo),
});

describe('a receiver is told of a group', () => {
  it.each<[boolean, string, Notified | undefined, string[], string[], boolean?]>([
    [true, 'that is new and fires', undefined, ['1'], []],
    [false, 'that is new and only resolved', undefined, [], ['1']],
    [true, 'where something fires that did not', told(['1']), ['1', '2'], []],
    [true, 'where something else fires', told(['1']), ['2'], ['1']],
    [false, 'where nothing is new', told(['1', '2']), ['1', '2'], []],
    [false, 'where less fires, and nobody says what is resolved', told(['1', '2']), ['1'], []],
    [true, 'where something is resolved', told(['1', '2']), ['1'], ['2']],
    [false, 'where something is resolved that it does not hear of', told(['1', '2']), ['1'], ['2'], false],
    [false, 'where what is resolved was told', told(['1', '2'], ['3']), ['1'], ['3']],
    [true, 'where all is resolved', told(['1']), [], ['1']],
    [true, 'where all is resolved, heard of or not', told(['1']), [], ['1'], false],
    [false, 'where all was resolved', told([], ['1']), [], ['1']],
    [false, 'where something came and went since', told([], ['1']), [], ['1', '2']],
    [true, 'where something fires again', told([], ['1']), ['1'], []],
    [false, 'an hour later to the second', told(['1'], [], 3600), ['1'], []],
    [true, 'more than an hour later', told(['1'], [], 3601), ['1'], []],
    [false, 'that was resolved, more than an hour later', told([], ['1'], 3601), [], ['1']],
  ])('%s: one %s', (expected, _, entry, firing, resolved, sendResolved = true) => {
    expect(needsUpdate(entry, new Set(firing), new Set(resolved), HOUR, NOW, sendResolved)).toBe(expected);
  });

  it('never twice of the same before it is time to repeat it', () => {
    const hashes = fc.uniqueArray(fc.constantFrom('1', '2', '3', '4'));
    fc.assert(
      fc.property(hashes, hashes, fc.boolean(), (firing, resolved, sendResolved) => {
        expect(needsUpdate(told(firing, resolved), new Set(firing), new Set(resolved), HOUR, NOW, sendResolved)).toBe(
          firing.length === 0 && told(firing).firing.length > 0,
        );
      }),
    );
  });

  it('that knows an alert by its labels', () => {
    expect(alertHash(newAlert({ annotations: { a: 'b' } }))).toBe(alertHash(newAlert()));
    expect(alertHash(newAlert({ labels: { a: 'b' } }))).not.toBe(alertHash(newAlert()));
  });

  it('with what is resolved only where it hears of it', () => {
    const firing = newAlert({ labels: { job: 'b' } });
    const resolved = newAlert({ labels: { job: 'a' }, endsAt: secondsOff(-1) });
    expect(alertsToSend([firing, resolved], NOW, true)).toEqual([resolved, firing]);
    expect(alertsToSend([firing, resolved], NOW, false)).toEqual([firing]);
  });
});

const input = {
  receiver: 'team-a.b',
  groupKey: '{}/{team="a"}:{alertname="X"}',
  groupLabels: { team: 'a', alertname: 'X' },
  at: NOW,
  externalURL: 'http://alerts.test',
  maxAlerts: 0,
};
const FIRING = newAlert({
  labels: { team: 'a', alertname: 'X', instance: 'i-1' },
  annotations: { summary: '<b>&"\b\f\u2028', note: '' },
  startsAt: '2026-11-27T09:59:00.120Z',
  generatorURL: 'http://p/?a=1&b=2',
});
const RESOLVED = newAlert({ labels: { alertname: 'X', team: 'a', instance: 'i-2' }, endsAt: secondsOff(-5) });

describe('the body of a webhook', () => {
  it('is what Alertmanager sends, byte by byte', () => {
    expect(webhookPayload({ ...input, alerts: [FIRING, RESOLVED] })).toBe(
      [
        '{"receiver":"team-a\\\\.b","status":"firing","alerts":[',
        '{"status":"firing","labels":{"alertname":"X","instance":"i-1","team":"a"},',
        '"annotations":{"note":"","summary":"\\u003cb\\u003e\\u0026\\"\\u0008\\u000c\\u2028"},',
        '"startsAt":"2026-11-27T09:59:00.12Z","endsAt":"0001-01-01T00:00:00Z",',
        '"generatorURL":"http://p/?a=1\\u0026b=2","fingerprint":"106b4aba1b1ae96a"},',
        '{"status":"resolved","labels":{"alertname":"X","instance":"i-2","team":"a"},"annotations":{},',
        '"startsAt":"2026-11-27T09:59:00Z","endsAt":"2026-11-27T09:59:55Z","generatorURL":"","fingerprint":"4b887d51ca7ff12b"}],',
        '"groupLabels":{"alertname":"X","team":"a"},"commonLabels":{"alertname":"X","team":"a"},',
        '"commonAnnotations":{"note":""},"externalURL":"http://alerts.test","version":"4",',
        '"groupKey":"{}/{team=\\"a\\"}:{alertname=\\"X\\"}","truncatedAlerts":0}\n',
      ].join(''),
    );
  });

  it('names as many alerts as it may, and says how many are left out', () => {
    const body = JSON.parse(webhookPayload({ ...input, maxAlerts: 1, alerts: [RESOLVED, FIRING, FIRING] }));
    expect(body).toMatchObject({ status: 'resolved', truncatedAlerts: 2, commonLabels: { instance: 'i-2' } });
    expect(body.alerts).toHaveLength(1);
  });

  it('is JSON that reads back, whatever others wrote into it', () => {
    fc.assert(
      fc.property(someLabels, fc.string({ unit: 'binary' }), (labels, text) => {
        const alerts = [newAlert({ labels, annotations: { text } })];
        const body = JSON.parse(webhookPayload({ ...input, receiver: 'x', externalURL: text, alerts }));
        expect(body).toMatchObject({ externalURL: text, commonAnnotations: { text }, commonLabels: labels });
        expect(body.alerts).toMatchObject([{ labels, annotations: { text } }]);
      }),
    );
  });
});
