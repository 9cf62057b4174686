import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hostSubject, vmSubject } from '../../lambdas/domain/metrics/labels.ts';
import { keepReadings } from '../../lambdas/runtime/take-samples.ts';
import * as timeOff from '../../lambdas/store/time-off.ts';
import { insertHost, insertVm, newHost, newVm, signIn } from '../support/api.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { StateTable } from '../support/state-table.ts';
import { type } from './typed.ts';

const HOST = newHost();
const WEB = newVm({ name: 'web-1' });
const OFF = newVm({ id: 'vm-0000000000000002', name: 'off-1', state: 'stopped' });

let gateway: Gateway;
let env: Record<string, string>;
beforeEach(async () => {
  new StateTable();
  gateway = await startGateway();
  env = { NOVACRON_URL: gateway.url, NOVACRON_TOKEN: await signIn('viewer'), NO_COLOR: '1' };
  await insertHost(HOST);
  await insertVm(WEB);
  await insertVm(OFF);
});
afterEach(() => gateway.close());

const well = async (...words: string[]) => {
  const ran = await type(words, { env });
  expect(ran.code, ran.err).toBe(0);
  return ran.out;
};

const measure = async () => {
  const now = Date.now();
  const times = [45, 30, 15, 0].map((seconds) => now - seconds * 1000);
  const vm = { 'vm.memory.usage': 3 * 2 ** 30, 'vm.disk.read.bytes': 2048, 'vm.disk.read.latency': 0.0123 };
  const readings = [
    {
      subject: vmSubject(WEB),
      samples: times.map((at, index) => ({ at, values: { ...vm, 'vm.cpu.utilization': (index + 1) / 10 } })),
    },
    {
      subject: hostSubject(HOST),
      samples: times.map((at) => ({ at, values: { 'host.cpu.load': 1.5, 'host.cpu.utilization': 0.75 } })),
    },
  ];
  await keepReadings(HOST.id, readings, now);
};

describe('novacron vm top', () => {
  it('shows who uses most, and those that are off without a figure', async () => {
    await measure();
    const out = await well('vm', 'top');
    const [title, web, off] = out.split('\n');
    expect(title).toMatch(/^NAME +STATE +HOST +CPU +STEAL +MEMORY/);
    expect(web).toMatch(/^web-1 +running +\S+ +25 % +– +3 GiB +– +2 KiB\/s/);
    expect(off).toMatch(/^off-1 +stopped +\S+ +– +– +–/);
    expect(out).toContain('vm.cpu.utilization of 1: mean 25 %, median 25 %, most 25 %');
  });

  it('goes by what is asked for, and shows it', async () => {
    await measure();
    expect(await well('vm', 'top', '--by', 'vm.disk.read.latency')).toMatch(/VM\.DISK\.READ\.LATENCY[\s\S]*12\.3 ms/);
    const top = JSON.parse(await well('vm', 'top', '--limit', '1', '-o', 'json'));
    expect(top.items).toHaveLength(1);
  });

  it('takes no metric that VMs do not have', async () => {
    const ran = await type(['vm', 'top', '--by', 'host.cpu.load'], { env });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain('vm.cpu.utilization');
  });

  it('says so where there is nothing', async () => {
    expect(await well('vm', 'top', '-f', 'name=none')).toBe('No VMs.\n');
  });
});

it('novacron host top shows hosts', async () => {
  await measure();
  expect(await well('host', 'top')).toMatch(new RegExp(`${HOST.name} +\\S+ +75 % +1\\.5`));
});

describe('novacron vm metrics', () => {
  it('draws each metric with its figures', async () => {
    await measure();
    const out = await well('vm', 'metrics', 'web-1', '--since', '5m');
    expect(out).toMatch(/vm\.cpu\.utilization +40 % +25 % +10 % +40 % .*[▁-█]/);
    expect(out).not.toContain('vm.cpu.steal');
    expect(await well('vm', 'metrics', 'web-1', '--metric', 'vm.memory.usage')).not.toContain('vm.cpu');
    expect(await well('host', 'metrics', HOST.name)).toContain('host.cpu.load');
  });

  it('says so where nothing was measured', async () => {
    expect(await well('vm', 'metrics', 'off-1')).toMatch(/^Nothing was measured from .*\n- .* to .*: stopped\n$/);
  });

  it('draws why nothing was measured for a while', async () => {
    await measure();
    const [since, until] = [90, 30].map((minutes) => new Date(Date.now() - minutes * 60_000).toISOString());
    const off = {
      ...{ vmId: WEB.id, vmName: WEB.name, project: 'default', scheduleId: 'sch-1', scheduleName: 'office-hours' },
      ...{ owner: 'ann', tags: {}, usdPerHour: null, priceKind: 'unknown' as const, since: since ?? '', version: 1 },
    };
    const day = { ...off, from: off.since, until: until ?? '', endedBy: 'ann' };
    await timeOff.begin(off);
    await timeOff.end(off, [day]);
    const out = await well('vm', 'metrics', 'web-1', '--since', '2h', '--metric', 'vm.cpu.utilization');
    expect(out).toMatch(/ ·{20,28} /);
    expect(out).toMatch(/\n· .*: off by plan, by schedule office-hours\n/);
    expect(out).toMatch(/\n {2}.*: no data\n/);
  });
});
