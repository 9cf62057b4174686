import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { PLACEMENT_DEFAULTS } from '../../lambdas/domain/placement.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import { handler as timerComes } from '../../lambdas/schedules/run-schedules.ts';
import * as hosts from '../../lambdas/store/hosts.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import * as vms from '../../lambdas/store/vms.ts';
import {
  call,
  insertHost,
  insertImage,
  insertSchedule,
  newHost,
  newImage,
  newSchedule,
  signIn,
} from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { endOpen } from '../support/ending.ts';
import { StateTable } from '../support/state-table.ts';

/** That a VM which is off has its room kept for it, so that a schedule can start it at any time. */

const bus = mockClient(EventBridgeClient);
const FRIDAY = '2026-10-16T12:00:00.000Z';
beforeEach(() => {
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  vi.useFakeTimers({ toFake: ['Date'] });
  leaves('ScheduleOverdue');
});
afterEach(() => {
  vi.useRealTimers();
});

const SMALL = [1, 2].map((number) =>
  newHost({
    id: `h-000000000000000${number}`,
    name: `host-${number}`,
    facts: { ...(newHost().facts as NonNullable<ReturnType<typeof newHost>['facts']>), cores: 2, memoryMiB: 4_608 },
  }),
);
const MOST = { vcpus: 2 * PLACEMENT_DEFAULTS.cpuRatio, memoryMiB: 4_608 - PLACEMENT_DEFAULTS.hostReserveMiB };

let operator: string;
const furnish = async (): Promise<void> => {
  new StateTable();
  vi.setSystemTime(FRIDAY);
  operator = await signIn('operator');
  for (const host of SMALL) await insertHost(host);
  await insertImage(newImage());
};

let made = 0;
/** A second later for each: requests a second are limited. */
const ask = async (line: string, body?: object) => {
  vi.setSystemTime(Date.now() + 1_000);
  const answer = await call(line, { token: operator, ...(body ? { body } : {}) });
  await endOpen(() => true);
  return answer;
};
const create = (vcpus: number, memoryMiB: number) => {
  made += 1;
  const body = {
    name: `vm-${made}`,
    provider: 'kvm',
    image: 'test',
    tags: { app: 'shop' },
    vcpus,
    memoryMiB,
    diskGiB: 1,
  };
  return ask('POST /v1/vms', body);
};
const all = (): Promise<Vm[]> => Array.fromAsync(vms.allOf('default'));
const live = async (): Promise<Vm[]> => (await all()).filter(({ state }) => state !== 'deleted');

/** Whatever is off now: were all of them started, their hosts had room for them. */
const assertRoom = async (): Promise<void> => {
  for (const { id } of SMALL) {
    const here = (await live()).filter(({ location }) => location.hostId === id);
    const sum = (what: 'vcpus' | 'memoryMiB') => here.reduce((total, vm) => total + vm[what], 0);
    expect(sum('vcpus')).toBeLessThanOrEqual(MOST.vcpus);
    expect(sum('memoryMiB')).toBeLessThanOrEqual(MOST.memoryMiB);
  }
};

type Step = readonly [
  verb: 'create' | 'stop' | 'start' | 'delete' | 'undelete',
  which: number,
  vcpus: number,
  memory: number,
];
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom('create', 'create', 'stop', 'start', 'delete', 'undelete'),
    fc.nat(20),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 1, max: 8 }),
  ),
  { minLength: 10, maxLength: 30 },
);

const take = async ([verb, which, vcpus, memory]: Step): Promise<void> => {
  if (verb === 'create') return void (await create(vcpus, memory * 256));
  const some = (await all()).filter(({ state }) => (state === 'deleted') === (verb === 'undelete'));
  const vm = some[which % Math.max(1, some.length)];
  if (vm === undefined) return;
  await (verb === 'delete' ? ask(`DELETE /v1/vms/${vm.id}`) : ask(`POST /v1/vms/${vm.id}/actions/${verb}`));
};

const officeHours = async (): Promise<void> => {
  const row = newSchedule({ ranThrough: FRIDAY, createdAt: FRIDAY });
  await insertSchedule(lookedAtNext({ ...row, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.parse(FRIDAY)));
};
const monday = async () => {
  vi.setSystemTime('2026-10-19T07:00:00.000Z');
  await timerComes();
  return (await schedules.get('default', newSchedule().id)).lastRun;
};

describe('the room of a VM that is off', () => {
  it('is kept on its host, whatever is made, deleted and brought back beside it: a schedule starts them all at once', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (random) => {
        await furnish();
        for (const step of random) {
          await take(step);
          await assertRoom();
        }
        for (const { id, state } of await live()) if (state === 'running') await ask(`POST /v1/vms/${id}/actions/stop`);
        const off = await live();
        await officeHours();
        expect(await monday()).toMatchObject({ vms: off.length, begun: off.length, owed: [] });
        await endOpen(() => true);
        await assertRoom();
        expect((await live()).every(({ state }) => state === 'running')).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('is not given back twice: an undelete is refused where others have it, and says what is short', async () => {
    await furnish();
    await hosts.swap(await hosts.get(SMALL[1]?.id ?? ''), {
      ...(await hosts.get(SMALL[1]?.id ?? '')),
      active: false,
      state: 'draining',
    });
    await create(1, 2_048);
    const [first] = await live();
    await ask(`DELETE /v1/vms/${first?.id}`);
    await create(1, 4_096);
    const refused = await ask(`POST /v1/vms/${first?.id}/actions/undelete`);
    expect(refused).toMatchObject({ status: 422, body: { code: 'NoHostFits' } });
    expect(refused.body.detail).toMatch(
      /^host-1 keeps the disks of vm-\d+ and has no room for it: needs 2048 MiB, 0 free/,
    );
    const [second] = await live();
    await ask(`DELETE /v1/vms/${second?.id}`);
    expect((await ask(`POST /v1/vms/${first?.id}/actions/undelete`)).status).toBe(202);
  });

  it('is there on a host that takes nothing new, and that may promise less than it has', async () => {
    await furnish();
    for (let number = 0; number < 8; number += 1) await create(1, 1_024);
    for (const { id } of await live()) await ask(`POST /v1/vms/${id}/actions/stop`);
    for (const { id } of SMALL) {
      const host = await hosts.get(id);
      const facts = { ...(host.facts as NonNullable<typeof host.facts>), memoryMiB: 2_560 };
      await hosts.swap(host, { ...host, facts, active: false, state: 'draining' });
    }
    leaves('HostOverfull');
    await officeHours();
    expect(await monday()).toMatchObject({ vms: 8, begun: 8, owed: [] });
    await endOpen(() => true);
  });

  it('does not help while its host is silent: it is owed with that cause, started where it lies once the host speaks', async () => {
    await furnish();
    await create(1, 1_024);
    const [vm] = await live();
    await ask(`POST /v1/vms/${vm?.id}/actions/stop`);
    await officeHours();
    const off = await vms.get(vm?.id ?? '');
    const silent = await vms.swap(off, { ...off, state: 'unknown', lastState: 'stopped' });
    expect(await monday()).toMatchObject({ begun: 0, owed: [{ vmId: vm?.id, fault: 'HostUnreachable' }] });
    vi.setSystemTime('2026-10-19T07:10:00.000Z');
    await timerComes();
    const { lastRun } = await schedules.get('default', newSchedule().id);
    expect(lastRun?.late).toMatchObject([{ vmId: vm?.id, cause: expect.stringMatching(/^HostUnreachable: /) }]);
    await vms.swap(silent, { ...silent, state: 'stopped' });
    vi.setSystemTime('2026-10-19T07:11:00.000Z');
    await timerComes();
    expect(await vms.get(vm?.id ?? '')).toMatchObject({ desired: 'running', location: off.location });
    await endOpen(() => true);
  });
});
