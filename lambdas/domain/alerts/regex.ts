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

/** Whether a regular expression of somebody else's is met anywhere in a text. @throws Error saying why it is none */
export const isFound = (pattern: string, text: string): boolean => re2().compile(pattern).matcher(text).find();

const REFERENCE = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;

/** What stands in the place of what was found, `$1` and `${name}` being what its groups found (Go's `Regexp.Expand`). */
const expanded = (by: string, groupOf: (name: string) => string): string =>
  by.replace(REFERENCE, (_, dollar?: string, name?: string, braced?: string) =>
    dollar === undefined ? groupOf(name ?? braced ?? '') : dollar,
  );

/** A text with all that a regular expression finds replaced, as Go does it. @throws Error saying why it is none */
export const replacedAll = (pattern: string, by: string, text: string): string => {
  const compiled = re2().compile(pattern);
  const named: Readonly<Record<string, number>> = compiled.namedGroups();
  const matcher = compiled.matcher(text);
  let [replaced, last] = ['', 0];
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    const group = (name: string): string => {
      const number = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(named, name) ? named[name] : undefined;
      return number === undefined || number > matcher.groupCount() ? '' : (matcher.group(number) ?? '');
    };
    // Nothing that is found right behind something is nothing new.
    replaced += text.slice(last, start) + (end > last || start === 0 ? expanded(by, group) : '');
    last = end;
  }
  return replaced + text.slice(last);
};
