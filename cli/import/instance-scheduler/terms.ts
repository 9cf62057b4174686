/**
 * The recurrence expressions of Instance Scheduler's periods, read as it reads them (v3.2.8, `cron/parser.py` and
 * `validator.py`): 0 is Monday, names in full or by three letters, case and blanks around do not matter.
 */

/** One element of an expression. */
export type Term =
  | { readonly kind: 'all' }
  | { readonly kind: 'value'; readonly value: number }
  | { readonly kind: 'last' }
  /** Without an end, or with `last`, to the end of the round. */
  | { readonly kind: 'range'; readonly from: number; readonly to?: number | 'last'; readonly step: number }
  | { readonly kind: 'nth'; readonly weekday: number; readonly nth: number }
  | { readonly kind: 'nearest'; readonly day: number };

/** An expression that Instance Scheduler would not take, or never come to an end with. */
export class BadExpression extends Error {
  override readonly name = 'BadExpression';
}

type Names = ReadonlyMap<string, number>;

const namesOf = (words: readonly string[], first: number): Names =>
  new Map(words.flatMap((word, index) => [word, word.slice(0, 3)].map((name) => [name, index + first] as const)));

const WEEKDAYS = namesOf(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], 0);
const MONTHS = namesOf(
  [
    ...['january', 'february', 'march', 'april', 'may', 'june', 'july'],
    ...['august', 'september', 'october', 'november', 'december'],
  ],
  1,
);

const number = (text: string, names: Names): number | undefined =>
  /^\d+$/.test(text) ? Number(text) : names.get(text);

const single = (text: string, names: Names): Term | undefined => {
  const value = number(text, names);
  if (value !== undefined) return { kind: 'value', value };
  return text === 'l' ? { kind: 'last' } : undefined;
};

const range = (text: string, names: Names): Extract<Term, { kind: 'range' }> | undefined => {
  const [, first, second] = /^(.+)-(.+)$/.exec(text) ?? [];
  if (first === undefined || second === undefined) return undefined;
  const [from, to] = [single(first.trim(), names), single(second.trim(), names)];
  if (from?.kind !== 'value' || to === undefined) return undefined;
  return { kind: 'range', from: from.value, to: to.kind === 'value' ? to.value : 'last', step: 1 };
};

const stepped = (text: string, names: Names): Term | undefined => {
  // Of a step of two digits it reads the last one alone: its pattern is greedy before the digits.
  const [, within, step] = /^(.+)\/.*(\d+).*$/.exec(text) ?? [];
  if (within === undefined) return undefined;
  const known = range(within, names);
  if (known) return { ...known, step: Number(step) };
  const from = number(within, names);
  return from === undefined ? undefined : { kind: 'range', from, step: Number(step) };
};

const weekdayOfMonth = (text: string, names: Names): Term | undefined => {
  const [, day, nth] = /^(.*)#(\d+)$/.exec(text) ?? [];
  if (day !== undefined) {
    const weekday = number(day, names);
    return weekday === undefined ? undefined : { kind: 'nth', weekday, nth: Number(nth) };
  }
  const [, ofLast] = /^(.*)l$/.exec(text) ?? [];
  const weekday = ofLast === undefined ? undefined : number(ofLast, names);
  return weekday === undefined ? undefined : { kind: 'nth', weekday, nth: -1 };
};

const nearest = (text: string): Term | undefined => {
  const [, day] = /^(\d+)w$/.exec(text) ?? [];
  return day === undefined ? undefined : { kind: 'nearest', day: Number(day) };
};

const termOf = (written: string, names: Names): Term => {
  const text = written.trim().toLowerCase();
  const all: Term | undefined = text === '*' || text === '?' ? { kind: 'all' } : undefined;
  const term =
    single(text, names) ??
    all ??
    stepped(text, names) ??
    range(text, names) ??
    weekdayOfMonth(text, names) ??
    nearest(text);
  if (term === undefined) throw new BadExpression(`${written} is no expression of Instance Scheduler's`);
  if (term.kind === 'range' && term.step === 0) {
    throw new BadExpression(
      `${written} has a step of which Instance Scheduler reads 0, and then never comes to an end`,
    );
  }
  return term;
};

interface Field {
  readonly names: Names;
  readonly first: number;
  readonly last: number;
  readonly takes: (term: Term) => boolean;
}

const FIELDS = {
  weekdays: {
    names: WEEKDAYS,
    first: 0,
    last: 6,
    takes: (term) =>
      term.kind !== 'nearest' &&
      !(term.kind === 'range' && term.to === 'last') &&
      !(term.kind === 'nth' && (term.nth === 0 || term.nth > 5)),
  },
  months: {
    names: MONTHS,
    first: 1,
    last: 12,
    takes: (term) => ['all', 'value', 'range'].includes(term.kind) && !(term.kind === 'range' && term.to === 'last'),
  },
  monthdays: {
    names: new Map(),
    first: 1,
    last: 31,
    takes: (term) =>
      term.kind !== 'nth' && !(term.kind === 'range' && typeof term.to === 'number' && term.from > term.to),
  },
} as const satisfies Record<string, Field>;

const numbersIn = (term: Term): number[] => {
  if (term.kind === 'value') return [term.value];
  if (term.kind === 'nth') return [term.weekday];
  if (term.kind === 'nearest') return [term.day];
  return term.kind === 'range' ? [term.from, ...(typeof term.to === 'number' ? [term.to] : [])] : [];
};

/** Reads what stands in a field; nothing in it means all. @throws BadExpression */
export const termsOf = (name: keyof typeof FIELDS, texts: readonly string[] | undefined): Term[] => {
  if (texts === undefined) return [{ kind: 'all' }];
  if (texts.length === 0) throw new BadExpression(`${name} is empty`);
  const { names, first, last, takes }: Field = FIELDS[name];
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => {
      const term = termOf(text, names);
      const within = numbersIn(term).every((value) => value >= first && value <= last);
      if (!within || !takes(term)) throw new BadExpression(`${text} cannot stand in ${name}`);
      return term;
    });
};
