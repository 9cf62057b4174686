import { parseRegex } from './regex-parse.ts';
import { matcherOf } from './regex-run.ts';

/**
 * A regular expression of somebody else's, over the whole of a text: as Alertmanager means it, which is RE2's way, so that no
 * pattern keeps it long. @throws Error saying why it is none
 */
export const wholeMatch = (pattern: string): ((text: string) => boolean) => matcherOf(parseRegex(`^(?:${pattern})$`));

/** Whether this is a regular expression. */
export const isRegex = (pattern: string): boolean => {
  try {
    return wholeMatch(pattern) !== undefined;
  } catch {
    return false;
  }
};
