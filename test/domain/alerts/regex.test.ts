import { describe, expect, it } from 'vitest';
import { isRegex, wholeMatch } from '../../../lambdas/domain/alerts/regex.ts';

describe('a regular expression of somebody else’s', () => {
  it('is over the whole text, in the words of RE2', () => {
    expect(wholeMatch('web|db')('web')).toBe(true);
    expect(wholeMatch('web|db')('web-1')).toBe(false);
    expect(wholeMatch('web.*')('x-web')).toBe(false);
    expect(wholeMatch('')('')).toBe(true);
    expect(wholeMatch('(?i)Web-[[:digit:]]+')('wEB-17')).toBe(true);
    expect(wholeMatch('.')('😀')).toBe(true);
    expect(wholeMatch('.*')('a\nb')).toBe(false);
  });

  it.each(['(', 'a{2,1}', '(?=a)', '\\1', '[b-a]', '(?<!a)b', '*'])('is none: %s', (pattern) => {
    expect(isRegex(pattern)).toBe(false);
    expect(() => wholeMatch(pattern)).toThrow();
  });

  it('keeps nobody longer than the text is long', () => {
    // JavaScript's own engine would be at it for longer than the universe.
    expect(wholeMatch('(a+)+b')('a'.repeat(20_000))).toBe(false);
    expect(wholeMatch('(a|a|ab?)*c')('ab'.repeat(10_000))).toBe(false);
  });
});
