import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NO_HOLIDAYS } from '../../lambdas/domain/holidays.ts';
import { lookedAtNext } from '../../lambdas/domain/schedule-due.ts';
import { handler } from '../../lambdas/schedules/run-schedules.ts';
import * as schedules from '../../lambdas/store/schedules.ts';
import { insertSchedule, insertVm, newSchedule, newVm } from '../support/api.ts';
import { leaves } from '../support/audited.ts';
import { endOpen } from '../support/ending.ts';
import { StateTable } from '../support/state-table.ts';

/** Rows that are read while the VMs of a node come one by one, each told of by two events, as the stream tells of them. */

const bus = mockClient(EventBridgeClient);
let state: StateTable;
let rows = 0;
beforeEach(() => {
  leaves('ScheduleOverdue', 'AllocationDiffers');
  bus.reset();
  bus.on(PutEventsCommand).resolves({ Entries: [{}] });
  vi.useFakeTimers({ toFake: ['Date'] });
  state = new StateTable();
  rows = 0;
  const [query, read] = [state.query.bind(state), state.read.bind(state)];
  state.query = (input) => {
    const page = query(input);
    rows += page.Items.length;
    return page;
  };
  state.read = (key) => {
    rows += 1;
    return read(key);
  };
});
afterEach(() => {
  vi.useRealTimers();
});

/** Rows read by what is woken, and not by what ends the operations. */
const wokenBy = async (event: object): Promise<number> => {
  const before = rows;
  await handler(event);
  state.mock.resetHistory();
  return rows - before;
};

const furnish = async (count: number): Promise<void> => {
  for (let index = 0; index <= count; index += 1) {
    const id = `vm-${String(index).padStart(16, '0')}`;
    const tier = index === count ? 'web' : 'db';
    await insertVm(
      newVm({ id, name: `vm-${index}`, tags: { app: 'shop', tier }, state: 'stopped', desired: 'stopped' }),
    );
  }
  const order = [
    { name: 'db', filter: 'tag:tier=db' },
    { name: 'web', filter: 'tag:tier=web', after: ['db'] },
  ];
  const row = newSchedule({ ranThrough: '2026-10-17T00:00:00.000Z', createdAt: '2026-10-17T00:00:00.000Z', order });
  await insertSchedule(lookedAtNext({ ...row, holidays: NO_HOLIDAYS, windowTimes: [] }, Date.parse(row.ranThrough)));
};

it.each([100, 1_000])(
  '%d VMs that come one by one are not read again and again',
  { timeout: 600_000 },
  async (count) => {
    await furnish(count);
    vi.setSystemTime('2026-10-19T07:00:00.000Z');
    await handler();
    const begun = state.of('operation').map(({ vmId }) => String(vmId));
    expect(begun).toHaveLength(count);
    let read = 0;
    let most = 0;
    for (const [index, vmId] of begun.entries()) {
      vi.setSystemTime(Date.parse('2026-10-19T07:00:05.000Z') + index * 10);
      await endOpen((operation) => operation.vmId === vmId);
      for (const source of ['novacron.vm', 'novacron.operation']) {
        const woken = await wokenBy({ source, detail: { project: 'default', vmId } });
        most = Math.max(most, woken);
        read += woken;
      }
    }
    const { lastRun } = await schedules.get('default', newSchedule().id);
    expect(lastRun).toMatchObject({ waiting: [], begun: count + 1 });
    // Of the schedule's row one each; of VMs about ln n times all of them, where all each time was 2 n².
    expect(read - 2 * count).toBeLessThan(2 * count * Math.log(count));
    console.log(`${count} VMs: ${read} rows read by ${2 * count} events, at most ${most} by one`);
  },
);
