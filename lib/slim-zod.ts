import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** What zod brings to each schema so that it can be written as JSON Schema: 5 kB of gzip that no function uses. */
const UNUSED = ['v4/core/json-schema-processors.js', 'v4/core/to-json-schema.js'];

const EXPORTED = /^export (?:const|function) (\w+)/gm;

/** A module of the same names that can do nothing; each is a function that gives one, for zod calls some at once. */
const stubOf = (source: string): string => {
  const names = Array.from(source.matchAll(EXPORTED), ([, name]) => `export const ${name} = none;`);
  const none = "const none = () => () => { throw new Error('functions are bundled without JSON Schema'); };";
  return [none, 'export { none as process };', ...names, ''].join('\n');
};

/** Path of a copy of the installed zod without the making of JSON Schema; made once a version. */
export const slimZod = (): string => {
  const original = join(ROOT, 'node_modules/zod');
  const { version } = JSON.parse(readFileSync(join(original, 'package.json'), 'utf8'));
  const copy = join(ROOT, '.novacron/slim', `zod-${version}`);
  const entry = join(copy, 'index.js');
  if (existsSync(entry)) return entry;
  const draft = `${copy}.${process.pid}`;
  cpSync(original, draft, { recursive: true });
  for (const file of UNUSED) writeFileSync(join(draft, file), stubOf(readFileSync(join(draft, file), 'utf8')));
  try {
    renameSync(draft, copy);
  } catch (error) {
    if (!existsSync(copy)) throw error;
    rmSync(draft, { recursive: true });
  }
  return entry;
};
