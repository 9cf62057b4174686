import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostSubject, vmSubject } from '../../lambdas/domain/metrics/labels.ts';
import { keepReadings } from '../../lambdas/runtime/take-samples.ts';
import { insertHost, insertRule, insertVm, newHost, newRule, newVm, signIn } from '../support/api.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { StateTable } from '../support/state-table.ts';
import { type } from './typed.ts';

/** `novacron rule test` against the API itself, with what was measured in the last hour. */
const HOST = newHost();
const WEB = newVm({ name: 'web-1', tags: { env: 'dev' } });
const OFF = newVm({ id: 'vm-0000000000000002', name: 'off-1', state: 'stopped' });
const CPU = 'vm.cpu.utilization';
const HOT = { metric: CPU, op: '>', value: 0.9 };

let gateway: Gateway;
let env: Record<string, string>;
let folder: string;
beforeEach(async () => {
  new StateTable();
  folder = mkdtempSync(join(tmpdir(), 'novacron-rule-'));
  gateway = await startGateway();
  env = { NOVACRON_URL: gateway.url, NOVACRON_TOKEN: await signIn('viewer'), NO_COLOR: '1' };
  for (const vm of [WEB, OFF]) await insertVm(vm);
  await insertHost(HOST);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  return gateway.close();
});

/** An hour of samples each 15 s: hot from the 20th minute to the 30th, and at one sample in the 40th. */
const measure = async () => {
  const now = Date.now();
  const begin = Math.floor(now / 15_000) * 15_000 - 3_600_000;
  const samples = Array.from({ length: 240 }, (_, index) => {
    const isHot = (index >= 80 && index < 120) || index === 160;
    return { at: begin + index * 15_000, values: { [CPU]: isHot ? 0.95 : 0.2 } };
  });
  const machine = samples.map(({ at }) => ({ at, values: { 'host.memory.usage': 3, 'host.memory.limit': 4 } }));
  const readings = [
    { subject: vmSubject(WEB), samples },
    { subject: hostSubject(HOST), samples: machine },
  ];
  await keepReadings(HOST.id, readings, now);
};

const tested = (...words: string[]) => type(['rule', 'test', ...words], { env });
const rule = (of: object) =>
  insertRule(newRule({ name: 'hot', when: { ...HOT, stat: 'last' }, ...of } as Parameters<typeof newRule>[0]));
const file = (text: string): string => {
  const path = join(folder, 'rules.yaml');
  writeFileSync(path, text);
  return path;
};

describe('novacron rule test', () => {
  it('shows what a rule would have said: a curve, when it pended and fired, and how long', async () => {
    await measure();
    await rule({ for: '2m' });
    const { code, out, err } = await tested('hot', '--vm', 'web-1', '--since', '1h');
    expect(code, err).toBe(0);
    const [title, curve, lane] = out.split('\n');
    expect(title).toMatch(/^vm\.cpu\.utilization > 0\.9, a value each 15 s, /);
    expect(curve).toMatch(/▂.*█.*▂/);
    expect(lane).toMatch(/^·+░+█+·+░+·+$/);
    expect(lane).toHaveLength(48);
    expect(out).toMatch(/AT +STATE +VALUE +FOR/);
    expect(out).toMatch(/pending +95 % +2 min 0 s/);
    expect(out).toMatch(/firing +95 % +8 min 0 s/);
    expect(out).toContain('hot would have fired once for web-1, in all 8 min 0 s of 60 min 0 s.');
  });

  it('is JSON for programs', async () => {
    await measure();
    await rule({ for: '0s' });
    const { out } = await tested('hot', '--vm', 'web-1', '--since', '1h', '-o', 'json');
    expect(JSON.parse(out)).toMatchObject({
      rule: 'hot',
      of: 'web-1',
      stepSeconds: 15,
      firingSeconds: 615,
      changes: [{ state: 'firing' }, { state: 'resolved' }, { state: 'firing' }, { state: 'resolved' }],
    });
  });

  it.each([
    ['firing', '2m', 0],
    ['quiet', '2m', 1],
    ['firing', '20m', 1],
    ['quiet', '20m', 0],
  ])('fails where it is to be %s, and waits for %s: %i', async (expected, wait, code) => {
    await measure();
    await rule({ for: wait });
    expect((await tested('hot', '--vm', 'web-1', '--since', '1h', '--expect', expected)).code).toBe(code);
  });

  it('takes a rule from a file, by name where there are several', async () => {
    await measure();
    const short = '- name: short\n    when: { metric: host.memory.usage, of: host.memory.limit, op: ">", value: 0.7 }';
    const one = file(`rules:\n  ${short}\n`);
    const of = ['--host', HOST.name, '--since', '1h'];
    const { out, err } = await tested('-f', one, ...of);
    expect(err).toBe('');
    expect(out).toMatch(/firing +0\.750/);
    const two = file(`rules:\n  ${short}\n  - name: other\n    when: { metric: ${CPU}, op: ">", value: 2 }\n`);
    expect(await tested('-f', two, ...of)).toMatchObject({ code: 2, err: expect.stringContaining('short, other') });
    expect((await tested('other', '-f', two, '--vm', 'web-1', '--since', '1h')).out).toContain('would not have fired');
    expect((await tested('none', '-f', two, ...of)).code).toBe(2);
  });

  it.each([
    ['no rule', ['--vm', 'web-1'], {}, /Say which rule/],
    ['no VM', ['hot'], {}, /--vm web-1/],
    ['no host', ['hot'], { when: { metric: 'host.cpu.load', op: '>', value: 1, stat: 'last' } }, /--host rack-1/],
    ['more than a day', ['hot', '--vm', 'web-1', '--since', '2d'], {}, /At most a day/],
    ['a VM that it is not about', ['hot', '--vm', 'web-1'], { matchers: ['tag_env="prod"'] }, /hot is not about web-1/],
    ['a VM that was not measured', ['hot', '--vm', 'off-1'], {}, /nothing was measured/],
    ['a rule of rules', ['hot', '--vm', 'web-1'], { when: { all: ['vm-cpu-steal'] } }, /cannot be tried/],
    [
      'what is usual',
      ['hot', '--vm', 'web-1'],
      { when: { metric: CPU, band: { weeks: 1, width: 3, side: 'both' } } },
      /usual/,
    ],
  ])('refuses %s, in words', async (_, words, of, said) => {
    await measure();
    await rule(of);
    const { code, err } = await tested(...words);
    expect(code).toBe(2);
    expect(err).toMatch(said);
  });
});
