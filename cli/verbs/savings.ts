import type { Savings } from '../api.ts';
import { bar, sparkline } from '../bars.ts';
import type { Verb } from '../command-tree.ts';
import { csv } from '../csv.ts';
import { printValue } from '../output.ts';
import type { Paint } from '../paint.ts';
import type { CommonOptions, Session } from '../session.ts';
import { apportioned, joined } from '../sums.ts';
import { table } from '../table.ts';

const DAY_MS = 86_400_000;
const HOUR_SECONDS = 3_600;

/** More days than these are a line of one column each. */
const MOST_BARS = 62;
const BAR_WIDTH = 40;

interface Options extends CommonOptions {
  readonly by: string;
  readonly from?: string;
  readonly to?: string;
  readonly days?: number;
}

const rangeOf = ({ from, to, days }: Options): { from?: string; to?: string } => {
  const end = to === undefined ? {} : { to };
  if (from !== undefined) return { from, ...end };
  if (days === undefined) return end;
  return { from: new Date(Date.parse(to ?? new Date().toISOString()) - days * DAY_MS).toISOString(), ...end };
};

const read = async ({ client }: Session, options: Options): Promise<Savings> => {
  const query = { by: options.by, ...rangeOf(options) };
  const ask = (more: { cursor?: string }) => client.call('GET /v1/savings', { query: { ...query, ...more } });
  let page = await ask({});
  let all = page;
  while (page.cursor !== undefined) {
    page = await ask({ cursor: page.cursor });
    all = joined(all, page);
  }
  const { cursor: _, ...whole } = all;
  return whole;
};

const money = (cents: number): string => (cents / 100).toFixed(2);
const tenths = (value: number): string => (value / 10).toFixed(1);

/** Every day of the range, those without savings among them. */
const daysOf = ({ from, to, days }: Savings): Savings['days'] => {
  const known = new Map(days.map((day) => [day.day, day]));
  const all: Savings['days'][number][] = [];
  for (let at = Date.parse(`${from.slice(0, 10)}T00:00:00.000Z`); at < Date.parse(to); at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    all.push(known.get(day) ?? { day, seconds: 0, usd: 0, estimatedUsd: 0, unpricedSeconds: 0 });
  }
  return all;
};

const weekday = (day: string): string =>
  new Date(`${day}T12:00:00Z`).toLocaleDateString('en-GB', { weekday: 'short', timeZone: 'UTC' });

const chart = (paint: Paint, savings: Savings): string => {
  const days = daysOf(savings);
  const values = days.map(({ usd, seconds }) => (savings.total.usd > 0 ? usd : seconds));
  if (days.length > MOST_BARS) return `${days[0]?.day} ${paint('green', sparkline(values))} ${days.at(-1)?.day}\n`;
  const most = Math.max(1e-9, ...values);
  const cents = apportioned(
    days.map(({ usd }) => usd),
    0.01,
  );
  return days
    .map(({ day, seconds }, index) => {
      const drawn = bar((values[index] ?? 0) / most, BAR_WIDTH);
      const figures = `${(seconds / HOUR_SECONDS).toFixed(1).padStart(8)} h ${money(cents[index] ?? 0).padStart(9)} USD`;
      return `${weekday(day)} ${day}  ${paint('green', drawn)}${' '.repeat(BAR_WIDTH - drawn.length)}${figures}\n`;
    })
    .join('');
};

const titleOf = (by: string): string => (by.startsWith('tag:') ? by : by.toUpperCase());

const groupTable = (paint: Paint, { by, groups }: Savings): string => {
  const cents = apportioned(
    groups.map(({ usd }) => usd),
    0.01,
  );
  const hours = apportioned(
    groups.map(({ seconds }) => seconds / HOUR_SECONDS),
    0.1,
  );
  const rows = groups.map((group, index) => ({ ...group, cents: cents[index] ?? 0, tenths: hours[index] ?? 0 }));
  return table(
    [
      { title: titleOf(by), value: ({ name }) => name },
      { title: 'HOURS OFF', value: (row) => tenths(row.tenths), align: 'right' },
      { title: 'SAVED USD', value: (row) => money(row.cents), align: 'right' },
      {
        title: 'OF IT ESTIMATED',
        value: ({ estimatedUsd }) => (estimatedUsd > 0 ? estimatedUsd.toFixed(2) : undefined),
        align: 'right',
      },
    ],
    rows,
    (text) => paint('bold', text),
  );
};

const totalLines = ({ total: { seconds, usd, estimatedUsd, unpricedSeconds } }: Savings): string[] => [
  `Off by schedules ${tenths(Math.round((seconds / HOUR_SECONDS) * 10))} h: ${money(Math.round(usd * 100))} USD saved, disks apart.`,
  ...(estimatedUsd > 0 ? [`${estimatedUsd.toFixed(2)} USD of it is an estimate by the price book.`] : []),
  ...(unpricedSeconds > 0
    ? [`For ${(unpricedSeconds / HOUR_SECONDS).toFixed(1)} h no price is known: they count no money.`]
    : []),
];

const page = (paint: Paint, savings: Savings): string => {
  const { from, to, total } = savings;
  const heading = `${paint('bold', 'Saved by schedules')}, ${from.slice(0, 16)}Z to ${to.slice(0, 16)}Z, days of UTC`;
  if (total.seconds === 0) return `${heading}\n\nNothing was off because a schedule stopped it.\n`;
  return [heading, '', chart(paint, savings), groupTable(paint, savings), ...totalLines(savings), ''].join('\n');
};

const lines = ({ by, groups }: Savings): (string | number)[][] => [
  [by, 'name', 'seconds_off', 'saved_usd', 'estimated_usd', 'unpriced_seconds'],
  ...groups.map(({ key, name, seconds, usd, estimatedUsd, unpricedSeconds }) => [
    key,
    name,
    seconds,
    usd,
    estimatedUsd,
    unpricedSeconds,
  ]),
];

/** `schedule savings` */
export const showSavings: Verb<Options> = async (session, _words, options) => {
  const savings = await read(session, options);
  if (session.format === 'csv') session.io.stdout.write(csv(lines(savings)));
  else await printValue(session, savings, () => page(session.paint, savings));
  return undefined;
};
