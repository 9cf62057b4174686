import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import type { Schedule } from '../../lambdas/domain/schedule.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { operationAfterFailure } from '../../lambdas/domain/settlement.ts';
import type { Vm } from '../../lambdas/domain/vm.ts';
import * as opens from '../../lambdas/store/opens.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { settle } from '../../lambdas/store/settle.ts';
import * as table from '../../lambdas/store/table.ts';
import { call, insertSchedule, insertVm, newSchedule, newVm, signIn } from '../support/api.ts';
import { endOpen } from '../support/ending.ts';
import { aSpec } from '../support/kvm.ts';
import { scheduleTimer } from '../support/schedule-timer.ts';
import { StateTable } from '../support/state-table.ts';

const { tick: tickAt } = scheduleTimer();
let state: StateTable;
beforeEach(() => {
  state = new StateTable();
});
const OFFICE = newSchedule({
  ranThrough: '2026-10-19T08:00:00.000Z',
  createdAt: '2026-10-17T00:00:00.000Z',
  stopMode: 'save',
});

/** One of each: on a host, on EC2 with hibernation and without. */
const VMS: Readonly<Record<string, Partial<Vm>>> = {
  web: {},
  db: { provider: 'ec2', spec: aSpec({ ec2: { hibernate: true } }) },
  old: { provider: 'ec2' },
};
const NAMES = Object.keys(VMS);
const idOf = (name: string): string => `vm-${String(NAMES.indexOf(name)).padStart(16, '0')}`;

const begin = async (more: Partial<Schedule> = {}, names = NAMES): Promise<void> => {
  for (const name of names)
    await insertVm(newVm({ id: idOf(name), name, tags: { app: 'shop', tier: name }, ...VMS[name] }));
  const schedule = { ...OFFICE, ...more };
  await insertSchedule(
    lookedAtNext({ ...schedule, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.parse(schedule.ranThrough)),
  );
};
const row = (): Promise<Schedule> => schedules.get('default', OFFICE.id);
/** The timer's tick of this minute, on Monday. */
const tick = (at: string): Promise<number> => tickAt(`2026-10-19T${at}`);
const asked = (): string[] =>
  state.of('operation').map(({ createdAt, vmName, input }) => {
    const { mode, graceSeconds } = Object(input);
    return `${String(createdAt).slice(11, 16)} ${vmName} ${mode} ${graceSeconds}`;
  });
const end = (name: string) => endOpen(({ vmName }) => vmName === name);

/** Ends what is under way for this VM without its being off. */
const endBadly = async (name: string, how: 'fails' | 'is cancelled'): Promise<void> => {
  const open = (await Array.fromAsync(opens.all())).find(({ vmName }) => vmName === name);
  const at = new Date().toISOString();
  const fault =
    how === 'fails'
      ? new Fault('DiskFull', '1024 MiB are free where memory is kept.')
      : new Fault('Cancelled', 'anna does not want it any more.');
  await settle(
    { operationId: open?.id ?? '' },
    ({ operation, vm }) => {
      const { lock: _, ...rest } = vm as Vm;
      return {
        operation: operationAfterFailure(operation, { fault }, at),
        vm: { ...rest, state: 'running', desired: 'running' },
      };
    },
    at,
  );
};

describe('a schedule that keeps memory', () => {
  it.each(['save', 'hibernate'] as const)(
    'by the word %s stops each VM the way its place knows, and one that cannot as ever, which its run says',
    async (stopMode) => {
      await begin({ stopMode });
      await tick('16:00');
      expect(asked()).toEqual(['16:00 web save 480', '16:00 db hibernate 480', '16:00 old stop 60']);
      expect((await row()).lastRun).toMatchObject({
        begun: 3,
        owed: [],
        keeping: [idOf('web'), idOf('db')],
        plain: [{ vmName: 'old', cause: expect.stringContaining('EC2 enables hibernation at launch only') }],
      });
    },
  );

  it.each(['stop', undefined] as const)('does not by the word %s', async (stopMode) => {
    await begin(stopMode === undefined ? {} : { stopMode });
    const { stopMode: _, ...rest } = await row();
    await table.save(table.put(schedules.entity, { ...rest, ...(stopMode ? { stopMode } : {}), version: 2 }));
    await tick('16:00');
    expect(asked()).toEqual(['16:00 web stop 60', '16:00 db stop 60', '16:00 old stop 60']);
    const { lastRun } = await row();
    expect([lastRun?.keeping, lastRun?.plain]).toEqual([undefined, undefined]);
  });

  it.each([
    [1, 60],
    [5, 180],
    [240, 600],
  ])('leaves time for a plain stop within a grace of %i minutes', async (graceMinutes, seconds) => {
    await begin({ graceMinutes }, ['web']);
    await tick('16:00');
    expect(asked()).toEqual([`16:00 web save ${seconds}`]);
  });

  it('is looked at each minute until all are off, and then at its check', async () => {
    await begin({}, ['web', 'db']);
    await tick('16:00');
    await end('web');
    expect((await row()).nextAt).toBe('2026-10-19T16:01:00.000Z');
    await tick('16:01');
    expect((await row()).lastRun?.keeping).toEqual([idOf('db')]);
    await end('db');
    await tick('16:02');
    expect(await row()).toMatchObject({ nextAt: '2026-10-19T16:10:00.000Z', lastRun: { keeping: [], begun: 2 } });
    await tick('16:10');
    expect((await row()).lastRun).toMatchObject({ late: [], checkedAt: '2026-10-19T16:10:00.000Z' });
    expect(asked()).toHaveLength(2);
  });

  it('stops as ever what could not be saved, once, and says why', async () => {
    await begin({}, ['web']);
    await tick('16:00');
    await endBadly('web', 'fails');
    await tick('16:01');
    await tick('16:02');
    expect(asked()).toEqual(['16:00 web save 480', '16:01 web stop 60']);
    expect((await row()).lastRun).toMatchObject({
      begun: 2,
      keeping: [],
      plain: [{ vmName: 'web', cause: 'DiskFull: 1024 MiB are free where memory is kept.' }],
    });
    await end('web');
    await tick('16:10');
    expect((await row()).lastRun).toMatchObject({ late: [] });
  });

  it('tries that stop again where it cannot be asked for', async () => {
    await begin({}, ['web']);
    await tick('16:00');
    await endBadly('web', 'fails');
    const away = new Fault('ProviderUnreachable', 'DynamoDB is away');
    const transact = vi.spyOn(table, 'transactEachThen').mockImplementation(async (groups) => ({
      refused: new Map(groups.map((each) => [each, away])),
      isLastWritten: false,
    }));
    await tick('16:01');
    transact.mockRestore();
    expect((await row()).lastRun).toMatchObject({ keeping: [idOf('web')], owed: [] });
    await tick('16:02');
    expect(asked()).toEqual(['16:00 web save 480', '16:02 web stop 60']);
  });

  it('that dies before it has noted its run knows what it keeps', async () => {
    await begin({}, ['web']);
    const before = await row();
    await tick('16:00');
    await table.save(table.put(schedules.entity, { ...before, version: 9 }));
    await tick('16:01');
    await endBadly('web', 'fails');
    await tick('16:02');
    expect(asked()).toEqual(['16:00 web save 480', '16:02 web stop 60']);
  });

  it('leaves alone what a person cancelled, or has changed since', async () => {
    await begin({}, ['web', 'db']);
    await tick('16:00');
    await endBadly('web', 'is cancelled');
    await end('db');
    const token = await signIn('operator');
    await call(`POST /v1/vms/${idOf('db')}/actions/start`, { token });
    await endOpen(() => true);
    await tick('16:01');
    expect((await row()).lastRun).toMatchObject({ keeping: [] });
    expect(state.of('operation')).toHaveLength(3);
  });

  it('goes on in its order once what could not be saved is off', async () => {
    const order = [
      { name: 'db', filter: 'tag:tier=db' },
      { name: 'web', filter: 'tag:tier=web', after: ['db'] },
    ];
    await begin({ order }, ['web', 'db']);
    await tick('16:00');
    await endBadly('web', 'fails');
    await tick('16:01');
    await end('web');
    await tick('16:02');
    expect(asked()).toEqual(['16:00 web save 480', '16:01 web stop 60', '16:02 db hibernate 480']);
    expect((await row()).lastRun).toMatchObject({ keeping: [idOf('db')], waiting: [], plain: [{ vmName: 'web' }] });
  });
});
