import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { secondsOf } from './times.ts';

/** Readers of option values. What they refuse is wrong use: exit code 2, with the usage line. */

/** A whole number within bounds. */
export const whole =
  (least: number, most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
    throw new InvalidArgumentError(`It is a whole number, ${range}.`);
  };

/** Any number. */
export const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It is a number.');
};

/** `3/5`: so many of so many. */
export const fraction = (text: string): { readonly breaching: number; readonly of: number } => {
  const [, breaching, of] = /^(\d{1,2})\/(\d{1,2})$/.exec(text) ?? [];
  if (breaching !== undefined && of !== undefined) return { breaching: Number(breaching), of: Number(of) };
  throw new InvalidArgumentError('It is written as 3/5: three of the last five.');
};

/** A whole number, below zero too. */
export const integer = (text: string): number => {
  if (/^-?\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number.');
};

/** A whole number, or `none` for no bound. */
export const bound =
  (least: number) =>
  (text: string): number | 'none' =>
    text === 'none' ? text : whole(least)(text);

/** `90`, `90s`, `5m`, `1h30m`, `7d` as seconds. */
export const duration = (text: string): number => {
  const seconds = secondsOf(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError('It is a time such as 90s, 5m, 1h30m or 7d.');
};

/** Collects `key=value`, option after option. */
export const pair = (text: string, before: Record<string, string> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is written key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};

/** Collects a repeatable option, which may also hold several values with commas between. */
export const list = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
];

/** Collects a repeatable option as it is. */
export const each = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** The text itself, or with `@path` what the file holds (`@-`: standard input). */
export const textOrFile = (text: string): string => {
  if (!text.startsWith('@')) return text;
  const path = text.slice(1);
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw new InvalidArgumentError(
      `${path} cannot be read${error instanceof Error && 'code' in error ? ` (${error.code})` : ''}.`,
    );
  }
};

/** Collects texts or files, option after option; a file may hold several lines, each one value. */
export const linesOrFile = (text: string, before: readonly string[] = []): string[] => [
  ...before,
  ...textOrFile(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#')),
];

const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** A name as NovaCron mints them. */
export const name = (text: string): string => {
  if (NAME.test(text)) return text;
  throw new InvalidArgumentError('A name is 1 to 63 characters of a-z, 0-9 and -, beginning with a letter.');
};

const VOLUME_TYPES = ['gp3', 'gp2', 'io1', 'io2', 'st1', 'sc1'] as const;

export interface Volume {
  readonly device: string;
  readonly sizeGiB: number;
  readonly type: (typeof VOLUME_TYPES)[number];
}

/** `device=/dev/sdf,size=20,type=gp3`: one more EBS volume; collects option after option. */
export const volume = (text: string, before: readonly Volume[] = []): Volume[] => {
  const fields = new Map(
    text.split(',').map((part): [string, string] => [part.split('=')[0] ?? '', part.replace(/^[^=]*=?/, '')]),
  );
  const type = VOLUME_TYPES.find((each) => each === (fields.get('type') ?? 'gp3'));
  const device = fields.get('device');
  const size = fields.get('size') ?? '';
  if (device && type && /^\d+$/.test(size)) return [...before, { device, sizeGiB: Number(size), type }];
  throw new InvalidArgumentError(
    `It is written device=/dev/sdf,size=20,type=gp3 (size in GiB; types ${VOLUME_TYPES.join(', ')}).`,
  );
};
