import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtInRules } from '../../lambdas/domain/rules/built-in.ts';
import { type Rule, RuleSpec, ruleView } from '../../lambdas/domain/rules/rule.ts';
import { newRule } from '../support/api.ts';
import { type FakePlane, startPlane } from './fake-plane.ts';
import { type } from './typed.ts';

let plane: FakePlane;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'novacron-rules-'));
  plane = await startPlane();
  plane.rules = [ruleView(newRule())];
  env = { NOVACRON_URL: plane.url, NOVACRON_TOKEN: 'secret', NO_COLOR: '1' };
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  return plane.close();
});

const typed = (...words: string[]) => type(['rule', ...words], { env });
const changed = () => plane.seen.filter(({ method }) => method !== 'GET');
const said = (when: unknown): Rule => newRule(RuleSpec.parse({ name: 'hot', when, for: '5m' }));

describe('novacron rule', () => {
  it('lists them, and says how to add one', async () => {
    plane.rules = [...plane.rules, ...builtInRules('default').map(ruleView)];
    const { out } = await typed('list', '--all');
    expect(out).toMatch(/hot +on +vm\.cpu\.utilization > 0\.9 +10m +warning +test/);
    expect(out).toMatch(
      /vm-cpu-saturated +on +avg\(vm\.cpu\.utilization\[15m\]\) > 0\.95, until not > 0\.9 .*the plane/,
    );
    plane.rules = [];
    expect((await typed('list')).err).toContain('novacron rule create');
  });

  it.each([
    [
      { metric: 'vm.memory.usage', of: 'vm.memory.allocated', op: '<', value: 0.1 },
      'vm.memory.usage / vm.memory.allocated < 0.1',
    ],
    [{ absent: 'vm.cpu.steal' }, 'no vm.cpu.steal'],
    [
      { metric: 'vm.cpu.steal', band: { weeks: 4, width: 3 } },
      'vm.cpu.steal outside of what is usual at that hour (4w, 3 deviations)',
    ],
    [
      { metric: 'vm.cpu.steal', band: { weeks: 1, width: 2, side: 'above', atLeast: 0.1 } },
      'vm.cpu.steal above what is usual at that hour (1w, 2 deviations, at least 0.1)',
    ],
    [{ all: ['a', 'b'], not: ['c'] }, 'all of a, b; none of c'],
    [{ any: ['a'], equal: ['host'] }, 'any of a; of equal host'],
  ])('get says in words when it fires: %j', async (when, words) => {
    plane.rules = [ruleView(said(when))];
    expect((await typed('get', 'hot')).out).toContain(words);
  });

  it('of an event are shown, changed in what is told, and kept in files', async () => {
    plane.rules = builtInRules('default').map(ruleView);
    expect((await typed('get', 'host-unreachable')).out).toContain('the event host-unreachable');
    const done = await typed('update', 'vm-lost', '--disable', '--label', 'severity=page', '--matcher', 'vm="a"');
    expect(done.code, done.err).toBe(0);
    expect(changed()[0]?.body).toEqual({ enabled: false, labels: { severity: 'page' }, matchers: ['vm="a"'] });
    expect((await typed('export')).out).toMatch(/- name: vm-lost[\s\S]*event: vm-lost/);
    expect((await typed('test', 'pool-full', '--host', 'rack-1')).err).toContain('it cannot be tried');
  });

  it('get shows all of one', async () => {
    const annotations = { summary: '{{ $labels.vm }} is hot', runbook_url: 'https://wiki.test/hot' };
    const more = { matchers: ['tag_env="prod"'], keepFiringFor: '5m', datapoints: { breaching: 3, of: 5 } };
    plane.rules = [ruleView(newRule({ ...more, annotations, enabled: false, description: 'of the shop' }))];
    const { out } = await typed('get', 'hot');
    for (const text of [
      'off',
      '10m',
      '3 of 5',
      'tag_env="prod"',
      'severity=warning',
      'is hot',
      'wiki.test',
      'of the shop',
    ]) {
      expect(out).toContain(text);
    }
    plane.rules = builtInRules('default').map(ruleView);
    expect((await typed('get', 'pool-filling-up')).out).toContain('on, as it came with the plane');
  });

  it('create says all that a rule can, in its options', async () => {
    const made = await typed(
      ...['create', 'full', '--metric', 'vm.memory.usage', '--share-of', 'vm.memory.allocated'],
      ...[
        '--stat',
        'avg',
        '--over',
        '10m',
        '--above',
        '0.9',
        '--clear',
        '0.8',
        '--for',
        '5m',
        '--keep-firing-for',
        '1m',
      ],
      ...['--datapoints', '3/5', '--matcher', 'tag_env="prod"', '--label', 'severity=page', '--label', 'team=db'],
      ...['--summary', '{{ $labels.vm }} is full', '--runbook', 'https://wiki.test', '--description', 'x', '--disable'],
    );
    expect(made.code, made.err).toBe(0);
    expect(changed()[0]?.body).toEqual({
      name: 'full',
      enabled: false,
      when: {
        ...{ metric: 'vm.memory.usage', of: 'vm.memory.allocated', stat: 'avg', over: '10m' },
        ...{ op: '>', value: 0.9, clear: 0.8 },
      },
      for: '5m',
      keepFiringFor: '1m',
      datapoints: { breaching: 3, of: 5 },
      matchers: ['tag_env="prod"'],
      labels: { severity: 'page', team: 'db' },
      annotations: { summary: '{{ $labels.vm }} is full', runbook_url: 'https://wiki.test' },
      description: 'x',
    });
  });

  const METRIC = ['--metric', 'vm.cpu.steal'];
  it.each<[string[], object]>([
    [[...METRIC, '--above', '-1'], { metric: 'vm.cpu.steal', op: '>', value: -1 }],
    [[...METRIC, '--at-least', '0.2'], { metric: 'vm.cpu.steal', op: '>=', value: 0.2 }],
    [[...METRIC, '--below', '1e-3'], { metric: 'vm.cpu.steal', op: '<', value: 0.001 }],
    [[...METRIC, '--at-most', '0'], { metric: 'vm.cpu.steal', op: '<=', value: 0 }],
    [[...METRIC, '--equals', '1'], { metric: 'vm.cpu.steal', op: '==', value: 1 }],
    [[...METRIC, '--differs', '1'], { metric: 'vm.cpu.steal', op: '!=', value: 1 }],
    [[...METRIC, '--unusual', '3'], { metric: 'vm.cpu.steal', band: { weeks: 4, width: 3 } }],
    [[...METRIC, '--unusual', '3', '--weeks', '8'], { metric: 'vm.cpu.steal', band: { weeks: 8, width: 3 } }],
    [['--absent', 'vm.cpu.steal', '--for', '5m'], { absent: 'vm.cpu.steal' }],
    [['--event', 'vm-lost', '--for', '5m'], { event: 'vm-lost' }],
    [
      ['--all', 'hot,cold', '--none', 'new', '--equal', 'host'],
      { all: ['hot', 'cold'], not: ['new'], equal: ['host'] },
    ],
    [['--any', 'hot', '--any', 'cold'], { any: ['hot', 'cold'] }],
  ])('create %j', async (words, when) => {
    const made = await typed('create', 'one', ...words);
    expect(made.code, made.err).toBe(0);
    expect(changed()[0]?.body).toMatchObject({ name: 'one', when });
  });

  it.each<[string[], string]>([
    [['create', 'one'], 'Say when it fires'],
    [['create', 'one', ...METRIC], 'Say one limit'],
    [['create', 'one', ...METRIC, '--above', '1', '--below', '0'], 'Say one limit'],
    [['create', 'one', ...METRIC, '--above', 'much'], 'It is a number'],
    [['create', 'one', ...METRIC, '--above', '1', '--datapoints', '3'], 'It is written as 3/5'],
    [['create', 'one', '--above', '1'], 'Say of what'],
    [['create', 'one', ...METRIC, '--event', 'vm-lost'], 'Say one of --metric, --absent, --event'],
    [['create', 'one', '--event', 'vm-bored'], 'Allowed choices are host-unreachable'],
    [['create', 'one', ...METRIC, '--absent', 'vm.cpu.steal'], 'Say one of --metric, --absent'],
    [['update', 'hot'], 'Say what to change'],
    [['update', 'hot', '--enable', '--disable'], 'Say --enable or --disable'],
  ])('%j is wrong use', async (words, text) => {
    const { code, err } = await typed(...words);
    expect([code, changed()]).toEqual([2, []]);
    expect(err).toContain(text);
  });

  it('update leaves what it does not say, one label and one annotation too', async () => {
    const annotations = { summary: 'x', runbook_url: 'https://wiki.test' };
    plane.rules = [ruleView(newRule({ annotations, labels: { severity: 'page', team: 'db' } }))];
    await typed('update', 'hot', '--label', 'team=web', '--summary', 'y', '--enable', '--no-matchers');
    expect(changed()[0]?.body).toEqual({
      enabled: true,
      labels: { severity: 'page', team: 'web' },
      annotations: { ...annotations, summary: 'y' },
      matchers: [],
    });
    await typed('update', 'hot', '--disable');
    expect(changed()[1]?.body).toEqual({ enabled: false });
  });

  it('delete asks', async () => {
    expect((await type('rule delete hot', { env, answers: 'no\n' })).code).not.toBe(0);
    expect((await typed('delete', 'hot', '--yes')).err).toContain('hot is deleted');
    expect(plane.rules).toEqual([]);
  });
});

describe('rules in files', () => {
  const file = (text: string): string => {
    const path = join(folder, 'rules.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('are made again elsewhere, what they are made of first, and end in the other order', async () => {
    const made = ruleView(newRule({ id: 'rul-0000000000000002', name: 'a-made', when: { all: ['hot'] } }));
    plane.rules = [made, ...plane.rules, ...builtInRules('default').map(ruleView)];
    const { out } = await typed('export');
    expect(Array.from(out.matchAll(/- name: (.+)/g), ([, name]) => name)).toEqual(['hot', 'a-made']);
    const path = file(out);
    expect((await typed('plan', '-f', path, '--prune')).code).toBe(0);
    plane.rules = [];
    expect((await typed('apply', '-f', path, '--yes')).code).toBe(0);
    expect(plane.rules.map(({ name }) => name)).toEqual(['hot', 'a-made']);
    expect((await typed('apply', '-f', file('rules: []\n'), '--prune', '--yes')).code).toBe(0);
    expect(plane.rules).toEqual([]);
  });

  it('take the place of one that comes with the plane, and lie in no file while they are as they came', async () => {
    plane.rules = builtInRules('default').map(ruleView);
    const path = file(
      'rules:\n  - name: pool-filling-up\n    enabled: false\n    when: { metric: host.pool.usage, op: ">", value: 1 }\n',
    );
    const { out } = await typed('plan', '-f', path, '--prune');
    expect(out).toContain('1 to create, 0 to change, 0 to delete');
    expect((await typed('apply', '-f', path, '--yes')).code).toBe(0);
    expect(plane.rules.filter(({ builtIn }) => !builtIn)).toMatchObject([{ name: 'pool-filling-up', enabled: false }]);
  });

  it('say where they are wrong', async () => {
    const path = file('rules:\n  - name: hot\n    when: { metric: vm.cpu.steal, op: ">>", value: 1 }\n    fro: 5m\n');
    const { code, err } = await typed('plan', '-f', path);
    expect(code).toBe(2);
    expect(err).toContain('rules.yaml:3:');
    expect(err).toContain('rules[0].when.op');
    expect(err).toContain('Did you mean for?');
  });
});
