import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { isRegex, wholeMatch } from '../../../lambdas/domain/alerts/regex.ts';

/** What stands in expressions, right and wrong. */
const PIECES = [
  'a',
  'b',
  'k',
  'K',
  'S',
  '1',
  '_',
  '-',
  ' ',
  '\n',
  'é',
  '😀',
  'ſ',
  '.',
  '^',
  '$',
  '|',
  '(',
  ')',
  '(?:',
  '(?i)',
  '(?i:',
  '(?s)',
  '(?m)',
  '(?-i)',
  '(?U)',
  '(?P<n>',
  '*',
  '+',
  '?',
  '*?',
  '{2}',
  '{1,2}',
  '{0,1}',
  '{1000}',
  '{1001}',
  '{40}',
  '{2,}',
  '{,2}',
  '{01}',
  '{',
  '}',
  '[',
  ']',
  '[^',
  '[a-c]',
  '[^a-c]',
  '[]a]',
  '[a-',
  'a-z',
  '[[:alpha:]]',
  '[[:^digit:]]',
  '[:',
  ':]',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '\\b',
  '\\B',
  '\\A',
  '\\z',
  '\\Z',
  '\\n',
  '\\t',
  '\\.',
  '\\\\',
  '\\x41',
  '\\x{1F600}',
  '\\x',
  '\\101',
  '\\1',
  '\\0',
  '\\Q',
  '\\E',
  '\\pL',
  '\\PL',
  '\\p{Greek}',
  '\\p{^Lu}',
  '\\p{Nope}',
  '\\pN',
  '\\C',
  '\\_',
  '\\é',
  '[\\d_]',
  '[^\\W]',
  '(?i)[k]',
  '[^\\n]',
  '(?',
  '(?=',
  '(?<n>',
];
const pattern = fc.array(fc.constantFrom(...PIECES), { maxLength: 7 }).map((pieces) => pieces.join(''));
const text = fc
  .array(
    fc.constantFrom(
      'a',
      'b',
      'c',
      'k',
      'K',
      '\u212a',
      'S',
      'ſ',
      '1',
      '_',
      '-',
      ' ',
      '\n',
      'é',
      'É',
      '😀',
      'α',
      'A',
      ']',
      '{2}',
      '\\',
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

const peerOf = (expression: string): ((text: string) => boolean) | undefined => {
  try {
    const compiled = RE2JS.compile(`^(?:${expression})$`);
    return (each) => compiled.test(each);
  } catch {
    return undefined;
  }
};

describe('a regular expression', () => {
  it('is one, and is met, where RE2 says so', () => {
    let met = 0;
    fc.assert(
      fc.property(pattern, fc.array(text, { minLength: 6, maxLength: 6 }), (expression, texts) => {
        // The peer takes one colon for the beginning and the end of `[:alpha:]`, which Go does not.
        fc.pre(!expression.includes('[:]'));
        // Names of groups with no P before them are newer than Go 1.19.
        fc.pre(!expression.includes('(?<'));
        const peer = peerOf(expression);
        expect(isRegex(expression)).toBe(peer !== undefined);
        if (peer === undefined) return;
        const ours = wholeMatch(expression);
        for (const each of texts) {
          expect([each, ours(each)]).toEqual([each, peer(each)]);
          met += Number(ours(each));
        }
      }),
      { numRuns: 3000 },
    );
    expect(met).toBeGreaterThan(300);
  });

  it.each<[string, string, boolean]>([
    ['(?m)a$\n^b$', 'a\nb', true],
    ['a$\n^b', 'a\nb', false],
    ['(?s)a.b', 'a\nb', true],
    ['(?s-s)a.b', 'a\nb', false],
    ['(?i)K(?-i:k)', '\u212ak', true],
    ['(?i)K(?-i:k)', 'kK', false],
    ['\\ba\\b-\\B', 'a-', true],
    ['\\Aa\\z', 'a', true],
    ['\\p{Any}\\pC', '😀\0', true],
    ['\\P{Greek}', 'α', false],
    ['[[:^alpha:]_-]+', '1_-', true],
    ['[^[:alpha:]]', 'a', false],
    ['[:a:]', ':', true],
    ['\\Qa.b\\E+', 'a.bb', true],
    ['\\x41\\x{1F600}\\101\\0', 'A😀A\0', true],
    ['(?P<n>a{2,3}){0}b{,2}', 'b{,2}', true],
    ['\\a\\f\\v\\r\\-', '\u0007\f\v\r-', true],
  ])('%s is met by %j: %s', (expression, each, expected) => expect(wholeMatch(expression)(each)).toBe(expected));

  it.each([
    ['a|*', /missing argument to repetition operator/],
    ['a**', /invalid nested repetition operator/],
    ['(a{40}){40}', /invalid repeat count/],
    ['a{3,2}', /invalid repeat count/],
    ['(', /missing closing \)/],
    ['[a', /missing closing \]/],
    ['[z-a]', /invalid character class range/],
    ['\\p{Nope}', /invalid character class range/],
    ['[[:nope:]]', /invalid character class range/],
    ['[[:constructor:]]', /invalid character class range/],
    ['\\8', /invalid escape sequence/],
    ['\\x{110000}', /invalid escape sequence/],
    ['(?=a)', /invalid or unsupported Perl syntax/],
    ['(?P<n>a)(?P<n>b)', /invalid named capture/],
    [`${'('.repeat(1001)}${')'.repeat(1001)}`, /nests too deeply/],
    ['a{1000}'.repeat(101), /too large/],
  ])('is refused in words: %s', (expression, words) => expect(() => wholeMatch(expression)).toThrow(words));

  it('of thousands of ways is followed once', () => {
    const ways = wholeMatch(`(?:${'a?b?c?d?'.repeat(20)}){40}`);
    expect(ways('abcd'.repeat(800))).toBe(true);
    expect(ways(`${'abcd'.repeat(800)}e`)).toBe(false);
  });
});
