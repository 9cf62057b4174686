import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chained, GENESIS, hashOf, isSigned, keyIdOf, signed } from '../../lambdas/domain/chain.ts';
import { type Check, checkChain } from '../../lambdas/domain/chain-check.ts';
import { anEntry, headOf, KEY, rehashed, relinked } from '../support/ledger.ts';
import { Random } from '../support/random.ts';

const random = new Random(1);
const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
const entries = chained(
  GENESIS,
  numbers.map((number) => anEntry(random, number)),
);
const entry = (seq: number) => {
  const found = entries[seq - 1];
  if (found === undefined) throw new Error(`no entry ${seq}`);
  return found;
};
const head = (seq: number) => headOf(entry(seq));

describe('a chain', () => {
  it('begins behind nothing, and each link holds the one before', () => {
    expect(GENESIS).toEqual({ seq: 0, hash: '0'.repeat(64) });
    expect(entries.map(({ seq }) => seq)).toEqual(numbers);
    expect(entries.map(({ previous }) => previous)).toEqual([
      GENESIS.hash,
      ...entries.slice(0, -1).map(({ hash }) => hash),
    ]);
    for (const each of entries) expect(each).toMatchObject({ project: 'default', hash: hashOf(each) });
    for (const each of entries) expect(each).not.toHaveProperty('version');
  });

  it('goes on behind any entry, in the project of each', () => {
    const [link] = chained({ seq: 41, hash: 'f'.repeat(64) }, [{ ...anEntry(random, 1), project: 'shop' }]);
    expect(link).toMatchObject({ seq: 42, previous: 'f'.repeat(64), project: 'shop' });
  });

  it('is hashed over the canonical JSON of all but the hash', () => {
    const sha256 = createHash('sha256').update('{"a":[1],"seq":1}').digest('hex');
    expect(hashOf({ seq: 1, a: [1], hash: 'x' } as { seq: number })).toBe(sha256);
  });
});

describe('the head of a chain', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));
  const other = { keyId: keyIdOf(pem), algorithm: 'Ed25519' as const, publicKey: pem };

  it('is signed by the key that it names', () => {
    expect(isSigned(head(3), [KEY])).toBe(true);
    expect(isSigned(head(3), [other, KEY])).toBe(true);
    expect(isSigned(head(3), [other])).toBe(false);
    expect(isSigned(head(3), [])).toBe(false);
    expect(keyIdOf(pem)).toMatch(/^[0-9a-f]{16}$/);
    expect(() => keyIdOf('no key')).toThrow();
  });

  it.each([
    ['another number', { seq: 4 }],
    ['another hash', { hash: entry(4).hash }],
    ['another moment', { at: '2026-11-25T00:00:00.000Z' }],
    ['another project', { project: 'shop' }],
    ['another signature', { signature: 'A'.repeat(86) }],
  ])('is not signed with %s', (_, changes) => expect(isSigned({ ...head(3), ...changes }, [KEY])).toBe(false));

  it('is not signed by a key under another’s name, nor by what is no key', () => {
    const { signature: _, ...rest } = head(3);
    const forged = signed(rest, privateKey);
    expect(isSigned(forged, [{ ...other, keyId: KEY.keyId }])).toBe(false);
    expect(isSigned(forged, [{ ...other, keyId: KEY.keyId, publicKey: 'no key' }])).toBe(false);
    expect(isSigned({ ...forged, keyId: other.keyId }, [other])).toBe(false);
    expect(isSigned(signed({ ...rest, keyId: other.keyId }, privateKey), [other])).toBe(true);
  });
});

const check = (list: Iterable<(typeof entries)[number]>, more: Partial<Check> = {}) =>
  checkChain(list, { project: 'default', heads: [head(8)], keys: [KEY], ...more });
const told = async (list: Iterable<(typeof entries)[number]>, more?: Partial<Check>) =>
  (await check(list, more)).faults.map(({ damage, from, to }) => `${damage} ${from}-${to}`);

describe('an untouched chain', () => {
  it('is whole, and sealed up to its last head', async () => {
    const last = { seq: 8, hash: entry(8).hash };
    expect(await check(entries)).toEqual({ entries: 8, last, sealed: 8, faults: [] });
    expect(await check(entries, { heads: [head(2), head(5)] })).toMatchObject({ sealed: 5, faults: [] });
    expect(await check(entries, { heads: [] })).toMatchObject({ sealed: 0, faults: [] });
    expect(await check([], { heads: [] })).toEqual({ entries: 0, last: GENESIS, sealed: 0, faults: [] });
  });

  it('may be looked at from some entry on: what was before is taken on trust', async () => {
    const part = entries.slice(4);
    expect(await check(part, { after: { seq: 4 } })).toMatchObject({ entries: 4, last: { seq: 8 }, faults: [] });
    expect(await told(part)).toEqual(['missing 1-4']);
    expect(await told(entries.slice(5), { after: { seq: 4 } })).toEqual(['missing 5-5']);
    // From the very first on, it must be the first.
    expect(await told([rehashed({ ...entry(1), previous: 'f'.repeat(64) })], { heads: [] })).toEqual(['replaced 0-0']);
  });
});

describe('a chain that was tampered with', () => {
  const edited = { ...entry(4), outcome: 'never' };
  const rewritten = rehashed(edited);

  it.each<[string, (typeof entries)[number][], string[], number]>([
    ['an edited entry', entries.with(3, edited), ['edited 4-4'], 8],
    ['an edited entry of another number', entries.with(3, { ...entry(4), seq: 44 }), ['edited 4-4', 'missing 4-4'], 8],
    ['an entry written anew', entries.with(3, rewritten), ['replaced 4-4'], 8],
    ['all linked anew', relinked(entries.with(3, edited)), ['replaced 1-8'], 0],
    ['a dropped entry', entries.toSpliced(3, 1), ['missing 4-4'], 8],
    ['three dropped entries', entries.toSpliced(3, 3), ['missing 4-6'], 8],
    ['a doubled entry', entries.toSpliced(3, 0, entry(3)), ['repeated 3-3'], 8],
    ['an old entry once more', entries.toSpliced(5, 0, entry(2)), ['misplaced 2-2'], 8],
    [
      'two entries that changed places',
      [...entries.slice(0, 3), entry(5), entry(4), ...entries.slice(5)],
      ['misplaced 5-5', 'missing 5-5'],
      8,
    ],
    [
      'an entry of another project',
      entries.with(3, rehashed({ ...entry(4), project: 'shop' })),
      ['misplaced 4-4', 'missing 4-4'],
      8,
    ],
    [
      'an edited entry before two that changed places',
      [entry(1), { ...entry(2), outcome: 'never' }, entry(4), entry(3), ...entries.slice(4)],
      ['edited 2-2', 'misplaced 4-4', 'missing 4-4'],
      8,
    ],
    [
      'a gap before two that changed places',
      [entry(1), entry(3), entry(5), entry(4), ...entries.slice(5)],
      ['missing 2-2', 'misplaced 5-5', 'missing 5-5'],
      8,
    ],
    [
      'an entry once more behind a gap',
      [entry(1), entry(3), entry(1), ...entries.slice(3)],
      ['missing 2-2', 'misplaced 1-1'],
      8,
    ],
    ['a cut end', entries.slice(0, 6), ['truncated 7-8'], 0],
    ['no entries', [], ['truncated 1-8'], 0],
  ])('tells of %s', async (_, list, faults, sealed) => {
    expect(await told(list)).toEqual(faults);
    expect((await check(list)).sealed).toBe(sealed);
  });

  it('tells in words what is where', async () => {
    const words = async (list: (typeof entries)[number][]) => (await check(list)).faults.map(({ detail }) => detail);
    expect(await words(entries.toSpliced(3, 2))).toEqual(['Not there: 2.']);
    expect(await words(entries.toSpliced(5, 0, entry(2)))).toEqual(['It comes after 5.']);
    expect(await words(entries.toSpliced(3, 0, entry(3)))).toEqual(['There are two of it.']);
    expect(await words(entries.with(3, edited))).toEqual(['Number 4: its fields are not what its hash says.']);
    expect(await words(entries.with(3, rewritten))).toEqual(['5 was chained to another one.']);
    expect(await words(entries.slice(0, 6))).toEqual(['A signed head vouches for entries up to 8.']);
    expect(await words([...entries.slice(0, 3), entry(5), entry(4), ...entries.slice(5)])).toEqual([
      'It comes after 3.',
      'Not there: 1.',
    ]);
    expect(await words(relinked(entries.with(3, edited)))).toEqual([
      `The head of ${head(8).at} vouches for another one; what came since the head before may be rewritten.`,
    ]);
    expect(await words(entries.with(3, rehashed({ ...entry(4), project: 'shop' })))).toEqual([
      'An entry of project shop lies here.',
      'Not there: 1.',
    ]);
  });

  it('narrows a rewriting to what came since the head before', async () => {
    const list = relinked(entries.with(3, edited));
    const heads = [head(2), head(6)];
    expect(await check(list, { heads })).toMatchObject({ sealed: 2, faults: [{ damage: 'replaced', from: 3, to: 6 }] });
  });

  it('counts no head for anything that the plane has not signed, or that is of another chain', async () => {
    const heads = [
      { ...head(8), hash: entry(7).hash },
      { ...head(3), project: 'shop' },
    ];
    const { faults, sealed } = await check(entries, { heads });
    expect({ faults, sealed }).toEqual({
      sealed: 0,
      faults: heads.map(({ seq, at }) => ({
        damage: 'forged',
        from: seq,
        to: seq,
        detail: `No key of the plane signed the head of ${at}.`,
      })),
    });
    const [first] = chained(GENESIS, [{ ...anEntry(random, 1), project: 'shop' }]);
    expect(await told(entries, { heads: [...(first ? [headOf(first)] : []), head(8)] })).toEqual(['forged 1-1']);
  });
});
