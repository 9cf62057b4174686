import * as z from 'zod';

/** Inside a class of a pattern: the control characters, by code point, for generators of test data know no `\p{Cc}`. */
export const CONTROLS = '\\u0000-\\u001f\\u007f-\\u009f';

const PLAIN = new RegExp(`^(?:(?!\\{\\{|\\}\\})[^${CONTROLS}])+$`);

/** The same, empty or not. */
const PLAIN_OR_EMPTY = new RegExp(`^(?:(?!\\{\\{|\\}\\})[^${CONTROLS}])*$`);

/**
 * Text that people and programs write and that others will print: no control characters, and no `{{` or `}}`, which SSM
 * documents and templates would take for a parameter. Shell and XML characters are harmless here: no such text reaches a
 * shell, and XML is generated from a model.
 */
export const PlainText = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(PLAIN, 'no control characters, and neither {{ nor }}')
    .refine(isPlain, 'no control characters');

/** Without control characters and half surrogates, which no pattern of a schema can name for every reader. */
export const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);

/** The same that may be empty, as the value of a label may. */
export const PlainOrEmptyText = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(PLAIN_OR_EMPTY, 'no control characters, and neither {{ nor }}')
    .refine(isPlain, 'no control characters');
