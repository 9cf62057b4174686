import type { Schedule, SchedulePreview } from '../api.ts';
import type { Verb } from '../command-tree.ts';
import { openingText, partsOf } from '../openings.ts';
import { printValue } from '../output.ts';
import type { Paint } from '../paint.ts';
import { findSchedule } from '../resolve.ts';
import type { CommonOptions } from '../session.ts';
import { table } from '../table.ts';

const HOUR_MS = 3_600_000;
const STEP_MS = HOUR_MS / 2;

type Want = 'up' | 'down' | undefined;

/** What is wanted at a moment, by the times before it. */
const wantedAt = ({ now, times }: SchedulePreview, at: number): Want =>
  times.findLast((each) => Date.parse(each.at) <= at)?.want ?? now?.want;

/** A half hour: what is wanted in it, and whether a window is open. */
interface Cell {
  readonly want?: Want;
  readonly isOpen?: boolean;
}

const cellAt = (preview: SchedulePreview, at: number): Cell => ({
  want: wantedAt(preview, at),
  isOpen: preview.windows.some(({ from, until }) => Date.parse(from) < at + STEP_MS && at < Date.parse(until)),
});

interface Row {
  readonly day: string;
  readonly cells: Cell[];
}

/** A row a day of the schedule's zone, a cell each half hour: a day on which clocks change is longer or shorter, as it is. */
const rowsOf = (preview: SchedulePreview, timeZone: string): Row[] => {
  const parts = partsOf(timeZone);
  const rows: Row[] = [];
  for (let at = Date.parse(preview.from); at < Date.parse(preview.to); at += STEP_MS) {
    const { day, time } = parts(at);
    const last = rows.at(-1);
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    // The first day begins where the preview does.
    if (last?.day !== day)
      rows.push({ day, cells: rows.length === 0 ? Array(hours * 2 + Math.floor(minutes / 30)).fill({}) : [] });
    rows.at(-1)?.cells.push(cellAt(preview, at));
  }
  return rows;
};

const OPEN = '▒';

const cellOf = (paint: Paint, { want, isOpen }: Cell): string => {
  if (isOpen) return paint('yellow', OPEN);
  if (want === undefined) return ' ';
  return want === 'up' ? paint('green', '█') : paint('dim', '·');
};

/** A column each half hour, a figure each three hours. */
const SCALE = [0, 3, 6, 9, 12, 15, 18, 21].map((hour) => String(hour).padEnd(6)).join('');

const upHours = (cells: readonly Cell[]): string =>
  `${(cells.filter(({ want }) => want === 'up').length / 2).toFixed(1).padStart(5)} h`;

const chart = (paint: Paint, preview: SchedulePreview, { timeZone }: Schedule): string => {
  const rows = rowsOf(preview, timeZone);
  const lines = rows.map(({ day, cells }) => {
    const bar = cells.map((cell) => cellOf(paint, cell)).join('');
    return `${day}  ${bar}${' '.repeat(Math.max(0, SCALE.length - cells.length))}${upHours(cells)}`;
  });
  return [`${' '.repeat(rows[0]?.day.length ?? 0)}  ${paint('dim', SCALE)}`, ...lines, ''].join('\n');
};

const usd = (value: number | null): string => (value === null ? 'unknown' : `${value.toFixed(2)} USD`);

const vmTable = (paint: Paint, { vms }: SchedulePreview): string =>
  vms.length === 0
    ? 'It covers no VM now.\n'
    : table(
        [
          { title: 'VM', value: ({ name }) => name },
          { title: 'PRICE/H', value: ({ price }) => price.hourlyUsd ?? undefined, align: 'right' },
          { title: 'PRICE IS', value: ({ price }) => price.kind },
          { title: 'SAVES', value: ({ savesUsd }) => usd(savesUsd), align: 'right' },
          { title: 'BEHIND IT', value: ({ behind }) => behind.map(({ name }) => name).join(', ') },
        ],
        vms,
        (text) => paint('bold', text),
      );

const closedLines = ({ closed }: SchedulePreview): string[] =>
  closed.map(({ date, because }) => `${date} closed: ${because}`);

/** So many VMs are named in a line, and the others counted. */
const NAMED = 5;

const namesOf = (vms: SchedulePreview['vms']): string => {
  const more = vms.length > NAMED ? ` and ${vms.length - NAMED} more` : '';
  return `${vms
    .slice(0, NAMED)
    .map(({ name }) => name)
    .join(', ')}${more}`;
};

/** When each window is open first, and whom it keeps up. */
const windowLines = (paint: Paint, { windows, vms }: SchedulePreview, { timeZone }: Schedule): string[] =>
  [...Map.groupBy(windows, ({ name }) => name)].map(([name, openings]) => {
    const [first, ...more] = openings.map((opening) => openingText(opening, timeZone));
    const often = more.length === 0 ? '' : `, and ${more.length} more`;
    const whom = vms.length === 0 ? '' : ` keeps ${namesOf(vms)} up`;
    return `${paint('yellow', OPEN)} window ${name}${whom}: ${first}${often}`;
  });

const heldLines = ({ held }: SchedulePreview): string[] =>
  held.map(({ name, by }) => `${name} is covered too, and obeys ${by.name} (priority ${by.priority}).`);

/** The VMs of a node. */
const nodeOf = ({ vms }: SchedulePreview, node: string): string =>
  vms
    .filter((vm) => vm.node === node)
    .map(({ name }) => name)
    .join(', ') || 'no VM now';

/** Its order, as it comes up. */
const orderTexts = (preview: SchedulePreview, { order = [] }: Schedule): string[] =>
  order.map(({ name, after = [] }) => {
    const behind = after.length === 0 ? 'first' : `after ${after.join(', ')}`;
    return `Up ${behind}: ${name} (${nodeOf(preview, name)})`;
  });

const earlyLines = ({ early }: SchedulePreview, { early: said }: Schedule): string[] => {
  if (!early) return said === 'learned' ? ['Begun at its time: no start has been seen yet from which to learn.'] : [];
  const why = said === 'learned' ? `, learned from ${early.starts} start${early.starts === 1 ? '' : 's'}` : '';
  return [`Begun ${early.minutes} min before its time${why}, to be ready at it.`];
};

/** Where memory is to be kept: those of which it cannot be. */
const plainLines = ({ vms }: SchedulePreview): string[] =>
  vms.flatMap(({ name, lack }) =>
    lack === undefined ? [] : [`${name} is stopped without keeping its memory: ${lack}.`],
  );

const page = (paint: Paint, preview: SchedulePreview, schedule: Schedule): string => {
  const days = Math.round((Date.parse(preview.to) - Date.parse(preview.from)) / (24 * HOUR_MS));
  return [
    `${paint('bold', schedule.name)}, ${days} days, ${schedule.timeZone}`,
    '',
    chart(paint, preview, schedule),
    vmTable(paint, preview),
    ...orderTexts(preview, schedule),
    ...earlyLines(preview, schedule),
    ...windowLines(paint, preview, schedule),
    ...closedLines(preview),
    ...heldLines(preview),
    ...plainLines(preview),
    `Up ${preview.hoursUp} h, off ${preview.hoursDown} h: ${usd(preview.savesUsd)} less than always on, disks apart.`,
    '',
  ].join('\n');
};

/** `schedule preview` */
export const previewSchedule: Verb<CommonOptions & { readonly days?: number; readonly from?: string }> = async (
  session,
  [word = ''],
  { days, from },
) => {
  const schedule = await findSchedule(session, word);
  const preview = await session.client.call('GET /v1/schedules/{id}/preview', {
    path: { id: schedule.id },
    query: { ...(days === undefined ? {} : { days }), ...(from === undefined ? {} : { from }) },
  });
  await printValue(session, preview, () => page(session.paint, preview, schedule), schedule.name);
  return undefined;
};
