/** The value below which `share` (0 to 1) of the samples lie. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/**
 * Measures contestants in turn, A B A B: a machine that is busy for a while is equally busy for all of them.
 * @returns the samples of each, in the order of the contestants
 */
export const interleaved = async (
  rounds: number,
  contestants: readonly (() => Promise<number> | number)[],
): Promise<number[][]> => {
  const samples: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, measure] of contestants.entries()) samples[index]?.push(await measure());
  }
  return samples;
};

/** To at most two places, for people. */
export const rounded = (value: number): number => Math.round(value * 100) / 100;
