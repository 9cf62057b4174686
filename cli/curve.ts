import { sparkline } from './bars.ts';

/** As many columns as a line has room for beside figures. */
export const CURVE_WIDTH = 48;

/** A value of a moment, ms. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

/** In which of the columns of a span a moment is. */
export const columnOf = (at: number, [begin, end]: readonly [begin: number, end: number]): number =>
  Math.min(CURVE_WIDTH - 1, Math.max(0, Math.floor(((at - begin) / (end - begin)) * CURVE_WIDTH)));

/** The means of equal parts of a span, ms; a part without a value is empty, as a nought is. */
export const curve = (points: readonly Point[], span: readonly [begin: number, end: number]): string => {
  const parts = Array.from({ length: CURVE_WIDTH }, () => ({ sum: 0, count: 0 }));
  for (const { at, value } of points) {
    const part = parts[columnOf(at, span)];
    if (part === undefined) continue;
    part.sum += value;
    part.count += 1;
  }
  return sparkline(parts.map(({ sum, count }) => (count === 0 ? 0 : sum / count)));
};
