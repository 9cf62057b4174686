import { describe, expect, it } from 'vitest';
import { Fault } from '../../lambdas/domain/faults.ts';
import { gathered } from '../../lambdas/runtime/gathered.ts';

/** Doubles numbers, and fails for all where there is a bad one among them. */
const doubling = (bad?: Error) => {
  const calls: (readonly number[])[] = [];
  const double = gathered(async (asked: readonly number[]) => {
    calls.push(asked);
    if (bad && asked.includes(13)) throw bad;
    return (one: number) => one * 2;
  });
  return { calls, double };
};

describe('what is asked for in one turn', () => {
  it('is answered by one piece of work, each by its own', async () => {
    const { calls, double } = doubling();
    expect(await Promise.all([1, 2, 2].map(double))).toEqual([2, 4, 4]);
    expect(await double(5)).toBe(10);
    expect(calls).toEqual([[1, 2, 2], [5]]);
  });

  it('and fails for all is answered one by one, so that one keeps no other from its answer', async () => {
    const { double } = doubling(new Error('it is of no use'));
    const came = await Promise.allSettled([1, 13, 3].map(double));
    expect(came).toMatchObject([{ value: 2 }, { reason: { message: 'it is of no use' } }, { value: 6 }]);
  });

  it('and meets what is true of all of them is not asked for again', async () => {
    const { calls, double } = doubling(new Fault('Throttled', 'slower'));
    const came = await Promise.allSettled([1, 13].map(double));
    expect(came.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(calls).toHaveLength(1);
    await expect(double(13)).rejects.toMatchObject({ name: 'Throttled' });
  });
});
