import { RE2JS } from 're2js';

/**
 * A regular expression of somebody else's, over the whole of a text. RE2's engine, since Alertmanager means RE2, and since no
 * pattern keeps it longer than the text is long. @throws Error saying why it is none
 */
export const wholeMatch = (pattern: string): ((text: string) => boolean) => {
  const compiled = RE2JS.compile(`^(?:${pattern})$`);
  return (text) => compiled.test(text);
};

/** Whether this is a regular expression. */
export const isRegex = (pattern: string): boolean => {
  try {
    return wholeMatch(pattern) !== undefined;
  } catch {
    return false;
  }
};
