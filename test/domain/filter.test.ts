import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
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
    ['name!~WEB', false],
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

  it.each([
    ['colour=red', 'There is no field colour to filter by. Fields: name, state, host, address, tag:<key>.'],
    ['state', 'A term is <field>=<value>, !=, ~ or !~; got state.'],
    [`${'a'.repeat(99)}`, `A term is <field>=<value>, !=, ~ or !~; got ${'a'.repeat(80)}.`],
    [
      `${'a'.repeat(99)}=1`,
      `There is no field ${'a'.repeat(80)} to filter by. Fields: name, state, host, address, tag:<key>.`,
    ],
    ['name=%ff', 'The term name=%ff is not percent-encoded as UTF-8.'],
    ['%ff=name', 'The term %ff=name is not percent-encoded as UTF-8.'],
    [Array(21).fill('name=a').join('&'), 'A filter has at most 20 terms.'],
    ['x'.repeat(4097), 'A filter has at most 4096 characters.'],
  ])('says what is wrong: %#', (text, message) => {
    expect(() => parseFilter(text, FIELDS)).toThrow(expect.objectContaining({ message }));
  });

  it('points to the field that is none', () => {
    const errors = (text: string, fields: Parameters<typeof parseFilter>[1] = { plain: { a: () => '' } }) => {
      try {
        return parseFilter(text, fields);
      } catch (error) {
        return error instanceof Fault ? error.errors : error;
      }
    };
    expect(errors('b=1')).toEqual([{ pointer: 'query/b', detail: 'not one of a' }]);
    expect(errors('tag:x=1')).toEqual([{ pointer: 'query/tag:x', detail: 'not one of a' }]);
    expect(errors(`${'b'.repeat(99)}=1`)).toEqual([{ pointer: `query/${'b'.repeat(80)}`, detail: 'not one of a' }]);
    expect(errors('xtag:x=1', FIELDS as Parameters<typeof parseFilter>[1])).toMatchObject([
      { pointer: 'query/xtag:x' },
    ]);
  });

  it('may have twenty terms in 4096 characters, and empty ones between', () => {
    expect(parseFilter(Array(20).fill('name=a').join('&&'), FIELDS)).toHaveLength(20);
    expect(parseFilter(`&name=${'a'.repeat(4089)}&`.slice(0, 4096), FIELDS)).toHaveLength(1);
  });

  it.each([
    ['name=a', { field: 'name', op: '=', value: 'a' }],
    ['name!=a=b', { field: 'name', op: '!=', value: 'a=b' }],
    ['name~', { field: 'name', op: '~', value: '' }],
    ['name!~!a', { field: 'name', op: '!~', value: '!a' }],
    ['tag:a%26b=c%3Dd%0A', { field: 'tag:a&b', op: '=', value: 'c=d\n' }],
  ])('%s is read as %j', (text, term) => expect(parseFilter(text, FIELDS)).toEqual([term]));

  it('is written with all that could end a term escaped', () => {
    const terms: Term[] = [
      { field: "tag:!~*'()&=,", op: '!~', value: 'a&b=c,d' },
      { field: 'name', op: '=', value: 'ä' },
    ];
    expect(formatFilter(terms)).toBe('tag%3A%21%7E%2A%27%28%29%26%3D%2C!~a%26b%3Dc%2Cd&name=%C3%A4');
  });

  it('does not hold, by ~ or =, for what is not there, nor for tags where there are none', () => {
    const plain = { plain: { host: ({ host }: Row) => host, address: ({ addresses }: Row) => addresses } };
    const holds = (term: Term) => matchesFilter([term], plain, { ...row, addresses: [] });
    for (const field of ['host', 'address', 'tag:env', 'other']) {
      expect(holds({ field, op: '=', value: '' })).toBe(false);
      expect(holds({ field, op: '~', value: '' })).toBe(false);
      expect(holds({ field, op: '!=', value: 'x' })).toBe(true);
      expect(holds({ field, op: '!~', value: '' })).toBe(true);
    }
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
      fc.property(fc.array(fc.nat(0x10ffff)), (points) => {
        const text = String.fromCodePoint(...points);
        try {
          parseFilter(text, FIELDS);
        } catch (error) {
          expect(error).toMatchObject({ name: 'InvalidFilter' });
        }
      }),
    );
  });
});
