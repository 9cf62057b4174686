import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/bundles.ts';

/** A hello world, as text. */
export const HELLO = "exports.handler = async () => ({ statusCode: 200, body: 'hello' });\n";

/** Writes the code of a hello world, which functions and the API are measured beside. @returns its folder */
export const helloFolder = (): string => {
  const folder = join(ROOT, 'bench/out/hello');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}\n');
  writeFileSync(join(folder, 'index.js'), HELLO);
  return folder;
};
