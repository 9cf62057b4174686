import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** The clients whose schemas have computed keys; the others shrink by themselves. */
const CLIENTS = ['client-ec2', 'client-s3', 'client-ssm', 'client-sns'] as const;
export type SlimClient = (typeof CLIENTS)[number];

/** `const _IId = "InstanceId";`: the names that a client's schemas are written with. */
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

/** Made aside and moved into place, so that two syntheses at once never see half of it. */
const moveInto = (draft: string, place: string): void => {
  try {
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true });
  }
};

/** Path of a copy of an installed SDK client from which a bundler can drop what is not used; made once a version. */
export const slimClient = (name: SlimClient): string => {
  const original = join(ROOT, 'node_modules/@aws-sdk', name);
  const { version } = JSON.parse(readFileSync(join(original, 'package.json'), 'utf8'));
  const copy = join(ROOT, '.novacron/slim', `${name}-${version}`);
  const entry = join(copy, 'dist-es/index.js');
  if (existsSync(entry)) return entry;
  const draft = `${copy}.${process.pid}`;
  cpSync(join(original, 'dist-es'), join(draft, 'dist-es'), { recursive: true });
  cpSync(join(original, 'package.json'), join(draft, 'package.json'));
  const schemas = join(draft, 'dist-es/schemas/schemas_0.js');
  writeFileSync(schemas, literalKeys(readFileSync(schemas, 'utf8')));
  moveInto(draft, copy);
  return entry;
};

/**
 * The bundler's aliases for all of them: a function that holds client-ec2 falls from 333 to 210 kB of gzip.
 * test/stacks/slim-clients.test.ts compares requests and answers with the originals'.
 */
export const slimClients = (): Record<string, string> =>
  Object.fromEntries(CLIENTS.map((name) => [`@aws-sdk/${name}`, slimClient(name)]));
