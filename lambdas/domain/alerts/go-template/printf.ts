import { type Flags, format, PLAIN } from './format.ts';
import { typeOf, type Value } from './values.ts';

/** Go's fmt.Sprint, Sprintln and Sprintf. */

/** What of a width or a precision Go still takes (fmt/format.go: tooLarge). */
const LARGEST = 1_000_000;

const isText = (value: Value): boolean =>
  typeof value === 'string' || (typeof value === 'object' && value.kind === 'html');

/** A value as an action prints it. */
export const printed = (value: Value): string => format(value, 'v', PLAIN);

/** With a space between two of which neither is a text. */
export const sprint = (values: readonly Value[]): string =>
  values
    .map((value, index) => {
      const before = values[index - 1];
      const isApart = index > 0 && !isText(value) && !isText(before);
      return `${isApart ? ' ' : ''}${printed(value)}`;
    })
    .join('');

export const sprintln = (values: readonly Value[]): string => `${values.map(printed).join(' ')}\n`;

const DIRECTIVE =
  /%(?<flags>[-+# 0]*)(?<first>\[[^\]]*\])?(?<width>\*|\d+)?(?:(?<point>\.)(?<second>\[[^\]]*\])?(?<precision>\*|\d+)?)?(?<third>\[[^\]]*\])?(?<verb>.|$)/gsu;

/** Where in its values a format is. */
interface Reading {
  readonly values: readonly Value[];
  next: number;
  isReordered: boolean;
  isGood: boolean;
}

const indexed = (reading: Reading, index: string | undefined): void => {
  if (index === undefined) return;
  const at = /^\[(\d+)\]$/.exec(index)?.[1];
  reading.isReordered = true;
  if (at !== undefined && Number(at) >= 1 && Number(at) <= reading.values.length) reading.next = Number(at) - 1;
  else reading.isGood = false;
};

/** A number that is written, or the next value. Nothing where there is none of either. */
const numeral = (reading: Reading, written: string | undefined): number | undefined => {
  if (written !== '*') return written === undefined ? undefined : Number(written);
  const value = reading.values[reading.next];
  reading.next += 1;
  const isInt = typeof value === 'object' && value.kind === 'int';
  return isInt && value.value <= LARGEST && value.value >= -LARGEST ? Number(value.value) : undefined;
};

/** What is told of a width or a precision that is none. */
const wrong = (written: string | undefined, value: number | undefined, what: string): string =>
  written !== undefined && (value === undefined || Math.abs(value) > LARGEST) ? `%!(BAD${what})` : '';

const directive = (reading: Reading, groups: Readonly<Record<string, string | undefined>>): string => {
  const { flags = '', first, width, point, second, precision, third, verb = '' } = groups;
  reading.isGood = true;
  indexed(reading, first);
  const wide = numeral(reading, width);
  indexed(reading, second);
  const precise = numeral(reading, precision);
  indexed(reading, third);
  // Negative precisions are none, without a word.
  const isNegative = precise !== undefined && precise < 0;
  const notes = `${wrong(width, wide, 'WIDTH')}${isNegative && precision === '*' ? '%!(BADPREC)' : wrong(precision, precise, 'PREC')}`;
  if (verb === '') return `${notes}%!(NOVERB)`;
  if (verb === '%') return `${notes}%`;
  if (!reading.isGood) return `${notes}%!${verb}(BADINDEX)`;
  if (reading.next >= reading.values.length) return `${notes}%!${verb}(MISSING)`;
  const value = reading.values[reading.next];
  reading.next += 1;
  const minus = flags.includes('-') || (wide !== undefined && wide < 0);
  const said: Flags = {
    minus,
    plus: flags.includes('+'),
    sharp: flags.includes('#'),
    space: flags.includes(' '),
    zero: flags.includes('0') && !minus,
    width: wide === undefined || Math.abs(wide) > LARGEST ? undefined : Math.abs(wide),
    precision:
      isNegative || (precise ?? 0) > LARGEST
        ? undefined
        : (precise ?? (point === undefined || precision === '*' ? undefined : 0)),
  };
  return notes + (verb === 'T' ? format(typeOf(value), 's', said) : format(value, verb, said));
};

const extra = ({ values, next, isReordered }: Reading): string => {
  if (isReordered || next >= values.length) return '';
  const left = values
    .slice(next)
    .map((value) => (value === undefined ? '<nil>' : `${typeOf(value)}=${printed(value)}`));
  return `%!(EXTRA ${left.join(', ')})`;
};

/** @throws Misuse where a verb is not known here */
export const sprintf = (layout: string, values: readonly Value[]): string => {
  const reading: Reading = { values, next: 0, isReordered: false, isGood: true };
  const text = layout.replace(DIRECTIVE, (...match) =>
    directive(reading, match.at(-1) as Record<string, string | undefined>),
  );
  return text + extra(reading);
};
