import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { bySubject, type Column, decodeFrame, encodeFrame } from '../../../lambdas/domain/metrics/frame.ts';

const value = fc.option(fc.float({ noNaN: true, noDefaultInfinity: true }), { nil: undefined });
const frame = fc
  .uniqueArray(fc.integer({ min: 0, max: 4_102_444_800_000 }), { maxLength: 20 })
  .map((times) => times.toSorted((a, b) => a - b))
  .chain((times) =>
    fc.record({
      times: fc.constant(times),
      columns: fc.uniqueArray(
        fc.record({
          subject: fc.constantFrom('vm-1', 'vm-2', '__proto__'),
          metric: fc.constantFrom('a', 'b', 'constructor'),
          values: fc.array(value, { minLength: times.length, maxLength: times.length }),
        }),
        { selector: ({ subject, metric }) => `${subject} ${metric}` },
      ),
    }),
  );

const inOrder = (columns: readonly Column[]) =>
  columns.toSorted((a, b) => (`${a.metric} ${a.subject}` < `${b.metric} ${b.subject}` ? -1 : 1));

it('a frame comes out of its bytes as it went in, to seven digits', () => {
  fc.assert(
    fc.property(frame, (given) => {
      const got = decodeFrame(encodeFrame(given));
      expect(got.times).toEqual(given.times);
      expect(inOrder(got.columns)).toEqual(inOrder(given.columns));
    }),
  );
});

it('the same frame is the same bytes', () => {
  fc.assert(
    fc.property(frame, (given) => {
      expect(encodeFrame(structuredClone(given))).toEqual(encodeFrame(given));
    }),
  );
});

it('of a frame only what is wanted is taken out', () => {
  const bytes = encodeFrame({
    times: [1, 2],
    columns: [
      { subject: 'vm-1', metric: 'a', values: [1, undefined] },
      { subject: 'vm-2', metric: 'a', values: [3, 4] },
    ],
  });
  expect(decodeFrame(bytes, (subject) => subject === 'vm-2').columns).toEqual([
    { subject: 'vm-2', metric: 'a', values: [3, 4] },
  ]);
});

it('bytes that are no frame are an error', () => {
  expect(() => decodeFrame(Uint8Array.of(1, 2, 3))).toThrow();
});

it('frames are told apart by their subjects', () => {
  const column = (subject: string) => ({ subject, metric: 'a', values: [1] });
  const found = bySubject([
    { times: [1], columns: [column('vm-1'), column('vm-2')] },
    { times: [2], columns: [column('vm-1')] },
  ]);
  expect(found.get('vm-1')).toHaveLength(2);
  expect(found.get('vm-2')).toEqual([{ times: [1], columns: [column('vm-2')] }]);
});

it('a minute of fifty VMs, noise for the most part, lies in less than its bare floats take', () => {
  let state = 1;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const columns = Array.from({ length: 50 }, (_, vm) =>
    Array.from({ length: 15 }, (_metric, metric) => ({
      subject: `vm-${String(vm).padStart(16, '0')}`,
      metric: `metric-${metric}`,
      // A third of real series stand still.
      values: [0, 1, 2, 3].map(() => (metric % 3 === 0 ? 4096 : Math.round(random() * 10_000) / 10_000)),
    })),
  ).flat();
  const bytes = encodeFrame({ times: [0, 15_000, 30_000, 45_000], columns });
  expect(bytes.length / (columns.length * 4)).toBeLessThan(4);
});
