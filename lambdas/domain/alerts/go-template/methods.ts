import { byBytes } from '../go-text.ts';
import { type Callable, callable } from './callable.ts';
import { Misuse } from './error.ts';
import { civilOf, durationText, monthName, timeIn, timeText, weekdayName } from './times.ts';
import {
  type Int,
  int,
  type Kv,
  kv,
  type Slice,
  type Struct,
  strings,
  struct,
  type Time,
  type Value,
} from './values.ts';

/** The methods of what Alertmanager gives to templates (template/template.go of 0.25), and of Go's times and durations. */

type Methods = ReadonlyMap<string, Callable>;

const NONE: Methods = new Map();

/** Pairs by name, the name of the alert first. */
const sorted = (of: Kv): [string, string][] =>
  Array.from(of.entries).sort(([a], [b]) => {
    if ((a === 'alertname') !== (b === 'alertname')) return a === 'alertname' ? -1 : 1;
    return byBytes(a, b);
  });

const pair = ([name, value]: readonly [string, string]): Struct =>
  struct('template.Pair', [
    ['Name', name],
    ['Value', value],
  ]);

// What a callable is given has been checked against what it takes.
const itemsOf = (value: Value): readonly Value[] => (value as Slice).items;
const textsOf = (value: Value): readonly string[] => itemsOf(value) as readonly string[];

const ofKv = (of: Kv): Methods =>
  new Map([
    ['SortedPairs', callable([], () => ({ kind: 'slice', type: 'template.Pairs', items: sorted(of).map(pair) }))],
    ['Names', callable([], () => strings(sorted(of).map(([name]) => name)))],
    ['Values', callable([], () => strings(sorted(of).map(([, value]) => value)))],
    [
      'Remove',
      callable(['[]string'], (names) => kv(Array.from(of.entries).filter(([name]) => !textsOf(names).includes(name)))),
    ],
  ]);

const fieldOf = (item: Value, name: string): Value =>
  typeof item === 'object' && item.kind === 'struct' ? item.fields.get(name) : undefined;

const column = (of: Slice, name: string): Slice => ({
  kind: 'slice',
  type: '[]string',
  items: of.items.map((item) => fieldOf(item, name)),
});

const having = (of: Slice, status: string): Slice => ({
  kind: 'slice',
  type: '[]template.Alert',
  items: of.items.filter((item) => fieldOf(item, 'Status') === status),
});

const ofSlice = (of: Slice): Methods => {
  if (of.type === 'template.Pairs')
    return new Map([
      ['Names', callable([], () => column(of, 'Name'))],
      ['Values', callable([], () => column(of, 'Value'))],
    ]);
  if (of.type !== 'template.Alerts') return NONE;
  return new Map([
    ['Firing', callable([], () => having(of, 'firing'))],
    ['Resolved', callable([], () => having(of, 'resolved'))],
  ]);
};

const NS = { hour: 3_600_000_000_000n, minute: 60_000_000_000n, second: 1_000_000_000n };

const whole = (value: Value): bigint => (value as Int).value;

const down = (value: bigint, step: bigint): bigint => (step <= 0n ? value : value - (value % step));

/** To the nearest multiple; from halfway on, away from zero. */
const nearest = (value: bigint, step: bigint): bigint => {
  if (step <= 0n) return value;
  const rest = value % step;
  const size = rest < 0n ? -rest : rest;
  if (size * 2n < step) return value - rest;
  return value < 0n ? value - rest - step : value - rest + step;
};

const duration = (value: bigint): Int => int(value, 'time.Duration');

const ofDuration = ({ value }: Int): Methods =>
  new Map([
    ['String', callable([], () => durationText(value))],
    ['Hours', callable([], () => Number(value / NS.hour) + Number(value % NS.hour) / Number(NS.hour))],
    ['Minutes', callable([], () => Number(value / NS.minute) + Number(value % NS.minute) / Number(NS.minute))],
    ['Seconds', callable([], () => Number(value / NS.second) + Number(value % NS.second) / Number(NS.second))],
    ['Milliseconds', callable([], () => int(value / 1_000_000n, 'int64'))],
    ['Microseconds', callable([], () => int(value / 1_000n, 'int64'))],
    ['Nanoseconds', callable([], () => int(value, 'int64'))],
    ['Truncate', callable(['time.Duration'], (step) => duration(down(value, whole(step))))],
    ['Round', callable(['time.Duration'], (step) => duration(nearest(value, whole(step))))],
    ['Abs', callable([], () => duration(value < 0n ? -value : value))],
  ]);

const ofInt = (of: Int): Methods => {
  switch (of.type) {
    case 'time.Duration':
      return ofDuration(of);
    case 'time.Month':
      return new Map([['String', callable([], () => monthName(of.value))]]);
    case 'time.Weekday':
      return new Map([['String', callable([], () => weekdayName(of.value))]]);
    default:
      return NONE;
  }
};

const moment = (ns: bigint): Time => ({ kind: 'time', ns });
const nsOf = (value: Value): bigint => (value as Time).ns;

/** Go's zero of time, 1 January of the year 1, in nanoseconds before the epoch. */
const YEAR_ONE_NS = -62_135_596_800_000_000_000n;

/** What lies between, as far as a duration goes. */
const between = (ns: bigint): Int => {
  const most = 2n ** 63n - 1n;
  if (ns > most) return duration(most);
  return duration(ns < -most - 1n ? -most - 1n : ns);
};

const later = (ns: bigint, years: Value, months: Value, days: Value): Time => {
  const { year, month, day } = civilOf(ns);
  const date = new Date(0);
  date.setUTCFullYear(year + Number(whole(years)), month - 1 + Number(whole(months)), day + Number(whole(days)));
  if (Number.isNaN(date.getTime())) throw new Misuse('the year is out of range');
  const ofDay = ((ns % (24n * NS.hour)) + 24n * NS.hour) % (24n * NS.hour);
  return moment(BigInt(date.getTime()) * 1_000_000n + ofDay);
};

const PARTS = ['year', 'day', 'hour', 'minute', 'second', 'nanosecond', 'yearDay'] as const;

const partsOf = (ns: bigint): [string, Callable][] =>
  PARTS.map((part) => [`${part[0]?.toUpperCase()}${part.slice(1)}`, callable([], () => int(civilOf(ns)[part]))]);

const ofTime = ({ ns }: Time): Methods =>
  new Map<string, Callable>([
    ...partsOf(ns),
    ['Month', callable([], () => int(civilOf(ns).month, 'time.Month'))],
    ['Weekday', callable([], () => int(civilOf(ns).weekday, 'time.Weekday'))],
    ['Format', callable(['string'], (layout) => timeIn(String(layout), ns))],
    ['String', callable([], () => timeText(ns))],
    [
      'Unix',
      callable([], () => int(down(ns, NS.second) / NS.second - (ns < 0n && ns % NS.second !== 0n ? 1n : 0n), 'int64')),
    ],
    ['UnixMilli', callable([], () => int(ns / 1_000_000n, 'int64'))],
    ['UnixMicro', callable([], () => int(ns / 1_000n, 'int64'))],
    ['UnixNano', callable([], () => int(ns, 'int64'))],
    ['UTC', callable([], () => moment(ns))],
    ['Local', callable([], () => moment(ns))],
    ['IsZero', callable([], () => ns === YEAR_ONE_NS)],
    ['Add', callable(['time.Duration'], (by) => moment(ns + whole(by)))],
    ['AddDate', callable(['int', 'int', 'int'], (years, months, days) => later(ns, years, months, days))],
    ['Sub', callable(['time.Time'], (other) => between(ns - nsOf(other)))],
    ['After', callable(['time.Time'], (other) => ns > nsOf(other))],
    ['Before', callable(['time.Time'], (other) => ns < nsOf(other))],
    ['Equal', callable(['time.Time'], (other) => ns === nsOf(other))],
    ['Truncate', callable(['time.Duration'], (step) => moment(YEAR_ONE_NS + down(ns - YEAR_ONE_NS, whole(step))))],
    ['Round', callable(['time.Duration'], (step) => moment(YEAR_ONE_NS + nearest(ns - YEAR_ONE_NS, whole(step))))],
  ]);

const methodsOf = (value: Value): Methods => {
  if (typeof value !== 'object') return NONE;
  switch (value.kind) {
    case 'kv':
      return ofKv(value);
    case 'slice':
      return ofSlice(value);
    case 'int':
      return ofInt(value);
    case 'time':
      return ofTime(value);
    default:
      return NONE;
  }
};

/** The method of a value that has this name. */
export const methodOf = (value: Value, name: string): Callable | undefined => methodsOf(value).get(name);
