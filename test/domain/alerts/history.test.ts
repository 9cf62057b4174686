import { describe, expect, it } from 'vitest';
import type { Alert } from '../../../lambdas/domain/alerts/alert.ts';
import { type AlertRow, heardAgain } from '../../../lambdas/domain/alerts/alert-row.ts';
import { alertView } from '../../../lambdas/domain/alerts/alert-view.ts';
import { endNoted, historyAfter, withEntry } from '../../../lambdas/domain/alerts/history.ts';
import { newAlert, newAlertGroup } from '../../support/alert-rows.ts';

const at = (minute: number): string => new Date(Date.parse('2026-11-25T10:00:00.000Z') + minute * 60_000).toISOString();
const OF = { fingerprint: 'f', project: 'default', inhibits: false };
const sent = (now: number, startsAt: number, endsAt: number, timeout = true): Alert => ({
  ...{ labels: { alertname: 'Down' }, annotations: {}, generatorURL: '' },
  ...{ startsAt: at(startsAt), endsAt: at(endsAt), updatedAt: at(now), timeout },
});
const heard = (...all: Alert[]): AlertRow | undefined =>
  all.reduce<AlertRow | undefined>((row, alert) => heardAgain(row, alert, OF), undefined);
const life = (row: AlertRow | undefined) => row?.history?.map((entry) => `${entry.what} ${entry.at.slice(11, 16)}`);

describe('the history of an alert', () => {
  it('says once that it fires, however often it is heard of, and when it is over', () => {
    const row = heard(sent(0, 0, 5), sent(1, 0, 6), sent(2, 0, 7), sent(3, 0, 3, false), sent(4, 0, 3, false));
    expect(life(row)).toEqual(['fired 10:00', 'resolved 10:03']);
  });

  it('says of one that nobody ended when it was over, once it is heard of again', () => {
    expect(life(heard(sent(0, 0, 5), sent(9, 9, 14)))).toEqual(['fired 10:00', 'resolved 10:05', 'fired 10:09']);
    // Its sender was away, and says that it fires since then.
    expect(life(heard(sent(0, 0, 5), sent(9, 0, 14)))).toEqual(['fired 10:00', 'resolved 10:05', 'fired 10:09']);
  });

  it('of one that is over when it is heard of first is empty', () => {
    expect(life(heard(sent(9, 0, 5, false)))).toEqual([]);
  });

  it('keeps what people did, and little of what came and went', () => {
    const said = { at: at(0), what: 'commented', by: 'anna', text: 'look at the fan' } as const;
    let row = newAlert({ history: withEntry([], said), startsAt: at(-1) });
    for (let minute = 0; minute < 100; minute += 2) {
      const fires = { ...row, startsAt: at(minute), endsAt: at(minute + 1) };
      row = { ...fires, history: historyAfter(row, fires, Date.parse(at(minute))) };
    }
    expect(row.history).toHaveLength(21);
    expect(row.history?.[0]).toEqual(said);
    const many = Array.from({ length: 130 }, (_, index) => ({ ...said, at: at(index) }));
    const all = many.reduce<readonly (typeof said | (typeof many)[number])[]>(
      (known, each) => withEntry(known, each) as typeof many,
      [],
    );
    expect([all.length, all.at(-1)?.at]).toEqual([100, at(129)]);
  });

  it('of one that waits still says nothing of it', () => {
    expect(historyAfter(undefined, newAlert({ pending: true }), Date.parse(at(1)))).toEqual([]);
  });

  it('ends by itself where its alert does', () => {
    const row = { startsAt: at(0), endsAt: at(5), history: [{ at: at(0), what: 'fired' }] } as const;
    expect(endNoted(row, Date.parse(at(4)))).toHaveLength(1);
    expect(endNoted(row, Date.parse(at(5))).at(-1)).toEqual({ at: at(5), what: 'resolved' });
    expect(endNoted({ startsAt: at(0), endsAt: at(5) }, Date.parse(at(9)))).toEqual([]);
  });
});

describe('what receivers know of an alert', () => {
  const row = newAlert();
  const [{ fingerprint }] = [row];
  const shown = {} as never;
  const known = (...groups: Parameters<typeof newAlertGroup>[0][]) =>
    alertView(shown, row, groups.map(newAlertGroup), Date.parse(at(1))).notified;

  it('is what each was told last, and what it has not taken since', () => {
    const told = { firing: [fingerprint], resolved: [], at: at(0) };
    const failing = { b: { why: 'It answers 503.', since: at(0) }, a: { why: 'It answers 500.', since: at(0) } };
    expect(known({ alerts: [fingerprint], told: { a: told }, failing })).toEqual([
      { receiver: 'a', what: 'firing', at: at(0), failing: failing.a },
      { receiver: 'b', failing: failing.b },
    ]);
    expect(known({ alerts: [], told: { a: { ...told, firing: [], resolved: [fingerprint] } }, failing })).toEqual([
      { receiver: 'a', what: 'resolved', at: at(0) },
    ]);
    expect(known({ alerts: ['other'], told: { a: { ...told, firing: ['other'] } }, failing })).toEqual([]);
  });

  it('stands beside its state', () => {
    const states = [{}, { acknowledged: { by: 'anna', at: at(0) } }, { endsAt: at(0) }].map(
      (more) => alertView(shown, newAlert(more), [], Date.parse(at(1))).state,
    );
    expect(states).toEqual(['firing', 'acknowledged', 'resolved']);
  });
});
