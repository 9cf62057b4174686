import type * as z from 'zod';
import { didYouMean } from '../suggest.ts';
import { type Fields, FormError, fieldsOf, type Kind, type Spec } from './kind.ts';
import { readSource, refuse, type Source, type Trouble } from './source.ts';

type Path = readonly PropertyKey[];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `schedules[0].periods[1].start` */
const pathText = (path: Path): string =>
  path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');

const troubleAt = (source: Source, path: Path, text: string, key?: PropertyKey): Trouble => ({
  ...source.place(path, key),
  text: `${pathText(key === undefined ? path : [...path, key])}: ${text}`,
});

/** What the API's schema has against a thing, a trouble for each key that it does not know. */
const troublesOf = (source: Source, at: Path, { issues }: z.ZodError, known: readonly string[]): Trouble[] =>
  issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [troubleAt(source, path, issue.message)];
    const near = issue.path.length === 0 ? known : [];
    return issue.keys.map((key) => troubleAt(source, path, `there is no such key.${didYouMean(key, near)}`, key));
  });

type Read = { readonly spec: Spec } | { readonly troubles: readonly Trouble[] };

/** Puts fields that are written otherwise into the API's form. */
const unfolded = async ({ forms }: Kind, value: Fields): Promise<Fields> => {
  const fields = Object.entries(value).map(async ([field, each]): Promise<[string, unknown]> => {
    try {
      return [field, (await forms[field]?.read(each)) ?? each];
    } catch (error) {
      throw error instanceof FormError ? new FormError([field, ...error.path], error.message) : error;
    }
  });
  return Object.fromEntries(await Promise.all(fields));
};

const readOne = async (kind: Kind, source: Source, at: Path, value: unknown): Promise<Read> => {
  if (!isFields(value)) return { troubles: [troubleAt(source, at, `a ${kind.noun} is written as keys and values`)] };
  try {
    const found = kind.spec.safeParse(await unfolded(kind, value));
    if (!found.success) return { troubles: troublesOf(source, at, found.error, fieldsOf(kind)) };
    return { spec: { ...found.data, name: String(found.data.name) } };
  } catch (error) {
    if (!(error instanceof FormError)) throw error;
    return { troubles: [troubleAt(source, [...at, ...error.path], error.message)] };
  }
};

const doubled = (source: Source, kind: Kind, items: readonly unknown[]): Trouble[] => {
  const first = new Map<unknown, number>();
  return items.flatMap((item, index) => {
    if (!isFields(item) || item.name === undefined) return [];
    const before = first.get(item.name);
    if (before === undefined) first.set(item.name, index);
    const { line } = source.place([kind.key, before ?? index, 'name']);
    const text = `${String(item.name)} is there already, in line ${line}`;
    return before === undefined ? [] : [troubleAt(source, [kind.key, index, 'name'], text)];
  });
};

const listOf = (file: string, source: Source, kind: Kind): readonly unknown[] => {
  const { value } = source;
  if (!isFields(value)) {
    return refuse(file, [{ ...source.place([]), text: `it says nothing; a file has a key ${kind.key} with a list` }]);
  }
  const others = Object.keys(value).filter((key) => key !== kind.key);
  if (others.length > 0) {
    const text = `there is no such key.${didYouMean(others[0] ?? '', [kind.key])} A file has the key ${kind.key}`;
    refuse(
      file,
      others.map((key) => troubleAt(source, [], text, key)),
    );
  }
  const list = value[kind.key];
  return Array.isArray(list) ? list : refuse(file, [troubleAt(source, [kind.key], `is a list of ${kind.key}`)]);
};

/** What a file says of a noun. @throws UsageError naming line, column and key of all that is wrong */
export const readManifest = async (kind: Kind, file: string, text: string): Promise<Spec[]> => {
  const source = readSource(file, text);
  const items = listOf(file, source, kind);
  const read = await Promise.all(items.map((item, index) => readOne(kind, source, [kind.key, index], item)));
  const troubles = [
    ...read.flatMap((each) => ('troubles' in each ? each.troubles : [])),
    ...doubled(source, kind, items),
  ];
  return troubles.length > 0 ? refuse(file, troubles) : read.flatMap((each) => ('spec' in each ? [each.spec] : []));
};
