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

/** A while, ms, of which there is no value, and how that is drawn. */
interface Empty {
  readonly from: number;
  readonly to: number;
  readonly mark: string;
}

/** The means of equal parts of a span, ms; a part without a value has the mark of the while that it is in, or is empty, as a nought is. */
export const curve = (
  points: readonly Point[],
  span: readonly [begin: number, end: number],
  empty: readonly Empty[] = [],
): string => {
  const parts = Array.from({ length: CURVE_WIDTH }, () => ({ sum: 0, count: 0 }));
  for (const { at, value } of points) {
    const part = parts[columnOf(at, span)];
    if (part === undefined) continue;
    part.sum += value;
    part.count += 1;
  }
  const [begin, end] = span;
  const drawn = sparkline(parts.map(({ sum, count }) => (count === 0 ? 0 : sum / count)));
  const marked = [...drawn].map((mark, column) => {
    const middle = begin + ((column + 0.5) / CURVE_WIDTH) * (end - begin);
    const found = empty.find(({ from, to }) => from <= middle && middle < to);
    return found && parts[column]?.count === 0 ? found.mark : mark;
  });
  return marked.join('');
};
