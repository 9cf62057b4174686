import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { runner } from '../../cli/command-tree.ts';
import { declareProgram } from '../../cli/program.ts';
import { referenceOf } from '../../cli/reference.ts';

it('docs/cli.md is what `node cli/write-reference.ts` writes', () => {
  const silent = { write: () => undefined };
  const interrupted = new AbortController().signal;
  const io = { env: {}, stdin: new PassThrough(), stdout: silent, stderr: silent, interrupted };
  const program = declareProgram(io, runner(io, { opened: () => {}, ended: () => {} }));
  expect(readFileSync(join(import.meta.dirname, '../../docs/cli.md'), 'utf8')).toBe(referenceOf(program));
});
