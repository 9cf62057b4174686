/** Edits (insert, delete, change, swap of neighbours) that make one word of the other. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const at = (row: readonly number[], k: number) => row[k] ?? Number.POSITIVE_INFINITY;
      let best = Math.min(at(previous, j) + 1, at(current, j - 1) + 1, at(previous, j - 1) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, at(before, j - 2) + 1);
      current[j] = best;
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? b.length;
};

/** The known words that were likely meant, nearest first, at most three. */
export const suggest = (word: string, known: Iterable<string>): string[] => {
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({ candidate, edits: candidate.startsWith(word) ? 1 : distance(word, candidate) }))
    .filter(({ edits }) => edits <= tolerance)
    .sort((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
};

/** ` Did you mean web-1 or web-2?`, or nothing. */
export const didYouMean = (word: string, known: Iterable<string>): string => {
  const meant = suggest(word, known);
  return meant.length === 0 ? '' : ` Did you mean ${meant.join(' or ')}?`;
};
