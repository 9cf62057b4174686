import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { vmGroupView } from '../../lambdas/domain/vm-group.ts';
import { newGroup } from '../support/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'novacron-groups-'));
  plane = await startPlane();
  plane.vms = [vm({ name: 'web-1' }), vm({ name: 'web-2' })];
  plane.groups = [vmGroupView(newGroup())];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  return plane.close();
});

const typed = (...words: string[]) => type(['group', ...words], { env });
const changed = () => plane.seen.filter(({ method }) => method !== 'GET');
const ids = () => plane.vms.map(({ id }) => id);

describe('novacron group', () => {
  it('lists them, and says how to add one', async () => {
    expect((await typed('list')).out).toMatch(/shop +tag:app=shop/);
    plane.groups = [];
    expect((await typed('list')).err).toContain('novacron group create');
  });

  it('get asks the plane who is in it now', async () => {
    const { out } = await typed('get', 'shop');
    expect(out).toMatch(/Filter +tag:app=shop/);
    expect(plane.seen.at(-1)).toMatchObject({ path: '/v1/vms', query: { filter: 'group=shop' } });
  });

  it('create and update send ids of the VMs that are named, and take a filter away', async () => {
    const made = await typed(
      'create',
      'team',
      '--vm',
      'web-1,web-2',
      '--filter',
      'tag:env=dev',
      '--filter',
      'size=small',
    );
    expect(made.code, made.err).toBe(0);
    expect(made.err).toContain('--filter group=team');
    expect(changed()[0]?.body).toEqual({ name: 'team', vms: ids(), filter: 'tag:env=dev&size=small' });
    await typed('update', 'team', '--no-filter', '--vm', 'web-2');
    expect(changed()[1]).toMatchObject({ method: 'PATCH', body: { filter: null, vms: [ids()[1]] } });
    await typed('update', 'team', '--no-vms');
    expect(changed()[2]?.body).toEqual({ vms: [] });
    expect((await typed('update', 'team')).err).toContain('Say what to change');
  });

  it('delete asks', async () => {
    expect((await type('group delete shop', { env, answers: 'no\n' })).code).not.toBe(0);
    expect((await typed('delete', 'shop', '--yes')).err).toContain('shop is deleted');
    expect(plane.groups).toEqual([]);
  });

  it('lies in files, VMs by their names: what was exported is made again elsewhere', async () => {
    plane.groups = [vmGroupView(newGroup({ vms: ids() }))];
    const { out } = await typed('export');
    expect(out).toBe('groups:\n  - name: shop\n    vms:\n      - web-1\n      - web-2\n    filter: tag:app=shop\n');
    const path = join(folder, 'groups.yaml');
    writeFileSync(path, out);
    expect((await typed('plan', '-f', path, '--prune')).code).toBe(0);
    plane.groups = [];
    expect((await typed('apply', '-f', path, '--yes')).code).toBe(0);
    expect(plane.groups).toMatchObject([{ name: 'shop', vms: ids(), filter: 'tag:app=shop' }]);
    writeFileSync(path, 'groups:\n  - name: shop\n    vms: [web-3]\n');
    expect((await typed('plan', '-f', path)).err).toContain('groups[0].vms[0]: there is no VM web-3');
    writeFileSync(path, 'groups:\n  - name: shop\n');
    expect((await typed('apply', '-f', path, '--yes')).code).toBe(0);
    expect(changed().at(-1)?.body).toEqual({ vms: [], filter: null });
  });
});
