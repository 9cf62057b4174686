import { readdirSync, readFileSync } from 'node:fs';

/** Resident memory of one process, minute by minute, as /proc tells it. */
export interface Weight {
  readonly name: string;
  readonly pid: string;
  readonly kib: number[];
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has just ended
  }
};

/** Weighs every process whose command line one of these patterns is in; a process that is new begins a row of its own. */
export const weigh = (known: Weight[], patterns: Readonly<Record<string, RegExp>>): void => {
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const line = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
    const name = Object.keys(patterns).find((each) => patterns[each]?.test(line));
    const kib = Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    if (!name || kib === 0) continue;
    const row = known.find((each) => each.pid === pid && each.name === name);
    if (row) row.kib.push(kib);
    else known.push({ name, pid, kib: [kib] });
  }
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** From the second quarter of its life to the last, in percent: the first is the warming up. */
export const growthOf = ({ kib }: Weight): number => {
  const quarter = Math.max(1, Math.floor(kib.length / 4));
  const early = mean(kib.slice(quarter, 2 * quarter));
  return kib.length < 4 ? 0 : (mean(kib.slice(-quarter)) / early - 1) * 100;
};
