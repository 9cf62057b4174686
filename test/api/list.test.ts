import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import * as beats from '../../lambdas/store/beats.ts';
import { AT, call, type Got, insertHost, insertVm, newHost, newVm, signIn } from '../support/api.ts';
import { StateTable } from '../support/state-table.ts';

let viewer: string;
beforeEach(async () => {
  new StateTable();
  viewer = await signIn('viewer');
  for (let n = 0; n < 23; n += 1) {
    const id = `vm-00000000000000${String(n).padStart(2, '0')}`;
    const more = n % 2 === 0 ? ({ state: 'running' } as const) : ({ state: 'stopped' } as const);
    await insertVm(newVm({ id, name: `web-${n}`, tags: { env: n < 10 ? 'prod' : 'test' }, ...more }));
  }
  await insertVm(newVm({ id: 'vm-00000000000000zz', name: 'gone', state: 'deleted' }));
});

const list = (query: string) => call(`GET /v1/vms?${query}`, { token: viewer });
const names = ({ body }: Got) => body.items.map(({ name }) => name);

/** All pages of a list. */
const pages = async (query: string): Promise<string[][]> => {
  const all: string[][] = [];
  for (let cursor: string | undefined; ; ) {
    const got = await list(`${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    all.push(names(got));
    cursor = got.body.cursor;
    if (cursor === undefined) return all;
  }
};

describe('the list of hosts', () => {
  it('tells of each when it last spoke, of more hosts than one batch holds', async () => {
    const ids = Array.from({ length: 130 }, (_, n) => `h-${String(n).padStart(16, '0')}`);
    for (const id of ids) await insertHost(newHost({ id, name: id, beatAt: '2026-01-01T00:00:00.000Z' }));
    for (const hostId of ids.slice(1)) await beats.write({ hostId, at: AT, version: 7 });
    const { body } = await call('GET /v1/hosts?limit=130', { token: viewer });
    const told = body.items.map((item) => ('beatAt' in item ? item.beatAt : 'never'));
    expect(told).toEqual(['2026-01-01T00:00:00.000Z', ...ids.slice(1).map(() => AT)]);
    const shown = await call(`GET /v1/hosts/${ids[1]}`, { token: viewer });
    expect(shown.body).toMatchObject({ beatAt: AT });
    expect(shown.body).not.toHaveProperty('beatSeq');
  });
});

describe('a list', () => {
  it.each([1, 5, 22, 23, 24, 500])('of pages of %d shows every VM once, in order', async (limit) => {
    const all = await pages(`limit=${limit}`);
    expect(all.flat()).toEqual(Array.from({ length: 23 }, (_, n) => `web-${n}`));
    expect(all.every((page) => page.length <= limit)).toBe(true);
  });

  it.each([
    ['state=stopped&limit=4', 11],
    ['tag:env=prod', 10],
    ['tag%3Aenv=prod', 10],
    ['name~web-1', 11],
    ['name~web-1=', 11],
    ['name%7Eweb-1=', 11],
    ['name~web-1&state=running&limit=2', 5],
    ['state!=running', 11],
    ['filter=state%3Drunning%26tag%3Aenv%3Dprod', 5],
    ['filter=state%3Drunning&tag:env=prod', 5],
    ['name=gone&state=deleted', 1],
    ['name=gone', 0],
  ])('of %s has %d', async (query, count) => {
    expect((await pages(query)).flat()).toHaveLength(count);
  });

  it('hides what only the plane needs, and shows what may be done', async () => {
    const [vm] = (await list('name=web-0')).body.items;
    const actions = vm?.actions ?? [];
    expect(vm).not.toHaveProperty('spec');
    expect(vm).not.toHaveProperty('pk');
    expect(actions).toEqual(
      ['stop', 'reboot', 'reset', 'delete', 'start'].sort((a, b) => actions.indexOf(a) - actions.indexOf(b)),
    );
  });

  it('takes no cursor of another filter, list or maker', async () => {
    const { cursor } = (await list('limit=2&state=running')).body;
    expect((await list(`limit=2&cursor=${cursor}`)).body.code).toBe('InvalidCursor');
    expect((await call(`GET /v1/operations?cursor=${cursor}`, { token: viewer })).body.code).toBe('InvalidCursor');
    await fc.assert(
      fc.asyncProperty(fc.nat(cursor.length - 1), fc.constantFrom('A', 'B', '_', '.'), async (at, letter) => {
        const forged = `${cursor.slice(0, at)}${letter}${cursor.slice(at + 1)}`;
        fc.pre(forged !== cursor);
        const got = await list(`limit=2&state=running&cursor=${forged}`);
        // The last letter of base64url carries bits that mean nothing: another spelling of the very same signature.
        if (got.status === 200) expect(at).toBe(cursor.length - 1);
        else expect(got).toMatchObject({ status: 400, body: { code: 'InvalidCursor' } });
      }),
    );
  });
});
