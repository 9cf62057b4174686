import { expect, it } from 'vitest';
import type * as leases from '../../lambdas/store/leases.ts';

const MOST = 500;

/** What limits of requests need of DynamoDB, held to its double and to the emulator alike. */
export const leaseContract = (open: () => Promise<typeof leases>): void => {
  const lease = (window: number) => ({ of: `sample-${Date.now()}`, window, until: (window + 1) * 10_000, most: MOST });

  it('are given out to many at once to the last one, and no more', async () => {
    const { take } = await open();
    const window = lease(1);
    const sizes = Array.from({ length: 200 }, (_, index) => 1 + (index % 10));
    const given: boolean[] = [];
    // So many functions at a time.
    for (let at = 0; at < sizes.length; at += 20) {
      given.push(...(await Promise.all(sizes.slice(at, at + 20).map((size) => take(window, size)))));
    }
    const sum = sizes.reduce((total, size, index) => total + (given[index] ? size : 0), 0);
    expect(given).toContain(false);
    expect(sum).toBeGreaterThan(MOST - 10);
    for (let left = MOST - sum; left > 0; left -= 1) expect(await take(window, 1)).toBe(true);
    expect(await take(window, 1)).toBe(false);
  });

  it('are whole again in the next window, and another’s are his own', async () => {
    const { take } = await open();
    const first = lease(2);
    expect(await take(first, MOST)).toBe(true);
    expect(await take(first, 1)).toBe(false);
    expect(await take({ ...first, window: 3 }, MOST)).toBe(true);
    expect(await take({ ...first, of: `${first.of}-other` }, 1)).toBe(true);
  });
};
