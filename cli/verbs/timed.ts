import type { NewSchedule } from '../api.ts';
import { UsageError } from '../exit-codes.ts';
import { findAll, findCalendar, findVm } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';

/** What is typed of a schedule's or a window's VMs and times. */
export interface TimedOptions extends CommonOptions {
  readonly vm?: readonly string[];
  readonly filter?: readonly string[];
  readonly zone?: string;
  readonly period?: NewSchedule['periods'];
  readonly closed?: NewSchedule['closures'];
  readonly calendar?: readonly string[];
  readonly calendars?: boolean;
  readonly description?: string;
  readonly name?: string;
}

type Timed = Partial<
  Pick<NewSchedule, 'name' | 'targets' | 'timeZone' | 'periods' | 'closures' | 'calendars' | 'description'>
>;

const targetsOf = async (session: Session, { vm, filter }: TimedOptions): Promise<Timed['targets']> => {
  if (vm === undefined && filter === undefined) return undefined;
  const vms = vm && (await findAll(vm, (word) => findVm(session, word))).map(({ id }) => id);
  return { ...(vms ? { vms } : {}), ...(filter ? { filter: filter.join('&') } : {}) };
};

/** Their ids; none where it is to refer to none, undefined where nothing is said of them. */
const calendarsOf = async (session: Session, { calendar, calendars }: TimedOptions): Promise<string[] | undefined> => {
  if (calendars === false) return [];
  return calendar && (await findAll(calendar, (word) => findCalendar(session, word))).map(({ id }) => id);
};

type Said<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** What was said, without what was not. */
export const said = <T extends object>(fields: T): Said<T> =>
  // Only entries of the object itself are kept.
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Said<T>;

/** What is said of VMs and times where one is made or changed. */
export const timedFieldsOf = async (session: Session, options: TimedOptions): Promise<Timed> => {
  const { zone, period, closed, description, name } = options;
  return said({
    name,
    targets: await targetsOf(session, options),
    timeZone: zone,
    periods: period,
    closures: closed,
    calendars: await calendarsOf(session, options),
    description,
  });
};

/** What one that is made cannot do without; its zone is this machine's where none is said. @throws UsageError */
export const needed = (
  { targets, periods, timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone }: Timed,
  example: string,
): Required<Pick<NewSchedule, 'targets' | 'periods' | 'timeZone'>> => {
  if (!targets) throw new UsageError('Say which VMs: --vm <vm>, --filter <terms>, or both.');
  if (!periods) throw new UsageError(`Say when: --period "${example}".`);
  return { targets, periods, timeZone };
};
