import type { Window } from './api.ts';

/** Openings of windows, on the clocks of their own zone. */

/** The day and the time that it is on clocks of a zone. */
export const partsOf = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at: number) => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return { day: `${part.weekday} ${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}` };
  };
};

/** `Sun 2026-11-29 02:00-04:00`; where it closes on another day, `Sat 2026-11-28 23:00 - Sun 2026-11-29 02:00`. */
export const openingText = ({ from, until }: Window['next'][number], timeZone: string): string => {
  const parts = partsOf(timeZone);
  const [begin, end] = [parts(Date.parse(from)), parts(Date.parse(until))];
  if (begin.day === end.day) return `${begin.day} ${begin.time}-${end.time}`;
  return `${begin.day} ${begin.time} - ${end.day} ${end.time}`;
};

/** `until 04:00`, on its own clocks; with the day where it closes on another one. */
export const openText = ({ open, until, timeZone }: Window, now: number): string => {
  if (!open) return 'no';
  if (until === undefined) return 'always';
  const parts = partsOf(timeZone);
  const end = parts(Date.parse(until));
  return `until ${end.day === parts(now).day ? '' : `${end.day} `}${end.time}`;
};
