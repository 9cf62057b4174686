import * as z from 'zod';

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
    .refine(isPlain, 'no control characters')
    .refine((text) => !/\{\{|\}\}/.test(text), 'no {{ or }}');

/** Without control characters and half surrogates. Not a pattern of the schema: generators of test data cannot read it. */
export const isPlain = (text: string): boolean => !/[\p{Cc}\p{Cs}]/u.test(text);
