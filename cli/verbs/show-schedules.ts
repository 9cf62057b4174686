import type { Schedule } from '../api.ts';
import { vmReferences, windowReferences } from '../manifest/references.ts';
import { orderLines } from '../orders.ts';
import { printItems } from '../output.ts';
import { periodText } from '../periods.ts';
import type { Session } from '../session.ts';
import { sheet } from '../table.ts';
import { clock } from '../times.ts';
import { scheduleView } from '../views.ts';

const runText = ({ lastRun }: Schedule): string | undefined => {
  if (lastRun === undefined) return undefined;
  const { plannedAt, want, vms, begun, skipped, owed, because, readySeconds } = lastRun;
  if (skipped) return `${clock(plannedAt)} ${want} was missed, and left out (${because})`;
  const owing = owed.length > 0 ? `, ${owed.length} still to come` : '';
  const ready = readySeconds === undefined ? '' : `, ready after ${readySeconds} s`;
  return `${clock(plannedAt)} ${want}: ${vms} VMs, ${begun} operations${owing}${ready} (${because})`;
};

const earlyText = ({ early, starts = [] }: Schedule): string | undefined => {
  if (early === undefined || early === 'off') return undefined;
  return early === 'learned' ? `as its last starts took (${starts.length} seen)` : `${early} min`;
};

/** What a VM is called that is known by its id. */
type NameOf = (id: string) => string;

const troubles = ({ lastRun }: Schedule, nameOf: NameOf): [string, string][] => [
  ...(lastRun?.owed ?? []).map(({ vmId, detail }): [string, string] => ['Owed', `${nameOf(vmId)}: ${detail}`]),
  ...(lastRun?.plain ?? []).map(({ vmName, cause }): [string, string] => ['Memory not kept', `${vmName}: ${cause}`]),
  ...(lastRun?.late ?? []).map(({ vmName, cause }): [string, string] => ['Late', `${vmName}: ${cause}`]),
];

const targetsText = ({ targets: { vms = [], filter } }: Schedule, nameOf: NameOf): string =>
  [...vms.map(nameOf), ...(filter === undefined ? [] : [filter])].join(', ');

/** The names of its windows, where a person reads one schedule. */
const windowsIn = async (session: Session, schedules: readonly Schedule[]): Promise<readonly string[]> => {
  const [only] = schedules;
  if (session.format !== 'table' || schedules.length !== 1) return [];
  return windowReferences(session).names(only?.windows ?? []);
};

/** Names for the ids that a person would read: none are asked for where a program reads, or only a line of each is shown. */
const namesIn = async (session: Session, schedules: readonly Schedule[]): Promise<NameOf> => {
  const [only] = schedules;
  if (session.format !== 'table' || schedules.length !== 1 || only === undefined) return (id) => id;
  const { targets, order = [], lastRun } = only;
  const ids = [
    ...(targets.vms ?? []),
    ...order.flatMap(({ vms = [] }) => vms),
    ...(lastRun?.owed ?? []).map(({ vmId }) => vmId),
  ];
  const names = await vmReferences(session).names(ids);
  const known = new Map(ids.map((id, index) => [id, names[index]]));
  return (id) => known.get(id) ?? id;
};

/** Shows schedules: one as a sheet, VMs by their names, several as lines. */
export const print = async (session: Session, schedules: readonly Schedule[]): Promise<void> => {
  const nameOf = await namesIn(session, schedules);
  const windows = await windowsIn(session, schedules);
  return printItems(session, scheduleView(), schedules, (schedule) =>
    sheet(
      [
        ['Name', schedule.name],
        ['Id', schedule.id],
        ['For', schedule.description],
        ['Enabled', schedule.enabled ? 'yes' : 'no'],
        ['VMs', targetsText(schedule, nameOf)],
        ['Zone', schedule.timeZone],
        ...schedule.periods.map((period): [string, string] => ['Period', periodText(period)]),
        ...schedule.closures.map(({ from, to, note }): [string, string] => [
          'Closed',
          `${from}${to === undefined ? '' : `..${to}`}${note === undefined ? '' : ` ${note}`}`,
        ]),
        ...(schedule.calendars ?? []).map((id): [string, string] => ['Calendar', id]),
        ...windows.map((name): [string, string] => ['Window', name]),
        ...orderLines(schedule.order, schedule.lastRun?.waiting, nameOf).map((line): [string, string] => [
          'Order',
          line,
        ]),
        ...schedule.overrides.map(({ want, from, until, by, note }): [string, string] => [
          'Override',
          `${want} from ${clock(from)} until ${clock(until)} by ${by}${note === undefined ? '' : `: ${note}`}`,
        ]),
        ['Missed times', schedule.missed],
        ['Priority', String(schedule.priority)],
        ['Grace', `${schedule.graceMinutes} min`],
        ['Stop mode', schedule.stopMode],
        ['Digest', schedule.digest],
        ['Begun early', earlyText(schedule)],
        ['Next look', schedule.nextAt && clock(schedule.nextAt)],
        ['Last time', runText(schedule)],
        ...troubles(schedule, nameOf),
      ],
      (text) => session.paint('bold', text),
    ),
  );
};
