import { Readable } from 'node:stream';
import type { Io } from '../../cli/io.ts';
import { run } from '../../cli/program.ts';

export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly env?: Record<string, string>;
  /** Typed at the prompt: standard input is a terminal then. */
  readonly answers?: string;
  readonly interrupted?: AbortSignal;
}

/** Runs a command line in this process, as a shell without a terminal would, and keeps all it printed. */
export const type = async (
  line: string | readonly string[],
  { env = {}, answers, interrupted }: Surroundings = {},
): Promise<Typed> => {
  let out = '';
  let err = '';
  const stdin = Object.assign(Readable.from(answers === undefined ? [] : [answers]), { isTTY: answers !== undefined });
  const io: Io = {
    env: { HOME: '/nonexistent', NOVACRON_HOME: '/nonexistent', ...env },
    stdin,
    stdout: {
      write(text: string) {
        out += text;
      },
    },
    stderr: {
      write(text: string) {
        err += text;
      },
    },
    interrupted: interrupted ?? new AbortController().signal,
  };
  const words = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const code = await run(words, io);
  return { code, out, err };
};
