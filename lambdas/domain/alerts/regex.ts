import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** By its name in `imports` of package.json, when the first pattern is met: most alerts are routed without any. */
const load = createRequire(import.meta.filename);

let engine: typeof RE2JS | undefined;

const re2 = (): typeof RE2JS => {
  // What is loaded is runtime/re2.ts, which exports this and nothing else.
  engine ??= (load('#re2') as { readonly RE2JS: typeof RE2JS }).RE2JS;
  return engine;
};

/**
 * A regular expression of somebody else's, over the whole of a text. RE2's engine, since Alertmanager means RE2, and since no
 * pattern keeps it longer than the text is long. @throws Error saying why it is none
 */
export const wholeMatch = (pattern: string): ((text: string) => boolean) => {
  const compiled = re2().compile(`^(?:${pattern})$`);
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
