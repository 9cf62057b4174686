import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** `const _IId = "InstanceId";`: the names that the schemas of client-ec2 are written with. */
const CONSTANT = /^const (_\w+) = ("(?:[^"\\]|\\.)*");$/gm;
/** `[_IId]:` as the key of an object literal. */
const COMPUTED_KEY = /\[(_\w+)\]:/g;

/**
 * The same object literals with their keys written out. A bundler must keep a literal with computed keys, for computing
 * a key might have side effects: so the schemas of all 700 EC2 actions stay in a bundle that uses ten.
 */
export const literalKeys = (source: string): string => {
  const values = new Map(Array.from(source.matchAll(CONSTANT), ([, name = '', value = '']) => [name, value]));
  return source.replace(COMPUTED_KEY, (key, name: string) => (values.has(name) ? `${values.get(name)}:` : key));
};

/**
 * Path of a copy of the installed @aws-sdk/client-ec2 from which a bundler can drop what is not used: half the gzip size
 * of a function (figures: npm run bench). Made once a version; test/stacks/slim-ec2.test.ts compares
 * requests and answers with the original's.
 */
export const slimEc2 = (): string => {
  const original = join(ROOT, 'node_modules/@aws-sdk/client-ec2');
  const { version } = JSON.parse(readFileSync(join(original, 'package.json'), 'utf8'));
  const copy = join(ROOT, '.novacron/slim', `client-ec2-${version}`);
  const entry = join(copy, 'dist-es/index.js');
  if (existsSync(entry)) return entry;
  // Made aside and moved into place, so that two syntheses at once never see half of it.
  const draft = `${copy}.${process.pid}`;
  cpSync(join(original, 'dist-es'), join(draft, 'dist-es'), { recursive: true });
  cpSync(join(original, 'package.json'), join(draft, 'package.json'));
  const schemas = join(draft, 'dist-es/schemas/schemas_0.js');
  writeFileSync(schemas, literalKeys(readFileSync(schemas, 'utf8')));
  moveInto(draft, copy);
  return entry;
};

const moveInto = (draft: string, place: string): void => {
  try {
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true });
  }
};
