import { describe, expect, it } from 'vitest';
import { checkChain, type Fault } from '../../../lambdas/domain/chain-check.ts';
import { casesOr, SEED } from '../../support/cases.ts';
import { aLedger, KEY, type Ledger } from '../../support/ledger.ts';
import { Random } from '../../support/random.ts';
import { TAMPERINGS, tamper } from './tamperings.ts';

/** Tamperings in all. More by NOVACRON_CASES. */
const CASES = casesOr(1_000);
const NAMES = Object.keys(TAMPERINGS);

const check = ({ entries, heads }: Ledger) => checkChain(entries, { project: 'default', heads, keys: [KEY] });

const covers =
  (seq: number) =>
  ({ from, to }: Fault): boolean =>
    from <= seq && seq <= to;

const isNear =
  (seq: number) =>
  ({ from, to }: Fault): boolean =>
    from >= seq - 1 && to <= seq + 1;

describe(`an audit chain (NOVACRON_SEED=${SEED})`, () => {
  it('is found whole while nobody touches it', async () => {
    for (let index = 0; index < CASES / 10; index += 1) {
      const random = new Random(SEED + index);
      const ledger = aLedger(random, random.whole(1, 60));
      const length = ledger.entries.length;
      expect(await check(ledger), `seed ${SEED + index}`).toMatchObject({
        entries: length,
        sealed: length,
        faults: [],
      });
    }
  });

  it.each(NAMES.map((name, index) => [name, index] as const))(
    `tells where somebody %s, in each of ${Math.ceil(CASES / NAMES.length)} cases`,
    async (name, offset) => {
      for (let index = 0; index < Math.ceil(CASES / NAMES.length); index += 1) {
        const seed = SEED + index * NAMES.length + offset;
        const random = new Random(seed);
        const { ledger, seq, or = seq, exactly } = tamper(name, random, aLedger(random, random.whole(2, 60)));
        const { faults, sealed } = await check(ledger);
        const told = `seed ${seed}, at ${seq}: ${JSON.stringify(faults)}`;
        // Of a chain that was cut, what lies behind the last head that is reached is vouched for by nobody.
        const isUnsealed = seq > sealed && faults.some(({ damage }) => damage === 'truncated');
        expect(isUnsealed || faults.some(covers(seq)) || faults.some(covers(or)), told).toBe(true);
        if (exactly === undefined) continue;
        expect(
          faults.filter(covers(seq)).map(({ damage }) => damage),
          told,
        ).toContain(exactly);
        if (exactly === 'edited' || exactly === 'missing') expect(faults.every(isNear(seq)), told).toBe(true);
      }
    },
  );

  it('vouches for nothing behind the last signed head, and says so', async () => {
    const random = new Random(SEED);
    const { entries, heads } = aLedger(random, 20);
    const early = heads.filter(({ seq }) => seq < 20);
    const cut = entries.slice(0, Math.max(0, ...early.map(({ seq }) => seq)));
    expect(await check({ entries: cut, heads: early })).toMatchObject({ faults: [], sealed: cut.length });
  });
});
