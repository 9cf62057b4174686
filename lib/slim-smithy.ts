import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Edit, installed, slimCopy, stubOf } from './slim-copy.ts';

const without = (what: string): Edit =>
  stubOf(`function () { throw new Error('functions are bundled without ${what}'); }`);

/** As in a home folder without files: a function's settings are in its environment. */
const withoutFiles: Edit = () => `export { CONFIG_PREFIX_SEPARATOR } from './constants';
export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });
`;

/** Which Regions a partition has is told by a pattern beside their names; `partition` asks the names first, and finds no more in them. */
const withoutRegions: Edit = (source) => source.replace(/("regions": )\{(?:\s*"[\w-]+": \{[^}]*\},?)*\s*\}/g, '$1{}');

/** What the core of all clients brings along for other places than a function: 4 kB of gzip. By file. */
const EDITS: Readonly<Record<string, Edit>> = {
  // For a Node that has no hashes of its own.
  'checksum/sha256/Sha256Js.js': without('SHA-256 in JavaScript'),
  'checksum/md5/Md5Js.js': without('MD5 in JavaScript'),
  // For EC2 instances that do not say in which Region they are.
  'config/config-resolver/regionConfig/getInstanceMetadataRegion.js': without('the metadata service'),
  'config/shared-ini-file-loader/loadSharedConfigFiles.js': withoutFiles,
  // Our clients ask for the standard mode.
  'retry/util-retry/AdaptiveRetryStrategy.js': without('adaptive retries'),
};

/** It warns those whose Node gets no newer clients. Ours is the runtime that lib/ names. */
const withoutWarning: Edit = () => `export const state = { warningEmitted: false };
export const emitWarningIfUnsupportedVersion = () => undefined;
`;

/** The same of AWS's own part of it: 1 kB. */
const AWS_EDITS: Readonly<Record<string, Edit>> = {
  'client/util-endpoints/lib/aws/partitions.js': withoutRegions,
  'client/emitWarningIfUnsupportedVersion.js': withoutWarning,
};

const SUBMODULES = 'dist-es/submodules';

/** A package and each of its parts, which name each other by the package's name. */
const aliasesOf = (name: string, edited: Readonly<Record<string, Edit>>): Record<string, string> => {
  const edits = Object.fromEntries(Object.entries(edited).map(([file, edit]) => [`${SUBMODULES}/${file}`, edit]));
  const copy = slimCopy({ name, folder: 'dist-es', edits });
  const { exports } = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8'));
  const parts = Object.entries<{ module: string }>(exports).filter(([, { module }]) => module.endsWith('.js'));
  return Object.fromEntries(parts.map(([part, { module }]) => [join(name, part), join(copy, module)]));
};

/** The bundler's aliases for the cores of the SDK's clients. */
export const slimSmithy = (): Record<string, string> => ({
  ...aliasesOf('@smithy/core', EDITS),
  ...aliasesOf('@aws-sdk/core', AWS_EDITS),
});
