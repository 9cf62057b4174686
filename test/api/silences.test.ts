import { SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silenceIdOf } from '../../lambdas/domain/alerts/derived-silence.ts';
import { call, insertVm, insertWindow, newVm, newWindow, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

/** Silences of our own API, which recur too, beside what Alertmanager's clients see of them. */
mockClient(SQSClient);

/** A Wednesday; `patching` is open on Sundays from 02:00 to 04:00 in Berlin. */
const NOW = '2026-11-25T10:00:00.000Z';
const SUNDAY = { from: '2026-11-29T01:00:00.000Z', until: '2026-11-29T03:00:00.000Z' };
const WINDOW = newWindow().id;

let token: string;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(NOW) });
  new StateTable();
  token = await signIn('operator', { expiresAt: '2099-01-01T00:00:00.000Z' });
  await insertWindow(newWindow());
});
afterEach(() => {
  vi.useRealTimers();
});

const asked = (line: string, body?: unknown, headers = {}) =>
  call(line, { token, headers, ...(body === undefined ? {} : { body }) });
const well = async (line: string, body?: unknown, status = 200) => {
  const got = await asked(line, body);
  expect(got.status, JSON.stringify(got.body)).toBe(status);
  return got.body;
};
const made = (more: object) =>
  well('POST /v1/silences', { matchers: ['vm=~"web-.*"'], comment: 'patching', ...more }, 201);
const refused = async (line: string, body: object): Promise<string[]> =>
  (await well(line, body, 400)).errors.map(({ pointer }: { pointer: string }) => pointer);
const create = (more: object) =>
  refused('POST /v1/silences', { matchers: ['vm="a"'], comment: 'why', endsAt: '2026-11-25T12:00:00.000Z', ...more });

describe('a silence', () => {
  it('is made, shown by both APIs, changed in place and ended', async () => {
    const { id, ...silence } = await made({ endsAt: '2026-11-25T12:00:00.000Z', remindBefore: '30m' });
    expect(silence).toEqual({
      ...{ project: 'default', state: 'active', matchers: ['vm=~"web-.*"'], comment: 'patching' },
      ...{
        createdBy: 'operator',
        startsAt: NOW,
        endsAt: '2026-11-25T12:00:00.000Z',
        updatedAt: NOW,
        remindBefore: '30m',
      },
    });
    expect(await well(`GET /api/v2/silence/${id}`)).toMatchObject({
      matchers: [{ name: 'vm', value: 'web-.*', isRegex: true, isEqual: true }],
      status: { state: 'active' },
    });
    const change = { matchers: ['vm="web-1"'], endsAt: '2026-11-25T13:00:00.000Z', remindBefore: null };
    const changed = await well(`PATCH /v1/silences/${id}`, change);
    expect(changed).toMatchObject({ id, matchers: ['vm="web-1"'], endsAt: '2026-11-25T13:00:00.000Z', startsAt: NOW });
    expect(changed).not.toHaveProperty('remindBefore');
    expect(await well(`POST /v1/silences/${id}/actions/expire`, {})).toMatchObject({ state: 'expired', endsAt: NOW });
    expect(await well(`POST /v1/silences/${id}/actions/expire`, {})).toMatchObject({ state: 'expired' });
    expect(await refused(`PATCH /v1/silences/${id}`, { comment: 'again' })).toEqual(['/endsAt']);
  });

  it('begins now where it was to begin before, and later where it is to', async () => {
    const endsAt = '2026-11-26T12:00:00.000Z';
    expect(await made({ startsAt: '2026-11-20T00:00:00.000Z', endsAt })).toMatchObject({ startsAt: NOW });
    const later = { startsAt: '2026-11-26T00:00:00.000Z', endsAt };
    expect(await made(later)).toMatchObject({ ...later, state: 'pending' });
  });

  it('is not changed by whoever has seen another version of it', async () => {
    const { id } = await made({ endsAt: '2026-11-25T12:00:00.000Z' });
    const patch = (etag: string) => asked(`PATCH /v1/silences/${id}`, { comment: 'mine' }, { 'if-match': etag });
    expect((await patch('"7"')).status).toBe(412);
    expect((await patch('"1"')).status).toBe(200);
  });

  it.each([
    ['no end', { endsAt: undefined }, '/endsAt'],
    ['an end in the past', { endsAt: '2026-11-25T09:00:00.000Z' }, '/endsAt'],
    ['no matcher', { matchers: ['vm'] }, '/matchers/0'],
    ['braces', { matchers: ['vm="{{ x }}"'] }, '/matchers/0'],
    ['all alerts', { matchers: ['vm=~".*"'] }, '/matchers'],
    ['no window that there is', { window: 'win-0000000000000009' }, '/window'],
    [
      'no zone',
      { times: { timeZone: 'Moon/Sea', periods: [{ weekdays: ['sun'], start: '02:00', stop: '04:00' }] } },
      '/times/timeZone',
    ],
    [
      'no stop',
      { times: { timeZone: 'UTC', periods: [{ weekdays: ['sun'], start: '02:00' }] } },
      '/times/periods/0/stop',
    ],
    [
      'what never comes',
      {
        endsAt: undefined,
        times: { timeZone: 'UTC', periods: [{ dates: ['2026-11-01'], start: '02:00', stop: '04:00' }] },
      },
      '/times',
    ],
    [
      'two ways to recur',
      { window: WINDOW, times: { timeZone: 'UTC', periods: [{ weekdays: ['sun'], start: '02:00', stop: '04:00' }] } },
      '/times',
    ],
    ['an odd reminder', { remindBefore: 'soon' }, '/remindBefore'],
  ])('takes %s for none', async (_, more, pointer) => {
    expect(await create(more)).toContain(pointer);
  });
});

describe('a silence that recurs', () => {
  it('is with a window: Alertmanager’s clients see its next opening, then the one that holds', async () => {
    const { id, ...silence } = await made({ window: WINDOW });
    expect(silence).toMatchObject({ state: 'pending', window: WINDOW, windowName: 'patching', occurrence: SUNDAY });
    expect(silence).not.toHaveProperty('endsAt');
    const seen = { startsAt: SUNDAY.from, endsAt: SUNDAY.until, comment: 'patching (recurs by window patching)' };
    expect(await well('GET /api/v2/silences')).toMatchObject([{ id, ...seen, status: { state: 'pending' } }]);
    vi.setSystemTime(Date.parse('2026-11-29T02:00:00.000Z'));
    expect(await well(`GET /api/v2/silence/${id}`)).toMatchObject({ ...seen, status: { state: 'active' } });
    vi.setSystemTime(Date.parse(SUNDAY.until));
    expect(await well(`GET /v1/silences/${id}`)).toMatchObject({
      state: 'pending',
      occurrence: { from: '2026-12-06T01:00:00.000Z' },
    });
  });

  it('goes with its window as it is changed, and keeps it from being deleted', async () => {
    const { id } = await made({ window: WINDOW });
    await well(`PATCH /v1/windows/${WINDOW}`, { periods: [{ weekdays: ['sat'], start: '02:00', stop: '04:00' }] });
    expect(await well(`GET /v1/silences/${id}`)).toMatchObject({ occurrence: { from: '2026-11-28T01:00:00.000Z' } });
    expect(await well(`DELETE /v1/windows/${WINDOW}`, undefined, 409)).toMatchObject({
      code: 'WindowInUse',
      detail: expect.stringContaining(`silence ${id}`),
    });
    await well(`POST /v1/silences/${id}/actions/expire`, {});
    await well(`DELETE /v1/windows/${WINDOW}`, undefined, 204);
  });

  it('is by times of its own, and by others once it is changed', async () => {
    const times = { timeZone: 'UTC', periods: [{ weekdays: ['fri'], start: '20:00', stop: '22:00' }] };
    const { id } = await made({ times });
    expect(await well(`GET /v1/silences/${id}`)).toMatchObject({ occurrence: { from: '2026-11-27T20:00:00.000Z' } });
    expect(await well(`GET /api/v2/silence/${id}`)).toMatchObject({
      comment: expect.stringContaining('recurs by times of its own'),
    });
    expect(await well(`PATCH /v1/silences/${id}`, { times: null, window: WINDOW })).toMatchObject({
      occurrence: SUNDAY,
    });
    expect(await refused(`PATCH /v1/silences/${id}`, { window: null })).toEqual(['/endsAt']);
  });

  it('is ended for good, also by Alertmanager’s clients, or for one occurrence', async () => {
    const { id } = await made({ window: WINDOW });
    expect(await well(`POST /v1/silences/${id}/actions/expire`, { occurrence: true })).toMatchObject({
      state: 'pending',
      occurrence: { from: '2026-12-06T01:00:00.000Z' },
    });
    await well(`DELETE /api/v2/silence/${id}`);
    expect(await well(`GET /v1/silences/${id}`)).toMatchObject({ state: 'expired', endsAt: NOW });
    const { id: other } = await made({ endsAt: '2026-11-25T12:00:00.000Z' });
    expect(await refused(`POST /v1/silences/${other}/actions/expire`, { occurrence: true })).toEqual(['/occurrence']);
  });

  it('is not made one that does not by a client that knows no better', async () => {
    const { id } = await made({ window: WINDOW });
    const seen = await well(`GET /api/v2/silence/${id}`);
    expect(await well('POST /api/v2/silences', { ...seen, endsAt: '2026-12-24T00:00:00.000Z' }, 409)).toMatchObject({
      code: 'SilenceRecurs',
    });
  });
});

describe('a silence that nobody has made', () => {
  const id = silenceIdOf('win-0000000000000002');
  beforeEach(async () => {
    await insertWindow(
      newWindow({ id: 'win-0000000000000002', name: 'works', silence: true, targets: { filter: 'name=web-1' } }),
    );
    await insertVm(newVm({ name: 'web-1' }));
  });

  it('is listed with what makes it, and shown by its id', async () => {
    const { id: mine } = await made({ endsAt: '2026-11-25T12:00:00.000Z' });
    const { items } = await well('GET /v1/silences');
    const derivedFrom = { noun: 'window', id: 'win-0000000000000002', name: 'works' };
    expect(items).toMatchObject([{ id: mine }, { id, state: 'pending', matchers: ['vm=~"web-1"'], derivedFrom }]);
    expect(await well(`GET /v1/silences/${id}`)).toMatchObject({ id, derivedFrom });
    expect((await well('GET /v1/silences?filter=vm%3D~%22web-1%22')).items).toHaveLength(1);
    expect(await well('GET /api/v2/silences')).toHaveLength(1);
  });

  it.each([
    ['DELETE /api/v2/silence/{id}', undefined],
    ['POST /v1/silences/{id}/actions/expire', {}],
    ['PATCH /v1/silences/{id}', { comment: 'mine' }],
  ])('says by %s what to change in its stead', async (line, body) => {
    expect(await well(line.replace('{id}', id), body, 409)).toMatchObject({
      code: 'SilenceDerived',
      detail: expect.stringContaining('novacron window update works --no-silence'),
    });
  });
});
