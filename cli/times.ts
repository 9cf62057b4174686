const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** How long ago, in its largest unit (`4 m`, `3 d`), as a table shows it. */
export const ago = (instant: string | undefined, nowMillis: number): string | undefined => {
  if (instant === undefined) return undefined;
  const seconds = Math.max(0, Math.floor((nowMillis - Date.parse(instant)) / 1000));
  const [size, unit] = UNITS.find(([size]) => seconds >= size) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
};

/** A span between two instants: `0.4 s`, `12 s`, `3 min 5 s`. */
export const span = (from: string, to: string): string => {
  const seconds = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
};

/** `2026-11-25 14:30:02` in the reader's time zone. */
export const clock = (instant: string): string => {
  const at = new Date(instant);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
};

/** `14:30:02`, local. */
export const timeOfDay = (instant: string): string => clock(instant).slice(11);

const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90`, `90s`, `5m`, `1h30m`, `7d`; undefined where it is none. */
export const secondsOf = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+[smhd])+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)([smhd])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS_OF[unit ?? 's'] ?? 1),
    0,
  );
};
