import { UsageError } from './exit-codes.ts';

/** Labels as they are typed: `severity=page`. @throws UsageError */
export const labelsOf = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at <= 0) throw new UsageError(`${word} is no label: severity=critical.`);
      return [word.slice(0, at), word.slice(at + 1).replace(/^"(.*)"$/, '$1')];
    }),
  );
