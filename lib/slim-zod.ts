import { join } from 'node:path';
import { slimCopy, stubOf } from './slim-copy.ts';

/**
 * What zod brings to each schema so that it can be written as JSON Schema: 5 kB of gzip that no function uses. Its
 * functions give one that throws, for zod calls some at once.
 */
const withoutJsonSchema = stubOf("() => () => { throw new Error('functions are bundled without JSON Schema'); }", [
  'process',
]);

/** `email(params) { return this.check(core._email(ZodEmail, params)); },`: a deprecated method of `z.string()`. */
const FORMAT_METHOD = /^ {4}\w+\(params\) \{\n {8}return this\.check\(core\._\w+\(Zod\w+, params\)\);\n {4}\},\n/gm;

/** `z.string().email()` and its like bring every format along, 2 kB of gzip; `z.email()` brings its own. */
const withoutFormatMethods = (source: string): string => source.replace(FORMAT_METHOD, '');

/** The entry of a copy of the installed zod without what no function uses. */
export const slimZod = (): string => {
  const edits = {
    'v4/core/json-schema-processors.js': withoutJsonSchema,
    'v4/core/to-json-schema.js': withoutJsonSchema,
    'v4/classic/schemas.js': withoutFormatMethods,
  };
  return join(slimCopy({ name: 'zod', edits }), 'index.js');
};
