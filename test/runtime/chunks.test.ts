import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled } from '../../lambdas/runtime/chunks.ts';

describe('filled', () => {
  it('keeps the order, and no list is longer or heavier than may be, but for one thing that is too heavy by itself', () => {
    const cases = fc.record({
      weights: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }),
      size: fc.integer({ min: 1, max: 12 }),
      most: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(cases, ({ weights, size, most }) => {
        const lists = filled(weights, size, most, (weight) => weight);
        expect(lists.flat()).toEqual(weights);
        for (const list of lists) {
          const sum = list.reduce((all, weight) => all + weight, 0);
          expect(list.length > 0 && list.length <= size).toBe(true);
          expect(sum <= most || list.length === 1).toBe(true);
        }
      }),
    );
  });

  it('begins no list before the last is full', () => {
    expect(filled([3, 3, 3, 9, 1], 2, 7, (weight) => weight)).toEqual([[3, 3], [3], [9], [1]]);
  });
});
