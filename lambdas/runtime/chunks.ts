/** The items in lists of at most `size`. */
export const chunked = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/** The items in lists of at most `size`, and of at most `weight` together where no single one is heavier. */
export const filled = <T>(items: readonly T[], size: number, weight: number, weightOf: (item: T) => number): T[][] => {
  const lists: T[][] = [];
  let left = 0;
  for (const item of items) {
    const last = lists.at(-1);
    const weighs = weightOf(item);
    if (last && last.length < size && weighs <= left) last.push(item);
    else {
      lists.push([item]);
      left = weight;
    }
    left -= weighs;
  }
  return lists;
};

/** Does the work for every item, at most `width` at once; the first failure is thrown once those of its chunk have ended. */
export const atMost = async <T>(
  width: number,
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> => {
  for (const chunk of chunked(items, width)) {
    const ended = await Promise.allSettled(chunk.map(work));
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }
};
