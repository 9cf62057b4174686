import { describe, expect, it } from 'vitest';
import { parseMatchers } from '../../../lambdas/domain/alerts/matchers.ts';
import {
  ended,
  isChangeable,
  type Silence,
  silenceRefusal,
  silencesOf,
  stateOf,
} from '../../../lambdas/domain/alerts/silence.ts';
import { NOW, secondsOff } from '../../support/alerts.ts';

const silence = (from: number, to: number, matchers = 'team=a', id = 's'): Silence => ({
  id,
  matchers: parseMatchers(matchers),
  startsAt: secondsOff(from),
  endsAt: secondsOff(to),
  updatedAt: secondsOff(-100),
  createdBy: 'me',
  comment: 'why',
});

const ACTIVE = silence(-10, 10);
const PENDING = silence(5, 10);
const EXPIRED = silence(-10, -5);

describe('a silence', () => {
  it.each([
    ['pending', PENDING],
    ['active', silence(0, 1)],
    ['active', ACTIVE],
    ['expired', silence(-1, 0)],
    ['expired', silence(0, 0)],
    ['expired', EXPIRED],
  ] as const)('is %s', (state, each) => expect(stateOf(each, NOW)).toBe(state));

  it('keeps quiet what it matches while it lasts', () => {
    const silences = [
      silence(-10, 10, 'team=a', 'b'),
      silence(-10, 10, 'team=~.+', 'a'),
      silence(-10, 10, 'team=b', 'c'),
      silence(-10, 10, 'team=a,job=x', 'd'),
      silence(5, 10, 'team=a', 'e'),
      silence(-10, -5, 'team=a', 'f'),
    ];
    expect(silencesOf(silences, { team: 'a' }, NOW)).toEqual(['a', 'b']);
    expect(silencesOf(silences, {}, NOW)).toEqual([]);
  });

  it.each([
    [undefined, silence(0, 1)],
    [undefined, silence(0, 1, 'a=,team=a')],
    [undefined, silence(0, 1, 'a!=x')],
    ['at least one matcher required', silence(0, 1, '')],
    ['at least one matcher must not match the empty string', silence(0, 1, 'a=~.*,b=')],
    ['invalid label matcher 1: invalid label name "b:c"', silence(0, 1, 'a=x,b:c=x')],
    ['end time must not be before start time', silence(1, 0)],
  ])('is refused with %j', (words, each) => expect(silenceRefusal(each)).toBe(words));

  it.each([
    ['with another end', ACTIVE, silence(-10, 20), true],
    ['that ends now', ACTIVE, silence(-10, 0), true],
    ['that ended', ACTIVE, silence(-10, -1), false],
    ['with another start', ACTIVE, silence(-9, 10), false],
    ['with another matcher', ACTIVE, silence(-10, 10, 'team=b'), false],
    ['with more matchers', ACTIVE, silence(-10, 10, 'team=a,b=c'), false],
    ['that begins earlier', PENDING, silence(1, 20), true],
    ['that had begun', PENDING, silence(-1, 20), false],
    ['that is over', EXPIRED, silence(-10, 10), false],
  ])('may become one %s', (_, before, after, may) => expect(isChangeable(before, after, NOW)).toBe(may));

  it('is ended: from now on where it had begun, altogether where it had not, once', () => {
    const now = secondsOff(0);
    expect(ended(ACTIVE, NOW)).toEqual({ ...ACTIVE, endsAt: now, updatedAt: now });
    expect(ended(PENDING, NOW)).toEqual({ ...PENDING, startsAt: now, endsAt: now, updatedAt: now });
    expect(ended(EXPIRED, NOW)).toBe(EXPIRED);
    for (const each of [ACTIVE, PENDING]) expect(stateOf(ended(each, NOW), NOW)).toBe('expired');
  });
});
