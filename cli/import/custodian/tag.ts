/** Tags of Cloud Custodian's offhours filters, read as they read them (`c7n/filters/offhours.py`). */

/** What the two policies, offhour and onhour, say of tags that leave something out. */
export interface Policy {
  readonly zone: string;
  readonly onhour: number;
  readonly offhour: number;
  readonly weekends: boolean;
  readonly weekendsOnly: boolean;
}

/** Days, 0 is Monday, and the hour of them at which something is done. */
export interface Hour {
  readonly days: readonly number[];
  readonly hour: number;
}

/** What becomes of a VM with such a tag; a side of which the filter makes nothing is left alone. */
export interface Reading {
  readonly on: Side;
  readonly off: Side;
}
type Side = { readonly zone: string; readonly hours: readonly Hour[] } | { readonly unread: string };

const ESCAPED = ['(', ')', '[', ']', ',', ';', '=', '/', '-'];

/** Lower case, without the escapes of services that allow fewer characters, and without quotes around it. */
const plainOf = (value: string): string =>
  ESCAPED.reduce((text, char) => text.replaceAll(`u${char.charCodeAt(0).toString(16)}`, char), value.toLowerCase())
    .replace(/^'+|'+$/g, '')
    .replace(/^"+|"+$/g, '');

/** `key=value` between semicolons or blanks; what is none is passed over. */
const pairsOf = (value: string): Map<string, string> =>
  new Map(
    value
      .split(/[ ;]/)
      .map((piece) => piece.split('='))
      .flatMap(([key = '', text, ...more]) => (text === undefined || more.length > 0 ? [] : [[key, text] as const])),
  );

const DAYS = ['m', 't', 'w', 'h', 'f', 's', 'u'];
const WEEK = [0, 1, 2, 3, 4, 5, 6];

const daysOf = (text: string): number[] | undefined => {
  if (DAYS.includes(text)) return [DAYS.indexOf(text)];
  const [from, to, ...more] = text
    .split('-')
    .filter((day) => DAYS.includes(day))
    .map((day) => DAYS.indexOf(day));
  if (from === undefined || to === undefined || more.length > 0) return undefined;
  return from <= to ? WEEK.slice(from, to + 1) : [...WEEK.slice(from), ...WEEK.slice(0, to + 1)];
};

const hourOf = (text: string): Hour | undefined => {
  const [which = '', hour = '', ...more] = text.replace(/[()]/g, '').split(',');
  const days = daysOf(which);
  return days && /^\d+$/.test(hour) && Number(hour) < 24 && more.length === 0
    ? { days, hour: Number(hour) }
    : undefined;
};

/** `(m-f,18)`, `[(m-f,21),(u,18)]` */
const hoursOf = (text: string): Hour[] | undefined => {
  const hours = text.replace(/[[\]]/g, '').split(',(').map(hourOf);
  return hours.every((hour) => hour !== undefined) ? hours : undefined;
};

/** All of a tag that says times; it must be pairs and nothing else, and one that cannot be read spoils the others. */
const timesOf = (value: string): Map<string, readonly Hour[] | string> | undefined => {
  const times = new Map<string, readonly Hour[] | string>();
  for (const piece of value.split(';')) {
    const [key = '', text, ...more] = piece.split('=');
    if (text === undefined || more.length > 0) return undefined;
    const read = key === 'tz' ? text : hoursOf(text);
    if (read === undefined) return undefined;
    times.set(key, read);
  }
  return times;
};

const usually = (type: 'on' | 'off', { onhour, offhour, weekends, weekendsOnly }: Policy): Hour[] => {
  const [hour, alone] = type === 'on' ? [onhour, 0] : [offhour, 4];
  if (weekendsOnly) return [{ days: [alone], hour }];
  return [{ days: weekends ? WEEK.slice(0, 5) : WEEK, hour }];
};

const sideOf = (type: 'on' | 'off', value: string, policy: Policy): Side => {
  const pairs = pairsOf(value);
  if ([...pairs.keys()].some((key) => !['on', 'off', 'tz'].includes(key)))
    return { unread: 'another key than on, off, tz' };
  if (!pairs.has(type)) return { zone: pairs.get('tz') ?? policy.zone, hours: usually(type, policy) };
  const times = timesOf(value);
  if (times === undefined) return { unread: 'times that are none' };
  const [zone, hours] = [times.get('tz'), times.get(type)];
  return {
    zone: typeof zone === 'string' && zone !== '' ? zone : policy.zone,
    hours: typeof hours === 'object' ? hours : [],
  };
};

/** Reads a tag's value; nothing where it opts its VM out. */
export const readTag = (value: string, policy: Policy): Reading | undefined => {
  const plain = plainOf(value);
  if (plain === 'off') return undefined;
  const pieces = plain
    .split(';')
    .filter((piece) => piece !== '')
    .join(';');
  return { on: sideOf('on', pieces, policy), off: sideOf('off', pieces, policy) };
};
