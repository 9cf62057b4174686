import { join } from 'node:path';
import { slimCopy } from './slim-copy.ts';

/**
 * The clients whose schemas have computed keys, and those that bring a class for each error that their service may answer;
 * the others shrink by themselves. Of the latter's classes only those listed are kept: code of ours asks for them by class.
 */
const CLIENTS = {
  'client-cloudwatch': [],
  'client-ec2': undefined,
  'client-s3': undefined,
  'client-sns': undefined,
  'client-ssm': [],
  'client-sfn': [],
  'client-dynamodb': ['TransactionCanceledException'],
  'client-sqs': [],
} as const satisfies Record<string, readonly string[] | undefined>;
export type SlimClient = keyof typeof CLIENTS;

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

/** `n0_registry.registerError(Throttled$, Throttled);` */
const REGISTERED = /^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm;

/**
 * The schemas without the classes of errors that nobody asks for by class. An error that is not registered is the
 * service's base exception with its own name, message and fields, which is all that we look at.
 */
export const fewerErrors = (source: string, kept: readonly string[]): string =>
  source.replace(REGISTERED, (line, name: string) => (kept.includes(name) ? line : ''));

const slimmed = (name: SlimClient, source: string): string => {
  const kept: readonly string[] | undefined = CLIENTS[name];
  return literalKeys(kept === undefined ? source : fewerErrors(source, kept));
};

/** The entry of a copy of an installed SDK client from which a bundler can drop what is not used. */
export const slimClient = (name: SlimClient): string => {
  const edits = { 'dist-es/schemas/schemas_0.js': (source: string) => slimmed(name, source) };
  return join(slimCopy({ name: `@aws-sdk/${name}`, folder: 'dist-es', edits }), 'dist-es/index.js');
};

/** The tables' client makes pagers of its commands as it is loaded: a bundler keeps them, unless the manifest says that nothing happens then. 0.5 kB. */
const slimTables = (): string =>
  join(slimCopy({ name: '@aws-sdk/lib-dynamodb', folder: 'dist-es', edits: {} }), 'dist-es/index.js');

/**
 * The bundler's aliases for all of them: a function that holds client-ec2 falls from 333 to 210 kB of gzip.
 * test/stacks/slim-clients.test.ts compares requests and answers with the originals'.
 */
export const slimClients = (): Record<string, string> => ({
  '@aws-sdk/lib-dynamodb': slimTables(),
  ...Object.fromEntries(
    // The keys of CLIENTS are what its type says.
    (Object.keys(CLIENTS) as SlimClient[]).map((name) => [`@aws-sdk/${name}`, slimClient(name)]),
  ),
});
