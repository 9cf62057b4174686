import { createRequire } from 'node:module';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../lib/bundles.ts';
import { slimCopy } from '../../lib/slim-copy.ts';
import { slimSmithy } from '../../lib/slim-smithy.ts';
import { slimZod } from '../../lib/slim-zod.ts';

const require = createRequire(import.meta.url);

const SLIM = { ...slimSmithy(), zod: slimZod() };

/** What a module that a bundler makes of these lines exports. */
const bundled = (lines: string, name: string, alias: Record<string, string> = SLIM) => {
  const outfile = `${ROOT}/.novacron/slim/${name}.cjs`;
  buildSync({
    stdin: { contents: lines, resolveDir: ROOT },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    alias,
    logLevel: 'error',
  });
  return require(outfile);
};

describe("the slim core of the SDK's clients", () => {
  const core = bundled(
    "export * from '@smithy/core/checksum'; export * from '@smithy/core/config'; export * from '@smithy/core/retry';",
    'core',
  );

  it("hashes by Node's own", async () => {
    const hash = new core.Sha256();
    hash.update(Buffer.from('abc'));
    expect(Buffer.from(await hash.digest()).toString('hex')).toMatch(/^ba7816bf8f01cfea/);
    expect(() => new core.Sha256Js()).toThrow('functions are bundled without SHA-256 in JavaScript');
  });

  it('takes settings from the environment, else the default, and looks for no file', async () => {
    const setting = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: 'x' };
    expect(await core.loadConfig(setting)()).toBe('x');
    expect(await core.loadConfig({ ...setting, environmentVariableSelector: () => 'env' })()).toBe('env');
    expect(await core.loadSharedConfigFiles()).toEqual({ configFile: {}, credentialsFile: {} });
  });

  it('retries in the standard mode, and says that there is no other', () => {
    expect(() => new core.StandardRetryStrategy(3)).not.toThrow();
    expect(() => new core.AdaptiveRetryStrategy(3)).toThrow('functions are bundled without adaptive retries');
  });

  const lines = "export { partition } from '@aws-sdk/core/client';";
  const [slim, original] = [bundled(lines, 'partition'), bundled(lines, 'all-partitions', {})];

  it.each([
    ...['eu-central-1', 'us-east-1', 'mx-central-1', 'cn-north-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1'],
    ...['us-isob-east-1', 'eu-isoe-west-1', 'us-isof-south-1'],
  ])('finds the partition of %s by its pattern as the original does by its name', (region) => {
    const { description, ...outputs } = original.partition(region);
    expect(description).toMatch(/./);
    expect(slim.partition(region)).toEqual(outputs);
  });
});

describe('the slim zod', () => {
  const { z } = bundled("import * as z from 'zod'; export { z };", 'zod');

  it('knows the formats by their own names, and not as methods of a string', () => {
    expect(z.email().safeParse('a@b.test').success).toBe(true);
    expect(z.iso.datetime().safeParse('today').success).toBe(false);
    expect(z.string().email).toBeUndefined();
    expect(z.string().trim().min(1).regex(/b/).parse(' b ')).toBe('b');
  });

  it('makes no JSON Schema', () => {
    expect(() => z.string().toJSONSchema()).toThrow('functions are bundled without JSON Schema');
  });
});

it('says when a package is not what its edit is for', () => {
  const edits = { 'index.js': (source: string) => source };
  expect(() => slimCopy({ name: '@middy/core', edits })).toThrow('@middy/core/index.js is not what it was');
});
