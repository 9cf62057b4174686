import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatFilter, matchesFilter, parseFilter, type Term } from '../../lambdas/domain/filter.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly host?: string;
  readonly addresses: readonly string[];
  readonly tags: Record<string, string>;
}

const FIELDS = {
  plain: {
    name: ({ name }: Row) => name,
    state: ({ state }: Row) => state,
    host: ({ host }: Row) => host,
    address: ({ addresses }: Row) => addresses,
  },
  tags: ({ tags }: Row) => tags,
};

const row: Row = {
  name: 'web-1',
  state: 'running',
  addresses: ['10.0.0.1', 'fd00::1'],
  tags: { env: 'prod', 'a=b': 'c&d' },
};

describe('a filter', () => {
  it.each([
    ['', true],
    ['state=running', true],
    ['state=stopped,running', true],
    ['state!=stopped', true],
    ['state!=stopped,running', false],
    ['name~WEB', true],
    ['name~db', false],
    ['name!~db', true],
    ['tag:env=prod', true],
    ['tag:env=test', false],
    ['tag:owner=x', false],
    ['tag:owner!=x', true],
    ['tag:a%3Db=c%26d', true],
    ['address=fd00::1', true],
    ['host=h-1', false],
    ['host!=h-1', true],
    ['state=running&tag:env=prod&name~web', true],
    ['state=running&name=web-2', false],
  ])('%s holds: %s', (text, holds) => {
    expect(matchesFilter(parseFilter(text, FIELDS), FIELDS, row)).toBe(holds);
  });

  it.each([
    'colour=red',
    'state',
    '=x',
    '~',
    'tag:=x',
    'constructor=x',
    '__proto__=x',
    'name=%ff',
    Array(21).fill('name=a').join('&'),
    `name=${'a'.repeat(4096)}`,
  ])('%s is refused', (text) => {
    expect(() => parseFilter(text, FIELDS)).toThrow(expect.objectContaining({ name: 'InvalidFilter' }));
  });

  it('takes any tag key, a line break too', () => {
    const terms: Term[] = [{ field: 'tag:\n', op: '=', value: '\n' }];
    expect(parseFilter(formatFilter(terms), FIELDS)).toEqual(terms);
  });

  it('says the same after it was written and read', () => {
    const term: fc.Arbitrary<Term> = fc.record({
      field: fc.oneof(
        fc.constantFrom('name', 'state'),
        fc.string({ minLength: 1, unit: 'grapheme' }).map((key) => `tag:${key}`),
      ),
      op: fc.constantFrom('=', '!=', '~', '!~'),
      value: fc.string({ unit: 'grapheme' }),
    });
    fc.assert(
      fc.property(fc.array(term, { maxLength: 20 }), (terms) => {
        expect(parseFilter(formatFilter(terms), FIELDS)).toEqual(terms);
      }),
    );
  });

  it('throws nothing but its own fault', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseFilter(text, FIELDS);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidFilter' });
        }
      }),
    );
  });
});
