import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInRules } from '../../lambdas/domain/rules/built-in.ts';
import { ruleView } from '../../lambdas/domain/rules/rule.ts';
import { vmGroupView } from '../../lambdas/domain/vm-group.ts';
import { newGroup, newRule } from '../support/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { calendar, maintenanceWindow, vm } from './samples.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let home: string;
let env: Record<string, string>;

beforeEach(async () => {
  plane = await startPlane();
  home = mkdtempSync(join(tmpdir(), 'novacron-'));
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret' };
});
afterEach(async () => {
  rmSync(home, { recursive: true });
  await plane.close();
});

const asked = () => plane.seen.at(-1)?.project;

describe('the project is that of', () => {
  it('nobody, where nothing is said: the plane knows', async () => {
    await type('vm list', { env });
    expect(asked()).toBeUndefined();
  });

  it('the option, before the environment', async () => {
    await type('vm list', { env: { ...env, NOVACRON_PROJECT: 'bank' } });
    expect(asked()).toBe('bank');
    await type('vm list --project shop', { env: { ...env, NOVACRON_PROJECT: 'bank' } });
    expect(asked()).toBe('shop');
  });

  it('the profile that was logged in with it, before and after another login', async () => {
    const at = { env: { HOME: home } };
    const { out } = await type(`login --url ${plane.url} --token t --project shop`, at);
    expect([out, asked()]).toEqual([`tester (admin in default) at ${plane.url}\n`, 'shop']);
    await type('me', at);
    expect(asked()).toBe('shop');
    await type(`login --url ${plane.url} --token u`, at);
    await type('me --profile default', { env: { HOME: home, NOVACRON_PROJECT: 'bank' } });
    expect(asked()).toBe('shop');
  });
});

describe('novacron project', () => {
  it('lists, creates and deletes', async () => {
    expect((await type('project list -o name', { env })).out).toBe('default\nshop\n');
    const made = await type('project create lab', { env });
    expect(made.code).toBe(0);
    expect(made.err).toContain('novacron-lab-<role>');
    expect(plane.seen.at(-1)?.body).toEqual({ id: 'lab' });
    expect(await type('project delete lab --yes', { env })).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^lab is deleted\. .*erased.*its audit log stays\.\n$/),
    });
    expect(plane.seen.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/projects/lab' });
  });

  it.each([
    ['--max-vms 5 --max-operations-per-minute 60', { maxVms: 5, maxOperationsPerMinute: 60 }, '3 of 5'],
    ['--max-vms none', { maxVms: null }, '3'],
    ['', {}, '3'],
  ])('bounds: quota lab %s', async (options, body, shown) => {
    const { code, out } = await type(`project quota lab ${options}`, { env });
    expect(code).toBe(0);
    expect(plane.seen.at(-1)).toMatchObject({ method: 'PATCH', path: '/v1/projects/lab', body });
    expect(out).toContain(shown);
  });

  it.each(['--max-vms -1', '--max-vms many', '--max-operations-per-minute 0'])(
    'does not bound by %s',
    async (option) => {
      expect((await type(`project quota lab ${option}`, { env })).code).toBe(2);
      expect(plane.seen).toEqual([]);
    },
  );

  it('exports all that there is of it, page by page, deleted VMs among it, acting in that project', async () => {
    plane.vms = ['a', 'b', 'c'].map((name) => vm({ id: `vm-${name}`, name }));
    plane.vms.push(vm({ id: 'vm-d', name: 'gone', state: 'deleted' }));
    plane.calendars = [calendar()];
    plane.groups = [vmGroupView(newGroup())];
    plane.windows = [maintenanceWindow()];
    plane.rules = [ruleView(newRule()), ...builtInRules('lab').map(ruleView)];
    const { code, out } = await type('project export lab', { env });
    expect(code).toBe(0);
    const lines: object[] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const nouns = lines.flatMap((line) => Object.keys(line));
    expect(lines[0]).toMatchObject({ project: { id: 'lab' } });
    expect(nouns.filter((noun) => noun === 'vm')).toHaveLength(4);
    expect(nouns.filter((noun) => ['calendar', 'group', 'window', 'rule'].includes(noun))).toEqual([
      'calendar',
      'group',
      'window',
      'rule',
    ]);
    expect(nouns.filter((noun) => noun === 'entry')).toHaveLength(plane.audit.entries.length);
    expect(new Set(plane.seen.map(({ project }) => project))).toEqual(new Set(['lab']));
  });

  it('asks before it deletes', async () => {
    expect((await type('project delete lab', { env, answers: 'no\n' })).code).not.toBe(0);
    expect(plane.seen).toEqual([]);
  });
});

it('is shown with a VM, with who you are, and by doctor', async () => {
  plane.vms = [vm({ name: 'web-1', project: 'shop' })];
  expect((await type('vm get web-1', { env })).out).toMatch(/Project\s+shop/);
  expect((await type('me', { env })).out).toMatch(/Role\s+admin, of the installation too\nProject\s+default/);
  expect((await type('doctor', { env })).out).toContain('tester is admin in project default, and administers');
  expect((await type('__names project', { env })).out).toBe('default\nshop\n');
});
