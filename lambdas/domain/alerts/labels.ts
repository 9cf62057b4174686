import * as z from 'zod';
import { fnv1a } from './fnv.ts';
import { byBytes, quoted } from './go-text.ts';

/** Label sets as Prometheus means them: what an alert is known by, and how that is hashed, ordered and printed. */
export type LabelSet = Readonly<Record<string, string>>;

/** @see isLabelName */
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether a label may be called so. */
export const isLabelName = (name: string): boolean => NAME.test(name);

/** Without labels that are empty: a label that is there and empty is one that is not there. */
export const withoutEmpty = (labels: LabelSet): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));

/** The name of a label, as others send it. */
export const LabelName = z.string().regex(NAME);

/** Labels as others send them. */
export const Labels = z
  .record(
    LabelName,
    z.string().refine((value) => value.isWellFormed(), 'not valid UTF-8'),
  )
  .overwrite(withoutEmpty);

/** The value of a label; one that is missing is the empty text. Names are of others: `constructor` is one. */
export const labelOf = (labels: LabelSet, name: string): string =>
  Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';

/** Divides names and values: no byte of UTF-8. */
const SEPARATOR = Buffer.of(0xff);

/** Prometheus' fingerprint of a label set, in 16 hex digits. */
export const fingerprintOf = (labels: LabelSet): string => {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => byBytes(a, b));
  return fnv1a(Buffer.concat(pairs.flat().flatMap((text) => [Buffer.from(text), SEPARATOR])));
};

/** The order of label sets: fewer labels first, then by the first label, in the order of names, that tells them apart. */
export const byLabels = (a: LabelSet, b: LabelSet): number => {
  const names = Object.keys(a);
  const fewer = names.length - Object.keys(b).length;
  if (fewer !== 0) return fewer;
  const different = [...names, ...Object.keys(b)].sort(byBytes).find((name) => labelOf(a, name) !== labelOf(b, name));
  if (different === undefined) return 0;
  if (!Object.hasOwn(a, different)) return -1;
  return Object.hasOwn(b, different) ? byBytes(labelOf(a, different), labelOf(b, different)) : 1;
};

/** A label set as it stands in group keys: `{alertname="X", team="a"}`. */
export const labelsText = (labels: LabelSet): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${quoted(value)}`)
    .sort(byBytes)
    .join(', ')}}`;
