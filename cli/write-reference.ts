import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runner } from './command-tree.ts';
import { declareProgram } from './program.ts';
import { referenceOf } from './reference.ts';

/** Writes docs/cli.md from the command tree. */
const silent = { write: () => undefined };
const io = {
  env: {},
  stdin: new PassThrough(),
  stdout: silent,
  stderr: silent,
  interrupted: new AbortController().signal,
};
const program = declareProgram(io, runner(io, { opened: () => {}, ended: () => {} }));
writeFileSync(join(import.meta.dirname, '../docs/cli.md'), referenceOf(program));
