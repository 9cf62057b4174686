import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** What a file says, or with `-` standard input. @throws UsageError where it cannot be read */
export const fileText = async ({ stdin }: Io, file: string): Promise<string> => {
  if (file === '-') return text(stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new UsageError(`${file} cannot be read${code}.`);
  }
};
