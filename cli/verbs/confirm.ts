import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError, UsageError } from '../exit-codes.ts';
import type { Io } from '../io.ts';

/** Asks a person before what cannot be undone. @throws UsageError where nobody can be asked, CliError on a no */
export const confirm = async (io: Io, question: string): Promise<void> => {
  if (!io.stdin.isTTY) throw new UsageError(`${question} Nobody can be asked here: say --yes.`);
  const output = new Writable({
    write(chunk, _encoding, done) {
      io.stderr.write(String(chunk));
      done();
    },
  });
  const reader = createInterface({ input: io.stdin, output });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: io.interrupted });
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was done.');
  } finally {
    reader.close();
  }
};
