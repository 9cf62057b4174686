import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smsText } from '../../../lambdas/domain/alerts/sms.ts';

describe('a text message', () => {
  it.each<[string, string, string]>([
    ['as it is where it fits into three parts', 'a'.repeat(459), 'a'.repeat(459)],
    ['cut where it does not', 'a'.repeat(460), `${'a'.repeat(456)}...`],
    ['with signs that take the room of two', '['.repeat(230), `${'['.repeat(228)}...`],
    ['in letters of the larger alphabet, of which there is less room', 'ő'.repeat(202), `${'ő'.repeat(198)}...`],
    ['and nowhere within a character', '😀'.repeat(101), `${'😀'.repeat(99)}...`],
    ['nor with a space before the end', `${'a'.repeat(455)} ${'b'.repeat(99)}`, `${'a'.repeat(455)}...`],
  ])('is %s', (_, text, said) => {
    expect(smsText(text)).toBe(said);
  });

  it('is a beginning of what was written, and in itself never cut again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 700 }), (text) => {
        const said = smsText(text);
        expect(said === text || text.startsWith(said.slice(0, -3))).toBe(true);
        expect(smsText(said)).toBe(said);
      }),
    );
  });
});
