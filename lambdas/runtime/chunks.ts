/** The items in lists of at most `size`. */
export const chunked = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

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
