import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  byLabels,
  fingerprintOf,
  Labels,
  labelOf,
  labelsText,
  withoutEmpty,
} from '../../../lambdas/domain/alerts/labels.ts';
import { someLabels } from '../../support/alerts.ts';

/** FNV-1a as it is written down, in big integers. */
const fnv1a = (bytes: Buffer): string =>
  bytes
    .reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x100000001b3n) % 2n ** 64n, 0xcbf29ce484222325n)
    .toString(16)
    .padStart(16, '0');

describe('a fingerprint', () => {
  it('is FNV-1a of the labels in the order of their names', () => {
    fc.assert(
      fc.property(someLabels, (labels) => {
        const parts = Object.keys(labels)
          .sort()
          .flatMap((name) => [Buffer.from(name), Buffer.of(255), Buffer.from(labelOf(labels, name)), Buffer.of(255)]);
        expect(fingerprintOf(labels)).toBe(fnv1a(Buffer.concat(parts)));
      }),
    );
  });

  // Of Prometheus' own tests.
  it.each([
    [{}, 0xcbf29ce484222325n],
    [{ name: 'garland, briggs', fear: 'love is not enough' }, 5799056148416392346n],
  ])('of %j is the one that Prometheus tells', (labels, told) => {
    expect(fingerprintOf(labels)).toBe(told.toString(16).padStart(16, '0'));
  });

  it('does not ask in which order labels came', () => {
    fc.assert(
      fc.property(someLabels, (labels) => {
        expect(fingerprintOf(Object.fromEntries(Object.entries(labels).toReversed()))).toBe(fingerprintOf(labels));
      }),
    );
  });
});

describe('labels', () => {
  it('are without those that are empty', () => {
    expect(Labels.parse({ a: 'x', b: '' })).toEqual({ a: 'x' });
    expect(withoutEmpty({ a: '', b: '' })).toEqual({});
  });

  it.each([[{ 'a-b': 'x' }], [{ '1a': 'x' }], [{ '': 'x' }], [{ 'a:b': 'x' }], [{ a: '\ud800' }], [{ a: 1 }]])(
    '%j are refused',
    (labels) => {
      expect(Labels.safeParse(labels).success).toBe(false);
    },
  );

  it('that are missing are empty, whatever they are called', () => {
    expect(['constructor', 'toString', '__proto__', 'a'].map((name) => labelOf({}, name))).toEqual(['', '', '', '']);
    expect(labelOf({ constructor: 'x' }, 'constructor')).toBe('x');
  });

  it.each([
    [{}, '{}'],
    [{ team: 'a', alertname: 'X' }, '{alertname="X", team="a"}'],
    // By their texts, as Go sorts them: `a=` comes after `a0` and before `a_`.
    [{ a: '1', a_b: '2', a0: '3' }, '{a0="3", a="1", a_b="2"}'],
    [
      { a: 'say "x"\\\n\u0001\u007f\u00a0\u200b\u{e0001}é✓😀' },
      '{a="say \\"x\\"\\\\\\n\\x01\\x7f\\u00a0\\u200b\\U000e0001é✓😀"}',
    ],
    [{ a: '\u0007\b\f\r\t\v' }, '{a="\\a\\b\\f\\r\\t\\v"}'],
  ])('%j are printed as %s', (labels, text) => expect(labelsText(labels)).toBe(text));

  it.each([
    [{ z: '1' }, { a: '1', b: '2' }],
    [{ a: '1' }, { a: '2' }],
    [{ a: '\uffff' }, { a: '😀' }],
    [{ b: '1' }, { a: '1' }],
    [
      { a: '1', c: '1' },
      { a: '1', b: '1' },
    ],
  ])('%j come before %j', (first, second) => {
    expect(byLabels(first, second)).toBeLessThan(0);
    expect(byLabels(second, first)).toBeGreaterThan(0);
  });

  it('come alike only where they are alike', () => {
    fc.assert(
      fc.property(someLabels, someLabels, (a, b) => {
        expect(byLabels(a, b) === 0).toBe(fingerprintOf(a) === fingerprintOf(b));
        expect(Math.sign(byLabels(a, b))).toBe(-Math.sign(byLabels(b, a)) + 0);
      }),
    );
  });
});
