import type { DayOff, TimeOff } from '../domain/time-off.ts';
import { partitionOf } from './project-keys.ts';
import * as table from './table.ts';

/** How long what was saved can be looked at: this year beside the last. */
const KEPT_DAYS = 800;

/** One row for each VM that is off by a schedule, of a project together. */
export const offEntity: table.Entity<TimeOff> = {
  name: 'time-off',
  key: ({ project, vmId }) => ({ pk: partitionOf(project, 'off'), sk: vmId }),
};

const monthOf = (project: string, day: string): string =>
  partitionOf(project, `saved#${day.slice(0, 'yyyy-mm'.length)}`);
const dayKey = ({ project, from, vmId, since }: Pick<DayOff, 'project' | 'from' | 'vmId' | 'since'>): table.Key => ({
  pk: monthOf(project, from),
  sk: `${from.slice(0, 'yyyy-mm-dd'.length)}#${vmId}#${since}`,
});

/** What is over: a row for a VM and day of UTC, the same however often it is written. */
export const dayEntity: table.Entity<DayOff> = {
  name: 'day-off',
  key: dayKey,
  expiresAt: ({ until }) => Math.floor(Date.parse(until) / 1000) + KEPT_DAYS * 86_400,
};

export const find = (project: string, vmId: string): Promise<TimeOff | undefined> =>
  table.get<TimeOff>({ pk: partitionOf(project, 'off'), sk: vmId });

/** Writes that a VM is off. One whose end is written already is not off again: its beginning came a second time. */
export const begin = async (off: TimeOff): Promise<void> => {
  const over = await table.get<DayOff>(dayKey({ ...off, from: off.since }));
  if (over === undefined) await table.save(table.put(offEntity, off));
};

/** The same, as it is known now. */
export const change = (off: TimeOff): Promise<void> => table.save(table.put(offEntity, off));

/** With the last of them the row that it is off goes; a transaction takes a hundred. */
const AT_ONCE = 90;

/** Writes that it is over. To be repeated where it dies: the row that it is off goes last. */
export const end = async (off: TimeOff, days: readonly DayOff[]): Promise<void> => {
  const writes = days.map((day) => table.put(dayEntity, day));
  while (writes.length > AT_ONCE) await table.transact(writes.splice(0, AT_ONCE));
  await table.transact([...writes, table.remove(offEntity.key(off))]);
};

/** One page of VMs that are off. */
export const page = (project: string, range: Pick<table.Range, 'limit' | 'after'>): Promise<table.Slice<TimeOff>> =>
  table.query<TimeOff>({ ...range, pk: partitionOf(project, 'off') });

/** One page of what is over of a month (`2026-11`) or a day (`2026-11-26`) of UTC. */
export const pageOf = (
  project: string,
  time: string,
  range: Pick<table.Range, 'limit' | 'after'>,
): Promise<table.Slice<DayOff>> => table.query<DayOff>({ ...range, pk: monthOf(project, time), prefix: time });

/** What is over of a day of UTC, of one VM. */
export const ofVm = (project: string, day: string, vmId: string): Promise<DayOff[]> =>
  Array.fromAsync(table.each<DayOff>({ pk: monthOf(project, day), prefix: `${day}#${vmId}#`, limit: 100 }));

/** Every VM of a project that is off. */
export const each = (project: string): AsyncGenerator<TimeOff> =>
  table.each<TimeOff>({ pk: partitionOf(project, 'off'), limit: 1000 });

/** All that is over of a day of UTC. */
export const eachOf = (project: string, day: string): AsyncGenerator<DayOff> =>
  table.each<DayOff>({ pk: monthOf(project, day), prefix: day, limit: 1000 });
