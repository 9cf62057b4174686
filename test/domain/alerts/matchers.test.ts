import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byMatcher,
  Matcher,
  matchersText,
  matcherText,
  matchesAll,
  newMatcher,
  parseMatcher,
  parseMatchers,
} from '../../../lambdas/domain/alerts/matchers.ts';
import { plainMatcher, someLabels } from '../../support/alerts.ts';

const read = (text: string): string[] =>
  parseMatchers(text).map(({ name, type, value }) => `${name} ${type} ${JSON.stringify(value)}`);

describe('matchers are read', () => {
  it.each<[string, string[]]>([
    ['{foo="bar"}', ['foo = "bar"']],
    ['{foo=~"bar.*"}', ['foo =~ "bar.*"']],
    ['{foo!="bar"}', ['foo != "bar"']],
    ['{foo!~"bar.*"}', ['foo !~ "bar.*"']],
    ['{foo = "bar", dings != "bums", }', ['foo = "bar"', 'dings != "bums"']],
    ['foo=bar,dings!=bums', ['foo = "bar"', 'dings != "bums"']],
    [
      '{quote="She said: \\"Hi, ladies! That\'s gender-neutral…\\""}',
      ['quote = "She said: \\"Hi, ladies! That\'s gender-neutral…\\""'],
    ],
    ['statuscode=~"5.."', ['statuscode =~ "5.."']],
    ['tricky=~~~', ['tricky =~ "~~"']],
    ['trickier==\\\\=\\=\\"', ['trickier = "=\\\\=\\\\=\\""']],
    [
      'contains_quote != "\\"" , contains_comma !~ "foo,bar" , ',
      ['contains_quote != "\\""', 'contains_comma !~ "foo,bar"'],
    ],
    ['{foo=bar}}', ['foo = "bar}"']],
    ['{foo=bar},}', ['foo = "bar}"']],
    ['{foo=,bar=x}}', ['foo = ""', 'bar = "x}"']],
    ['job=', ['job = ""']],
    ['job="Value"', ['job = "Value"']],
    ['job:recorded="x"', ['job:recorded = "x"']],
    ['a=x\\ny\\tz', ['a = "x\\ny\\\\tz"']],
    ['a=x\\', ['a = "x\\\\"']],
    ['  a  =~  x y  ', ['a =~ "x y"']],
    ['a=\n"line\nfeed"', ['a = "line\\nfeed"']],
    ['a="x"\u00a0', ['a = "x"']],
    ['a="\\\\"', ['a = "\\\\"']],
    ['{}', []],
    ['', []],
    ['  ', []],
  ])('%j', (text, expected) => expect(read(text)).toEqual(expected));

  it('as they are printed', () => {
    fc.assert(
      fc.property(fc.array(plainMatcher, { maxLength: 4 }), (matchers) => {
        expect(parseMatchers(matchersText(matchers))).toEqual(matchers);
        for (const matcher of matchers) expect(parseMatcher(matcherText(matcher))).toEqual(matcher);
      }),
    );
  });

  it('or refused in words, whatever stands there', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '=', '!', '~', '"', '\\', ',', '{', '}', ' ', 'n')), (parts) => {
        try {
          for (const matcher of parseMatchers(parts.join('')))
            expect(parseMatcher(matcherText(matcher))).toEqual(matcher);
        } catch (error) {
          expect(String(error)).toMatch(/bad matcher format|unescaped double quote|missing|error parsing regexp/);
        }
      }),
    );
  });
});

describe('matchers are refused', () => {
  it.each([
    ['foo', /bad matcher format: foo/],
    ['=x', /bad matcher format/],
    ['1a=x', /bad matcher format/],
    ['a!x', /bad matcher format/],
    [',', /bad matcher format: $/],
    ['a=b,,c=d', /bad matcher format: $/],
    ['a="x', /unescaped double quote: "x/],
    ['a=x"', /unescaped double quote: x"/],
    ['a="x"y"', /unescaped double quote/],
    ['a="x\\"', /unescaped double quote/],
    ['{foo=~"invalid[regexp"}', /error parsing regexp: missing closing \]/],
    ['a="\ud800"', /not valid UTF-8/],
  ])('%j', (text, words) => expect(() => parseMatchers(text)).toThrow(words));

  it.each([
    [{ name: 'a', type: '=~', value: '(' }],
    [{ name: '1', type: '=', value: '' }],
    [{ name: 'a', type: '==', value: '' }],
  ])('%j', (matcher) => expect(Matcher.safeParse(matcher).success).toBe(false));
});

describe('a matcher', () => {
  it.each<[string, Record<string, string>, boolean]>([
    ['a=x', { a: 'x' }, true],
    ['a=x', { a: 'xy' }, false],
    ['a=', {}, true],
    ['a!=x', {}, true],
    ['a!=', {}, false],
    ['a=~x', { a: 'xy' }, false],
    ['a=~x|xy', { a: 'xy' }, true],
    ['a=~.*', {}, true],
    ['a=~.+', {}, false],
    ['a!~.+', {}, true],
    ['a!~x|y', { a: 'y' }, false],
    ['a=~(?i)X', { a: 'x' }, true],
    // What is put around the pattern is text, as it is there.
    ['a=~x)|(y', { a: 'zy' }, true],
    ['a=~x.y', { a: 'x\ny' }, false],
    ['a=~.', { a: '😀' }, true],
    ['constructor=~.+', {}, false],
  ])('%s takes %j: %s', (text, labels, expected) => expect(matchesAll(parseMatchers(text), labels)).toBe(expected));

  it('and its contrary never agree', () => {
    fc.assert(
      fc.property(plainMatcher, someLabels, ({ name, value }, labels) => {
        const pair = (['=', '!='] as const).map((type) => matchesAll([newMatcher(name, type, value)], labels));
        expect(pair[0]).toBe(!pair[1]);
      }),
    );
  });

  it('with a pattern that others need years for is applied', () => {
    expect(matchesAll([newMatcher('a', '=~', '(x+)+y')], { a: 'x'.repeat(5000) })).toBe(false);
  });

  it('stands by name, then by value, then by type', () => {
    const inOrder = parseMatchers('a=1,a!=1,a=~1,a!~1,a=2,b=1');
    expect(inOrder.toReversed().sort(byMatcher)).toEqual(inOrder);
  });
});
