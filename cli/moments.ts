import { InvalidArgumentError } from 'commander';
import { secondsOf } from './times.ts';

const WEEK = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MS = 86_400_000;

/** The next time that this machine's clock shows it, on this weekday where one is said. */
const comingTime = (now: Date, time: string, weekday: string | undefined): Date | undefined => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  if (hours > 23 || minutes > 59) return undefined;
  for (let days = 0; days <= 7; days += 1) {
    const day = new Date(now.getTime() + days * DAY_MS);
    const at = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hours, minutes);
    if (at > now && (weekday === undefined || WEEK[at.getDay()] === weekday)) return at;
  }
  return undefined;
};

/** A moment to come, of `4h`, `20:00`, `fri 20:00`, `2026-11-27T20:00` (this machine's time) or an instant with its zone. */
export const momentOf = (text: string, now: Date): string | undefined => {
  const seconds = /[smhd]$/.test(text) ? secondsOf(text) : undefined;
  if (seconds !== undefined) return new Date(now.getTime() + seconds * 1000).toISOString();
  const [, weekday, time] = /^(?:(mon|tue|wed|thu|fri|sat|sun) )?(\d\d?:\d\d)$/.exec(text.trim().toLowerCase()) ?? [];
  if (time !== undefined) return comingTime(now, time, weekday)?.toISOString();
  const at = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? new Date(text.replace(' ', 'T')) : new Date(Number.NaN);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
};

/** A moment of an option. */
export const moment = (text: string): string => {
  const at = momentOf(text, new Date());
  if (at !== undefined) return at;
  throw new InvalidArgumentError(
    'It is a moment such as 4h, 20:00, "fri 20:00", 2026-11-27T20:00 or 2026-11-27T19:00Z.',
  );
};

/** A moment of an option that may lie behind: a day of UTC, as savings are counted by, or as `moment` has them. */
export const past = (text: string): string => {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00.000Z`) : new Date(Number.NaN);
  if (Number.isNaN(day.getTime())) return moment(text);
  return day.toISOString();
};
