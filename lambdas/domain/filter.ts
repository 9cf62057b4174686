import { Fault } from './faults.ts';

/**
 * The one filter grammar: terms joined by `&`, each `field=value`, `field!=value`, `field~part` or `field!~part`, values
 * percent-encoded. `=` takes alternatives: `state=running,stopped`. `tag:env=prod` looks at a tag. All terms must hold.
 */
export interface Term {
  readonly field: string;
  readonly op: '=' | '!=' | '~' | '!~';
  readonly value: string;
}

/** What a filter may look at, by field; several values hold where one of them does. `tag:` reads tags. */
export interface Fields<T> {
  readonly plain: Readonly<Record<string, (row: T) => string | readonly string[] | undefined>>;
  readonly tags?: (row: T) => Readonly<Record<string, string>>;
}

/** Field, operator, value: the first operator character ends the field. */
const TERM = /^([^=!~]+)(!=|!~|=|~)(.*)$/s;

/** More than this is no question a person asks. */
const MOST_TERMS = 20;
const LONGEST = 4096;

const decoded = (text: string, term: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Fault('InvalidFilter', `The term ${term} is not percent-encoded as UTF-8.`);
  }
};

const termOf = (text: string): Term => {
  const [, field, op, value] = TERM.exec(text) ?? [];
  if (field === undefined || op === undefined || value === undefined) {
    throw new Fault('InvalidFilter', `A term is <field>=<value>, !=, ~ or !~; got ${text.slice(0, 80)}.`);
  }
  // The pattern names exactly the four operators.
  return { field: decoded(field, text), op: op as Term['op'], value: decoded(value, text) };
};

const known = <T>(fields: Fields<T>, field: string): boolean =>
  Object.hasOwn(fields.plain, field) || (fields.tags !== undefined && /^tag:./s.test(field));

const assertKnown = <T>(fields: Fields<T>, { field }: Term): void => {
  if (known(fields, field)) return;
  const names = [...Object.keys(fields.plain), ...(fields.tags ? ['tag:<key>'] : [])].join(', ');
  throw new Fault('InvalidFilter', `There is no field ${field.slice(0, 80)} to filter by. Fields: ${names}.`, {
    errors: [{ pointer: `query/${field.slice(0, 80)}`, detail: `not one of ${names}` }],
  });
};

/** Reads a filter. @throws InvalidFilter, naming the term */
export const parseFilter = <T>(text: string, fields: Fields<T>): Term[] => {
  if (text.length > LONGEST) throw new Fault('InvalidFilter', `A filter has at most ${LONGEST} characters.`);
  const terms = text.split('&').filter((term) => term !== '');
  if (terms.length > MOST_TERMS) throw new Fault('InvalidFilter', `A filter has at most ${MOST_TERMS} terms.`);
  return terms.map((each) => {
    const term = termOf(each);
    assertKnown(fields, term);
    return term;
  });
};

/** What must be escaped lest it end a field, a term or an alternative. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!~*'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** Writes terms as `parseFilter` reads them. */
export const formatFilter = (terms: readonly Term[]): string =>
  terms.map(({ field, op, value }) => `${encoded(field)}${op}${encoded(value)}`).join('&');

const valuesOf = <T>(row: T, fields: Fields<T>, field: string): readonly string[] => {
  if (!Object.hasOwn(fields.plain, field)) {
    const value = fields.tags?.(row)[field.slice('tag:'.length)];
    return value === undefined ? [] : [value];
  }
  const value = fields.plain[field]?.(row);
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
};

const holds = (values: readonly string[], { op, value }: Term): boolean => {
  if (op === '~') return values.some((each) => each.toLowerCase().includes(value.toLowerCase()));
  if (op === '!~') return !holds(values, { field: '', op: '~', value });
  const wanted = value.split(',');
  return values.some((each) => wanted.includes(each)) === (op === '=');
};

/** Whether all terms hold for a row. */
export const matchesFilter = <T>(terms: readonly Term[], fields: Fields<T>, row: T): boolean =>
  terms.every((term) => holds(valuesOf(row, fields, term.field), term));
